"""What the suites of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import fuse
from tests.chaos.fuse import Mount


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    if not fuse.possible():
        pytest.skip("no /dev/fuse or no fusermount3 here")
    with Mount(tmp_path / "disk", tmp_path / "disk.log") as mounted:
        yield mounted
