"""An empty cell is somebody who stands in front of a booth and finds nothing."""

from typing import Any

from mqtt.office.content.coverage import GROUPS, coverage
from mqtt.office.content.walk import read_source

VI = "essentials/dic/money/vi.md"


def _counts(source: Any, **wanted: object) -> set[int]:
    cells = coverage(read_source(source.root))
    return {cell.items for cell in cells if all(getattr(cell, name) == value for name, value in wanted.items())}


def test_every_combination_has_a_cell(source: Any) -> None:
    assert len(coverage(read_source(source.root))) == 2 * 2 * 5 * len(GROUPS)


def test_an_item_counts_where_it_is_for(source: Any) -> None:
    assert _counts(source, stream=3, gate="cat-bi", visitor="tourist") == {1}
    assert _counts(source, stream=3, gate="cat-bi", visitor="driver") == {0}
    assert _counts(source, stream=3, gate="hai-phong-port") == {0}
    assert _counts(source, stream=1) == {0}


def test_everyone_is_in_each_group_and_a_star_is_each_gate(source: Any) -> None:
    source.replace(VI, '["tourist"]', '["everyone"]')
    source.replace(VI, '["cat-bi"]', '["*"]')
    assert _counts(source, stream=3) == {1}


def test_a_language_that_is_missing_is_empty(source: Any) -> None:
    (source.root / "essentials/dic/money/lo.md").unlink()
    assert _counts(source, stream=3, gate="cat-bi", visitor="tourist", language="lo") == {0}
    assert _counts(source, stream=3, gate="cat-bi", visitor="tourist", language="km") == {1}


def test_an_item_twice_in_a_group_counts_once(source: Any) -> None:
    source.replace(VI, '["tourist"]', '["tourist", "everyone"]')
    assert _counts(source, stream=3, gate="cat-bi", language="vi") == {1}
