"""A real office, a real stick in a folder, and a simulated booth that reads it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.sticks import FromStick, ReadStick, StickGone
from appliance.usb.dock import Dock
from mqtt.office.stick import cargo_for, write_stick
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOON) as office:
        office.add_booth("cb-01")
        yield office


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> SimulatedBooth:
    """A booth that has never been online."""
    return new_booth(office, tmp_path / "booth")


def new_booth(office: Office, folder: Path) -> SimulatedBooth:
    folder.mkdir()
    return SimulatedBooth(office, folder, office.home.booths / "cb-01")


def export(office: Office, place: Path, gate: str = "cat-bi") -> Path:
    """Write a stick as ``boothctl content export`` does; returns where it is mounted."""
    place.mkdir(parents=True, exist_ok=True)
    write_stick(place, cargo_for(office.engine, gate), office.objects, office.now, lambda _done, _all: None)
    return place


class Port:
    """A booth's dock without its thread: the session's reads are served when asked, so that a test can cut between.

    Args:
        booth: Whose session is driven.
        folder: Where sticks appear.
    """

    def __init__(self, booth: SimulatedBooth, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.booth = booth
        self.said: list[FromStick] = []
        self.dock = Dock(folder, self.said.append)
        self.wanted: list[ReadStick] = []
        self.dock_after: Callable[[ReadStick], None] = lambda _: None

    def step(self) -> bool:
        """One look and one read; False when there is nothing left to do."""
        self.dock.look()
        self._hand_over()
        if not self.wanted:
            self.booth.run(0.01)
            self._gather()
        if not self.wanted:
            return False
        wanted = self.wanted.pop(0)
        self.dock_after(wanted)
        self.dock.serve(wanted)
        self._hand_over()
        return True

    def run(self) -> None:
        """Until nothing is asked any more."""
        while self.step():
            pass

    def pull_out(self, name: str) -> Path:
        """The stick is gone at once; returns where it is now."""
        away = self.folder.parent / f"away-{name}"
        (self.folder / name).rename(away)
        return away

    def _hand_over(self) -> None:
        while self.said:
            event = self.said.pop(0)
            self.booth.take(event)
            if isinstance(event, StickGone):
                self.wanted = [wanted for wanted in self.wanted if wanted.stick != event.stick]
            self._gather()

    def _gather(self) -> None:
        self.wanted += self.booth.reads
        self.booth.reads.clear()


@pytest.fixture
def port(booth: SimulatedBooth, tmp_path: Path) -> Port:
    return Port(booth, tmp_path / "run/sticks")
