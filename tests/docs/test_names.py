"""What the documentation names is there: modules, commands, make targets, pages."""

import re
import shlex
from pathlib import Path
from typing import Final

import click
import pytest

from mqtt.contract.errors import ErrorCode
from mqtt.office.reference.commands import programs

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if "reference" not in page.parts
)
_CODE: Final = re.compile(r"`([^`]+)`")
_BLOCK: Final = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)#:]+?)(?:#[^)]*)?\)")
_PATH: Final = re.compile(r"(appliance|mqtt|provisioning|tests|image|docs)/[\w./-]*")
_TARGET: Final = re.compile(r"^([a-z]+):", re.MULTILINE)


def _text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def _code(page: str) -> list[str]:
    text = _text(page)
    blocks = [line for line in _BLOCK.findall(text) if "   " not in line or "#" in line]  # drawings have gaps
    return [*(" ".join(code.split()) for code in _CODE.findall(text)), *blocks]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    here = (ROOT / page).parent
    prose = _CODE.sub("", _BLOCK.sub("", _text(page)))
    assert [target for target in _LINK.findall(prose) if not (here / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_of_ours_is_there(page: str) -> None:
    named = [code.split("#", maxsplit=1)[0] for code in _code(page) if _PATH.fullmatch(code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one(page: str) -> None:
    wrong = []
    targets = set(_TARGET.findall(_text("Makefile")))
    for code in _code(page):
        words = shlex.split(code.replace("…", ""), comments=True) if code.count("'") % 2 == 0 else []
        if words[:1] == ["make"] and len(words) > 1 and words[1] not in targets:
            wrong.append(code)
        if words[:1] and words[0] in programs() and len(words) > 1:
            wrong += [] if _is_command(programs()[words[0]], words[1:]) else [code]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_every_error_code_is_one(page: str) -> None:
    known = {code.value for code in ErrorCode}
    assert set(re.findall(r"\bE_[A-Z_]+[A-Z]\b", _text(page))) - known == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs/guides").glob("*.en.md")), ids=lambda page: page.name)
def test_each_guide_says_the_same_in_both_languages(page: Path) -> None:
    """As far as headings, rows and steps can tell."""
    other = page.with_name(page.name.replace(".en.", ".vi."))
    bones = [
        [line[:2] for line in file.read_text("utf-8").splitlines() if re.match(r"#|\||\d\.|-", line)]
        for file in (page, other)
    ]
    assert bones[0] == bones[1]


def _is_command(command: click.Command, words: list[str]) -> bool:
    """Whether the words are sub-commands as far as there are groups, and options of the last."""
    for place, word in enumerate(words):
        if not isinstance(command, click.Group):
            options = {option for param in command.params for option in param.opts}
            given = {option.partition("=")[0] for option in words[place:] if option.startswith("--")}
            return given <= options | {"--help"}
        if re.fullmatch(r"[a-z|]+", word) is None:
            return True
        below = [command.get_command(click.Context(command), name) for name in word.split("|")]
        if None in below:
            return False
        command = below[0]  # type: ignore[assignment]
    return True
