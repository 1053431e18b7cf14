"""A disk that forgets must forget what it may, and nothing else."""

import errno
from random import Random

import pytest

from tests.chaos.disk import PAGE, Disk, Fate

FILE = 0o100644


def content(disk: Disk, path: str) -> bytes:
    return bytes(disk.nodes[disk.find(path)].data)


def test_what_was_synced_survives_every_fate() -> None:
    for fate in Fate:
        disk = Disk()
        number = disk.make("/a", FILE)
        disk.write(number, 0, b"safe")
        disk.sync_data(number)
        disk.sync_names(1)
        disk.lose_power(fate, Random(1))
        assert content(disk, "/a") == b"safe"


def test_a_name_without_a_synced_folder_is_lost() -> None:
    disk = Disk()
    disk.sync_data(disk.make("/a", FILE))
    disk.lose_power(Fate.LOST, Random(1))
    with pytest.raises(OSError, match="No such file") as lost:
        disk.find("/a")
    assert lost.value.errno == errno.ENOENT


def test_a_synced_name_may_lead_to_lost_bytes() -> None:
    """The order matters: data first, then the name."""
    disk = Disk()
    number = disk.make("/a", FILE)
    disk.write(number, 0, b"never synced")
    disk.sync_names(1)
    disk.lose_power(Fate.LOST, Random(1))
    assert content(disk, "/a") == b""


def test_a_rename_is_one_change() -> None:
    """After a cut the file has its old name or its new one, never both and never none."""
    seen = set()
    for seed in range(40):
        disk = Disk()
        for folder in ("/from", "/to"):
            disk.make(folder, 0o040755)
        disk.sync_data(disk.make("/from/a", FILE))
        disk.sync_everything()
        disk.rename("/from/a", "/to/b")
        disk.lose_power(Fate.MIXED, Random(seed))
        names = [name for folder in ("/from", "/to") for name in disk.nodes[disk.find(folder)].names]
        assert len(names) == 1
        seen.add(names[0])
    assert seen == {"a", "b"}


def test_a_synced_folder_takes_the_changes_with_it_that_its_names_rest_on() -> None:
    disk = Disk()
    for folder in ("/from", "/to"):
        disk.make(folder, 0o040755)
    disk.sync_everything()
    disk.make("/from/a", FILE)
    disk.rename("/from/a", "/to/b")
    disk.sync_names(disk.find("/to"))
    disk.lose_power(Fate.KEPT, Random(1))
    assert disk.nodes[disk.find("/from")].names == {}
    assert list(disk.nodes[disk.find("/to")].names) == ["b"]


def test_pages_are_lost_one_by_one_and_each_is_a_state_it_once_had() -> None:
    states = set()
    for seed in range(60):
        disk = Disk()
        number = disk.make("/a", FILE)
        disk.write(number, 0, b"o" * 2 * PAGE)
        disk.sync_everything()
        disk.write(number, 0, b"n" * 2 * PAGE)
        disk.lose_power(Fate.MIXED, Random(seed))
        left = content(disk, "/a")
        pages = {left[:PAGE], left[PAGE:]}
        assert pages <= {b"o" * PAGE, b"n" * PAGE}
        states.add((left[:1], left[-1:]))
    assert states == {(b"o", b"o"), (b"o", b"n"), (b"n", b"o"), (b"n", b"n")}


def test_a_full_disk_takes_nothing_more_until_something_is_removed() -> None:
    disk = Disk(capacity=10)
    disk.write(disk.make("/a", FILE), 0, b"0123456789")
    other = disk.make("/b", FILE)
    with pytest.raises(OSError, match="No space") as full:
        disk.write(other, 0, b"x")
    assert full.value.errno == errno.ENOSPC
    disk.remove("/a")
    disk.write(other, 0, b"x")
    assert content(disk, "/b") == b"x"


def test_nothing_gets_through_without_power() -> None:
    disk = Disk()
    disk.fails_at = 2
    disk.step()
    with pytest.raises(OSError, match="Input/output"):
        disk.step()
    with pytest.raises(OSError, match="Input/output"):
        disk.require_power()
