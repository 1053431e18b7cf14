# Every target sets up what it needs: on a bare Debian 12 `make demo` and `make test` are the only two commands to know.
.PHONY: help setup demo smoke test gate bench fuzz conformance chaos offline lock reference clean
.DEFAULT_GOAL := help
BIN := .venv/bin
# Bytecode is kept, and outside the sources, whatever the environment says: most of a second run's start is saved.
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache
unexport PYTHONDONTWRITEBYTECODE
# Unit tests write in memory where that is possible: thousands of fsyncs wait for no disk.
MEMORY := $(firstword $(wildcard /dev/shm) /tmp)

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## Install system packages (apt) and the locked environment (.venv)
	@.ci/setup

demo: setup  ## A practice office and one booth with two screens on this machine
	@$(BIN)/boothctl practice demo

smoke: setup  ## The demo without a person: publish, cut, cold boot, resume, each really checked
	@$(BIN)/boothctl practice smoke

test: gate  ## Everything: the gate, then the suites on real brokers, browsers and screens, then the smoke
	$(BIN)/pytest -q -m "broker or database or browser or screen or image or disk"
	@$(BIN)/python -m tests.fuzz --cases 2000
	@$(BIN)/python -m tests.chaos --n 30
	@$(BIN)/boothctl practice smoke

gate: setup  ## Format, lint, types, imports, unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@memory=$$(mktemp -d -p $(MEMORY) gatebooth-XXXXXX) && chmod 755 "$$memory" && trap 'rm -rf "$$memory"' EXIT && TMPDIR=$$memory \
		$(BIN)/pytest -q -n auto -m "not broker and not database and not browser and not screen and not image and not disk"

bench: setup  ## Figures against a named reference: make bench [ONLY=goodput,rough,edits,memory,video,fanout,events,week,notices,gate]
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

fuzz: setup  ## Every parser of foreign bytes under spoilt samples: make fuzz [N=100000] [SEED=1] [ONLY=trust] [REPLAY=file]
	@$(BIN)/python -m tests.fuzz $(if $(REPLAY),--replay $(REPLAY),--cases $(or $(N),100000)) $(if $(SEED),--seed $(SEED)) \
		$(if $(ONLY),--only "$(ONLY)")

conformance: setup  ## The public tuf-conformance suite around our trust: make conformance SUITE=its checkout
	@tests/conformance/run "$(SUITE)"

chaos: setup  ## Break a real world at random points: make chaos [N=1000] [SEED=…]
	@$(BIN)/python -m tests.chaos --everywhere --n $(or $(N),1000) $(if $(SEED),--seed $(SEED))

offline: setup  ## Months without a line under a faked clock, both panels looked at: make offline [DAYS=180]
	@$(BIN)/python -m tests.offline --days $(or $(DAYS),180)

lock:  ## Renew requirements.lock: universal, with hashes, without any address
	@[ -x $(BIN)/uv ] || .ci/setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --all-extras pyproject.toml --output-file requirements.lock

reference: setup  ## Write docs/reference anew from the contract
	$(BIN)/boothctl contract export docs/reference

clean:  ## Remove what was built here
	rm -rf build .venv
