"""Laws of a full disk: the code reaches the office, what is shown stays, and room alone mends it."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from appliance.outbox.file import path_of
from mqtt.contract.topics import Plane
from mqtt.office.database import records
from tests.agent.conftest import Booth, World, item

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root"),
]

SMALL = 12 * 1024 * 1024
LEAFLET = b"%PDF-1.5" + random.Random(5).randbytes(5_000_000)


@pytest.fixture
def booth(world: World) -> Iterator[Booth]:
    """A booth with a disk of 12 MiB behind a line on which a leaflet takes some seconds."""
    with world.booth(disk_bytes=SMALL, rate=2_000_000) as made:
        yield made


def fill(booth: Booth) -> Callable[[], None]:
    """Let nothing be free any more; returns what makes room again."""
    ballast = booth.state / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return ballast.unlink


def _free(path: Path) -> int:
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize


def test_a_disk_that_is_full_before_a_release_comes_keeps_what_is_shown(world: World, booth: Booth) -> None:
    """Not even the metadata can be kept, so nothing of it is believed."""
    number = world.publish(item("còn chỗ"))
    booth.start()
    booth.until_reported(number)
    make_room = fill(booth)
    with booth.unmoved():
        number = world.publish(item("hết chỗ"))
        booth.until_refused("repo/meta", "E_DISK")
        assert _free(booth.state) < 4096
    make_room()

    booth.until_shown("hết chỗ")
    booth.until_reported(number)
    booth.until(lambda: not booth.codes())


def test_a_disk_that_fills_up_during_a_transfer_interrupts_it_only(world: World, booth: Booth) -> None:
    """What had been verified is not fetched again when there is room."""
    number = world.publish(item("trước tờ gấp"))
    booth.start()
    booth.until_reported(number)
    number = world.publish(item("có tờ gấp", **{"map.pdf": LEAFLET}))
    booth.until(lambda: booth.partial_bytes() > 1_500_000)
    make_room = fill(booth)
    with booth.unmoved():
        booth.until_refused("disk", "E_DISK")
    make_room()

    booth.until_shown("có tờ gấp")
    booth.until_reported(number)
    booth.until(lambda: not booth.codes())
    assert booth.shows("money/map.pdf") == LEAFLET
    assert booth.lines[Plane.BULK].carried[1] < len(LEAFLET) + 12 * 256 * 1024


def test_an_agent_that_starts_on_a_full_disk_shows_what_it_has_and_says_so(world: World, booth: Booth) -> None:
    number = world.publish(item("khởi động"))
    booth.start()
    booth.until_reported(number)
    booth.stop()
    number = world.publish(item("sau khởi động"))
    make_room = fill(booth)
    with booth.unmoved():
        booth.start()
        booth.until_refused("repo/meta", "E_DISK")
    make_room()
    booth.until_reported(number)


def test_a_release_larger_than_the_disk_is_refused_before_it_is_fetched(world: World, booth: Booth) -> None:
    number = world.publish(item("vừa"))
    booth.start()
    booth.until_reported(number)
    carried = booth.lines[Plane.BULK].carried[1]
    with booth.unmoved():
        world.publish(item("quá lớn", **{"map.pdf": LEAFLET * 3}))
        booth.until_refused("essentials/dic", "E_DISK")
        assert booth.lines[Plane.BULK].carried[1] - carried < 200_000
    number = world.publish(item("vừa lại"))
    booth.until_shown("vừa lại")
    booth.until_reported(number)


def test_a_booth_that_first_starts_on_a_full_disk_runs_and_records_it_later(world: World, booth: Booth) -> None:
    make_room = fill(booth)
    booth.start()
    booth.until_refused("outbox", "E_DISK")
    assert not path_of(booth.state).exists()
    make_room()

    number = world.publish(item("có chỗ"))
    booth.until_reported(number)
    booth.until(lambda: not booth.codes())
    booth.until(lambda: "started" in _recorded(world))


def _recorded(world: World) -> list[str]:
    with world.office.engine.connect() as connection:
        return list(connection.scalars(select(records.c.kind)))
