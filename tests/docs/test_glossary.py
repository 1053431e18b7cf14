"""The glossary speaks of the code that is there."""

import re
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
GLOSSARY: Final = (ROOT / "docs/glossary.md").read_text("utf-8")
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and not line.startswith("| Word")
]
NAMES: Final = sorted({name for row in ROWS for name in re.findall(r"`([\w.]+)`", row[-1])})


def resolve(name: str) -> object:
    """The module, or what a module holds under the rest of the name."""
    module, rest = name, ""
    while True:
        try:
            found: object = import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name) or "." not in module:
                raise
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}".strip(".")
        else:
            for part in rest.split(".") if rest else ():
                found = getattr(found, part)
            return found


@pytest.mark.parametrize("name", NAMES)
def test_a_code_name_in_the_glossary_is_in_the_code(name: str) -> None:
    assert resolve(name) is not None


def test_every_word_has_a_meaning_a_vietnamese_word_and_stands_once() -> None:
    assert len(ROWS) > 50
    assert all(len(row) == 4 and all(row) for row in ROWS)
    words = [row[0] for row in ROWS]
    assert len(set(words)) == len(words)


def test_a_name_that_is_not_there_would_be_found_out() -> None:
    with pytest.raises(AttributeError):
        resolve("mqtt.contract.releases.NoSuchThing")
    with pytest.raises(ModuleNotFoundError):
        resolve("nowhere.at.all")


def test_every_decision_is_listed_says_what_it_costs_and_fits_a_page() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text("utf-8")
    for page in folder.glob("0*.md"):
        text = page.read_text("utf-8")
        assert f"({page.name})" in listed
        assert all(f"**{part}" in text for part in ("Decided.", "Why.", "Costs.", "Would change our mind."))
        assert len(text.splitlines()) <= 60
