"""What time it is, for a device that may have slept for a year with a flat battery.

    trusted time = max(build time, persisted floor, newest signed time, plausible NTP or RTC), never backwards

A jump of more than 30 days needs two witnesses; the earlier of the two is believed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from appliance.lib import clock, facts

JUMP: Final = timedelta(days=30)
FLOOR_FILE: Final = "clock-floor.json"
PERSIST_EVERY: Final = timedelta(minutes=10)


class Witness(StrEnum):
    """Who may say what time it is. ``system`` is a clock somebody else disciplines (a workstation)."""

    NTP = "ntp"
    RTC = "rtc"
    SYSTEM = "system"
    TIMESTAMP = "timestamp"
    AGENCY = "agency"


_CLOCKS: Final = frozenset({Witness.NTP, Witness.RTC, Witness.SYSTEM})


@dataclass(frozen=True)
class Belief:
    """The time believed, by whose word, and whether it is the present and not only a lower bound."""

    now: datetime
    source: str
    trusted: bool


def believe(floor: datetime, witnesses: dict[Witness, datetime]) -> Belief:
    """Decide from a floor and what the witnesses say; pure."""
    near = {who: at for who, at in witnesses.items() if floor <= at <= floor + JUMP}
    far = sorted((at, who) for who, at in witnesses.items() if at > floor + JUMP)
    if len(far) > 1:
        at, who = far[-2]
        return Belief(at, f"{who}+{far[-1][1]}", any(who in _CLOCKS for _, who in far[-2:]))
    if near:
        at, who = max((at, who) for who, at in near.items())
        return Belief(at, who, any(who in _CLOCKS for who in near))
    return Belief(floor, "floor", trusted=False)


class _Floor(msgspec.Struct, frozen=True):
    floor: datetime
    epoch: int = 0


class TrustedTime:
    """The agent's clock: remembers the floor, hears signed times, states ``clock.json``.

    Args:
        folder: ``trust/`` on the data partition.
        fact: ``/run/booth/clock.json``.
        clocks: Which hardware or system clocks exist here, by witness.
    """

    def __init__(self, folder: Path, fact: Path, clocks: frozenset[Witness]) -> None:
        self._file = folder / FLOOR_FILE
        self._fact = fact
        self._clocks = clocks
        stored = facts.read(self._file, _Floor) or _Floor(clock.BUILD_TIME)
        self._floor = max(stored.floor, clock.BUILD_TIME)
        self._epoch = stored.epoch
        self._at_ns = clock.boottime_ns()
        self._persisted = stored.floor
        self._signed: dict[Witness, datetime] = {}
        self._boot = clock.boot_id()

    def hear(self, witness: Witness, at: datetime) -> None:
        """Take a signed time as evidence that it is at least that late."""
        if at > self._signed.get(witness, clock.BUILD_TIME):
            self._signed[witness] = at

    def new_epoch(self, epoch: int) -> None:
        """Follow a newer root's clock epoch: the floor starts again at the build time (repair of a wrong floor)."""
        if epoch > self._epoch:
            self._epoch = epoch
            self._floor = clock.BUILD_TIME
            self._signed.clear()
            self._at_ns = clock.boottime_ns()
            self._persist(self._floor)

    def now(self) -> Belief:
        """Return the time believed now; the floor moves with it and never back."""
        at_ns = clock.boottime_ns()
        self._floor += timedelta(microseconds=(at_ns - self._at_ns) // 1000)
        self._at_ns = at_ns
        witnesses = dict(self._signed)
        witnesses.update(dict.fromkeys(self._clocks, clock.system_now()))
        belief = believe(self._floor, witnesses)
        self._floor = max(self._floor, belief.now)
        if self._floor - self._persisted >= PERSIST_EVERY:
            self._persist(self._floor)
        return belief

    def state(self) -> Belief:
        """Tell the other processes what is believed, and return it."""
        belief = self.now()
        fact = clock.ClockFact(
            now=belief.now, boottime_ns=self._at_ns, boot=self._boot, source=belief.source, trusted=belief.trusted
        )
        facts.write(self._fact, fact)
        return belief

    def _persist(self, floor: datetime) -> None:
        facts.write_durable(self._file, _Floor(floor.astimezone(UTC), self._epoch))
        self._persisted = floor


def clocks_here(source: str, root: Path = Path("/")) -> frozenset[Witness]:
    """Return the clocks this device has: ``auto`` looks for NTP and an RTC, ``system`` believes the machine."""
    if source == "system":
        return frozenset({Witness.SYSTEM})
    found = set()
    if (root / "run/systemd/timesync/synchronized").exists():
        found.add(Witness.NTP)
    if any((root / "sys/class/rtc").glob("rtc*")):
        found.add(Witness.RTC)
    return frozenset(found)
