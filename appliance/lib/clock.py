"""Trusted time, computed alike in every process, also with the agent dead.

The agent states ``clock.json``: what it believed at one reading of ``CLOCK_BOOTTIME``. Everyone adds what that clock
has counted since. This module and :mod:`appliance.trust.time` are the only ones that read a clock.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from appliance.lib import facts
from mqtt.contract.state import ClockState

BUILD_TIME: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No booth of this software has ever lived before this moment; raised with each version."""


class ClockFact(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent believed at ``boottime_ns`` of boot ``boot``."""

    now: datetime
    boottime_ns: int
    boot: str
    source: str
    trusted: bool
    state: ClockState | None = None


def boottime_ns() -> int:
    """Nanoseconds since this device was started, suspended time included; never steps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def boot_id(proc: Path = Path("/proc")) -> str:
    """Return the kernel's id of this start of the device."""
    return (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()


def system_now() -> datetime:
    """Return what the operating system believes; only a witness, never the truth."""
    return datetime.now(UTC)


class Clock:
    """Reads trusted time from the agent's fact.

    Args:
        fact: Path of ``clock.json``.
        boot: Id of this boot; a fact of an earlier one gives a lower bound only.
    """

    def __init__(self, fact: Path, boot: str | None = None) -> None:
        self._path = fact
        self._boot = boot or boot_id()

    def now(self) -> datetime:
        """Return trusted time, UTC; the build time while nothing better is known."""
        return self.read()[0]

    @property
    def trusted(self) -> bool:
        """Whether schedules and validity may be decided by :meth:`now`."""
        return self.read()[1]

    def read(self) -> tuple[datetime, bool]:
        """Return trusted time and whether it may be believed."""
        fact = facts.read(self._path, ClockFact)
        if fact is None:
            return BUILD_TIME, False
        if fact.boot != self._boot:
            return fact.now, False
        return fact.now + timedelta(microseconds=(boottime_ns() - fact.boottime_ns) // 1000), fact.trusted
