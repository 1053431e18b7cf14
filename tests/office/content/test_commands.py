"""``boothctl content`` at the terminal: one line per mistake, exit codes a script can trust."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.commands.content import content
from mqtt.office.content.regulation import required_languages

ITEM = "essentials/dic/money"


def _run(source: Any, *arguments: str) -> tuple[int, list[str]]:
    command, *rest = arguments
    home = str(source.root.parent / "office")
    result = CliRunner().invoke(content, [command, str(source.root), *rest], env={"GATEBOOTH_HOME": home})
    return result.exit_code, result.output.splitlines()


def test_check_ends_well_without_errors(source: Any) -> None:
    code, lines = _run(source, "check")
    assert (code, lines[-1]) == (0, "0 errors, 0 warnings")


def test_check_says_each_mistake_on_one_line_and_fails(source: Any) -> None:
    source.replace(f"{ITEM}/vi.md", "order = 10", "order = ten")
    code, lines = _run(source, "check")
    assert code == 1
    assert lines[0].startswith(f"{ITEM}/vi.md:7: error E_SOURCE_FRONT: ")
    assert lines[0].endswith(ErrorCode.SOURCE_FRONT.remedy)
    assert lines[-1] == "1 errors, 0 warnings"


def test_check_follows_the_regulation_of_the_office(source: Any) -> None:
    """What languages a category needs is the authority's to say."""
    (source.root / ITEM / "km.md").unlink()
    assert _run(source, "check")[0] == 1
    source.put("../office/authority/authority.toml", 'x = 1\n[categories.essentials]\nlanguages = ["vi", "en"]\n')
    code, lines = _run(source, "check")
    assert (code, len(lines), lines[1]) == (0, 2, "0 errors, 1 warnings")
    assert lines[0].startswith(f"{ITEM}/km.md:1: warning E_SOURCE_LANGUAGE: no text in 'km'")


@pytest.mark.parametrize("text", ["categories = 3", "[categories.essentials]\nlanguages = 'vi'", "[["])
def test_a_regulation_that_cannot_be_read_is_not_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "authority.toml").write_text(text)
    with pytest.raises(ContractError) as caught:
        required_languages(tmp_path)
    assert caught.value.code is ErrorCode.CONFIG


def test_coverage_is_a_list_of_cells_for_scripts(source: Any) -> None:
    code, lines = _run(source, "coverage", "--json")
    cells = json.loads("\n".join(lines))
    assert code == 0
    assert {"stream": 3, "gate": "cat-bi", "language": "lo", "visitor": "tourist", "items": 1} in cells


def test_strict_coverage_fails_and_names_the_empty_cells(source: Any) -> None:
    code, lines = _run(source, "coverage", "--strict")
    assert code == 1
    assert "empty: stream 1, cat-bi, vi, tourist" in lines


def test_coverage_is_a_table_for_people(source: Any) -> None:
    code, lines = _run(source, "coverage")
    assert code == 0
    assert any("3 Essentials" in line and "cat-bi" in line for line in lines)


def test_sample_refuses_a_folder_with_something_in_it(source: Any) -> None:
    code, lines = _run(source, "sample")
    assert code == 1
    assert "E_EXISTS" in lines[-1]
