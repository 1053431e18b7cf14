"""What time it is, for a device that may have slept for a year with a flat battery.

    trusted time = max(build time, persisted floor, newest signed time, plausible NTP or RTC), never backwards

A jump of more than 30 days needs two witnesses; the earlier of the two is believed. The clock that NTP disciplines is
one witness. The RTC is another only with what it said before NTP was heard: the kernel copies NTP's time into it.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import msgspec

from appliance.lib import clock, facts
from mqtt.contract.state import ClockState

JUMP: Final = timedelta(days=30)
AGREEMENT: Final = timedelta(hours=1)
"""A clock this near to the time believed confirms it: what a cheap RTC may lose, and what NTP may have to step back."""
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""No booth of this software lives after this moment; who says so is not heard."""
FLOOR_FILE: Final = "clock-floor.json"
PERSIST_EVERY: Final = timedelta(minutes=10)


class Witness(StrEnum):
    """Who may say what time it is. ``system`` is a clock somebody else disciplines (a workstation)."""

    NTP = "ntp"
    RTC = "rtc"
    SYSTEM = "system"
    TIMESTAMP = "timestamp"
    AGENCY = "agency"


_SYNCHRONIZED: Final = "run/systemd/timesync/synchronized"
_RTCS: Final = "sys/class/rtc"
_CLOCKS: Final = frozenset({Witness.NTP, Witness.RTC, Witness.SYSTEM})


@dataclass(frozen=True)
class Belief:
    """The time believed, by whose word, and whether it is the present and not only a lower bound.

    ``suspect``: a clock speaks, and what it says is not believed.
    """

    now: datetime
    source: str
    trusted: bool
    suspect: bool = False

    @property
    def state(self) -> ClockState:
        """How far it is believed, in a word."""
        if self.trusted:
            return ClockState.OK
        return ClockState.SUSPECT if self.suspect else ClockState.LOWER_BOUND


def believe(floor: datetime, witnesses: dict[Witness, datetime]) -> Belief:
    """Decide from a floor and what the witnesses say; pure."""
    heard = {who: at for who, at in witnesses.items() if floor - AGREEMENT <= at < LATEST}
    near = sorted((at, who) for who, at in heard.items() if at <= floor + JUMP)
    far = sorted((at, who) for who, at in heard.items() if at > floor + JUMP)
    if len(far) > 1:
        now, source = far[-2][0], f"{far[-2][1]}+{far[-1][1]}"
    elif near:
        now, source = max(near[-1][0], floor), near[-1][1].value
    else:
        now, source = floor, "floor"
    confirmed = any(abs(at - now) <= AGREEMENT for who, at in heard.items() if who in _CLOCKS)
    disbelieved = any(who in _CLOCKS for who in witnesses)
    return Belief(now, source, trusted=confirmed, suspect=disbelieved and not confirmed)


class _Floor(msgspec.Struct, frozen=True):
    floor: datetime
    epoch: int = 0


class Time(Protocol):
    """What the session needs of the clock; :class:`TrustedTime` has it."""

    def now(self) -> Belief:
        """Return the time believed."""

    def hear(self, witness: Witness, at: datetime) -> None:
        """Take a signed time as evidence."""

    def new_epoch(self, epoch: int) -> None:
        """Follow a newer root's clock epoch."""


class TrustedTime:
    """The agent's clock: remembers the floor, hears signed times, states ``clock.json``.

    Args:
        folder: ``trust/`` on the data partition.
        fact: ``/run/booth/clock.json``.
        clocks: Which hardware or system clocks exist here, by witness.
        root: Where ``/sys`` and ``/run`` are.
    """

    def __init__(self, folder: Path, fact: Path, clocks: frozenset[Witness], root: Path = Path("/")) -> None:
        self._file = folder / FLOOR_FILE
        self._fact = fact
        self._clocks = clocks
        self._synchronized = root / _SYNCHRONIZED
        stored = facts.read(self._file, _Floor) or _Floor(clock.BUILD_TIME)
        self._floor = max(stored.floor, clock.BUILD_TIME)
        self._epoch = stored.epoch
        self._at_ns = clock.boottime_ns()
        self._persisted = stored.floor
        self._signed: dict[Witness, datetime] = {}
        self._boot = clock.boot_id()
        own = Witness.RTC in clocks and not self._synchronized.exists()
        self._rtc = (_read_rtc(root), self._at_ns) if own else (None, self._at_ns)

    def hear(self, witness: Witness, at: datetime) -> None:
        """Take a signed time as evidence that it is at least that late."""
        if LATEST > at > self._signed.get(witness, clock.BUILD_TIME):
            self._signed[witness] = at

    def new_epoch(self, epoch: int) -> None:
        """Follow a newer root's clock epoch: the floor starts again at the build time (repair of a wrong floor)."""
        if epoch > self._epoch:
            self._epoch = epoch
            self._floor = clock.BUILD_TIME
            self._signed.clear()
            self._at_ns = clock.boottime_ns()
            with suppress(OSError):  # a full disk: the next start finds the epoch newer again, and does this again
                self._persist(self._floor)

    def now(self) -> Belief:
        """Return the time believed now; the floor moves with it and never back."""
        at_ns = clock.boottime_ns()
        self._floor += _since(self._at_ns, at_ns)
        self._at_ns = at_ns
        belief = believe(self._floor, self._signed | self._readings(at_ns))
        self._floor = belief.now
        if self._floor - self._persisted >= PERSIST_EVERY:
            with suppress(OSError):  # a full disk does not stop the clock; the floor is written when there is space
                self._persist(self._floor)
        return belief

    def _readings(self, at_ns: int) -> dict[Witness, datetime]:
        readings: dict[Witness, datetime] = {}
        if Witness.SYSTEM in self._clocks:
            readings[Witness.SYSTEM] = clock.system_now()
        if Witness.NTP in self._clocks and self._synchronized.exists():
            readings[Witness.NTP] = clock.system_now()
        at_start, since_ns = self._rtc
        if at_start is not None:
            readings[Witness.RTC] = at_start + _since(since_ns, at_ns)
        return readings

    def state(self) -> Belief:
        """Tell the other processes what is believed, and return it."""
        belief = self.now()
        fact = clock.ClockFact(
            now=belief.now,
            boottime_ns=self._at_ns,
            boot=self._boot,
            source=belief.source,
            trusted=belief.trusted,
            state=belief.state,
        )
        facts.write(self._fact, fact)
        return belief

    def _persist(self, floor: datetime) -> None:
        facts.write_durable(self._file, _Floor(floor.astimezone(UTC), self._epoch))
        self._persisted = floor


def clocks_here(source: str, root: Path = Path("/")) -> frozenset[Witness]:
    """Return the clocks this device has: ``auto`` means NTP and an RTC if there is one, ``system`` the machine's."""
    if source == "system":
        return frozenset({Witness.SYSTEM})
    return frozenset({Witness.NTP, Witness.RTC} if any((root / _RTCS).glob("rtc*")) else {Witness.NTP})


def _read_rtc(root: Path) -> datetime | None:
    for device in sorted((root / _RTCS).glob("rtc*")):
        try:
            return datetime.fromtimestamp(int((device / "since_epoch").read_text("ascii")), UTC)
        except (OSError, ValueError, OverflowError):
            continue
    return None


def _since(start_ns: int, end_ns: int) -> timedelta:
    return timedelta(microseconds=(end_ns - start_ns) // 1000)
