"""Runs cases in several processes, each case bounded in time and memory; a bad one is kept and can be replayed.

seed, lane ──► dice ──► target, case ──► accepted | refused | crash | accepted invalid ──► counts, files
"""

import logging
import random
import resource
import signal
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.fuzz.registry import TARGETS
from tests.fuzz.target import AcceptedInvalidError, Entry, Target

LONGEST_S: Final = 10.0
"""A case that takes longer is a crash; long enough for a machine with other work."""
MEMORY_BYTES: Final = 1 << 30
"""More than the process had at its start, and a case is a crash."""
KEPT: Final = 20
"""At most so many bad cases are kept per process."""


class TooLongError(BaseException):
    """A case took longer than it may; no handler of the code under test catches it."""


@dataclass
class Tally:
    """What came of the cases."""

    cases: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    accepted_invalid: int = 0
    bad: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in the tally of another process."""
        self.cases += other.cases
        self.accepted += other.accepted
        self.crashes += other.crashes
        self.accepted_invalid += other.accepted_invalid
        self.bad += other.bad


class Bench:
    """Makes targets when first needed, each in an empty folder; feeds them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Target] = {}

    def target(self, entry: Entry) -> Target:
        """Return the target of a line of the registry."""
        if entry.name not in self._made:
            place = self._folder / entry.name.replace("/", "-").replace(" ", "-")
            place.mkdir(parents=True)
            self._made[entry.name] = entry.make(place)
        return self._made[entry.name]

    def feed(self, entry: Entry, case: bytes, tally: Tally) -> str | None:
        """Run one case; returns the story when it was bad."""
        target = self.target(entry)
        tally.cases[entry.name] += 1
        try:
            with _limited():
                tally.accepted[entry.name] += target.accepts(case)
        except AcceptedInvalidError:
            tally.accepted_invalid += 1
            story = traceback.format_exc()
        except (Exception, TooLongError):  # noqa: BLE001 - whatever it is, it is what we look for
            tally.crashes += 1
            story = traceback.format_exc()
        else:
            return None
        del self._made[entry.name]  # what it did to its folder is unknown
        self._folder = self._folder.with_name(self._folder.name + "x")
        return story


@contextmanager
def _limited() -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(cases: int, seed: int, kept: Path, *, lanes: int = 2, only: str = "") -> Tally:
    """Run this many cases; bad ones go to ``kept``."""
    share = [cases // lanes + (lane < cases % lanes) for lane in range(lanes)]
    total = Tally()
    with ProcessPoolExecutor(lanes, mp_context=get_context("spawn")) as pool:
        for tally in pool.map(_lane, share, range(lanes), [seed] * lanes, [kept] * lanes, [only] * lanes):
            total.add(tally)
    return total


def _lane(cases: int, lane: int, seed: int, kept: Path, only: str) -> Tally:
    logging.disable(logging.CRITICAL)
    dice = random.Random(f"{seed}/{lane}")
    entries = [entry for entry in TARGETS if only in entry.name]
    tally = Tally()
    with TemporaryDirectory(prefix="fuzz-") as folder:
        bench = Bench(Path(folder) / "targets")
        for entry in entries:
            bench.target(entry)
        _bound_memory()
        for _ in range(cases):
            entry = dice.choices(entries, [one.share for one in entries])[0]
            case = bench.target(entry).case(dice)
            if (story := bench.feed(entry, case, tally)) and len(tally.bad) < KEPT:
                tally.bad.append(f"{_keep(kept, entry, case)}\n{story}")
    return tally


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _keep(kept: Path, entry: Entry, case: bytes) -> Path:
    kept.mkdir(parents=True, exist_ok=True)
    file = kept / f"{entry.name.replace('/', '-').replace(' ', '-')}-{sha256(case).hexdigest()[:12]}"
    file.write_bytes(entry.name.encode() + b"\n" + case)
    return file


def replay(file: Path) -> Tally:
    """Run one kept case again."""
    name, _, case = file.read_bytes().partition(b"\n")
    entry = next(one for one in TARGETS if one.name == name.decode())
    tally = Tally()
    with TemporaryDirectory(prefix="fuzz-") as folder:
        if story := Bench(Path(folder) / "targets").feed(entry, case, tally):
            tally.bad.append(f"{file}\n{story}")
    return tally
