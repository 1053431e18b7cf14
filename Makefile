# Every target sets up what it needs: on a bare Debian 12 `make demo` and `make test` are the only two commands to know.
.PHONY: help setup demo smoke test gate bench lock reference clean
.DEFAULT_GOAL := help
BIN := .venv/bin

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Install system packages (apt) and the locked environment (.venv)
	@.ci/setup

demo: setup  ## A practice office and one booth with two screens on this machine
	@$(BIN)/boothctl practice demo

smoke: setup  ## The demo without a person: publish, cut, cold boot, resume, each really checked
	@$(BIN)/boothctl practice smoke

test: gate  ## Everything: the gate, then the suites on real brokers, browsers and screens, then the smoke
	$(BIN)/pytest -q -m "broker or database or browser or screen or image"
	@$(BIN)/boothctl practice smoke

gate: setup  ## Format, lint, types, imports, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q -m "not broker and not database and not browser and not screen and not image"

bench: setup  ## Figures against a named reference: make bench [ONLY=goodput,edits,memory,gate]
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

lock:  ## Renew requirements.lock: universal, with hashes, without any address
	@[ -x $(BIN)/uv ] || .ci/setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --all-extras pyproject.toml --output-file requirements.lock

reference: setup  ## Write docs/reference anew from the contract
	$(BIN)/boothctl contract export docs/reference

clean:  ## Remove what was built here
	rm -rf build .venv
