"""Which booth is this: for a minute page and screen say it, for whoever stands before several of them."""

from pathlib import Path
from typing import Final

import msgspec

from appliance.lib import clock, facts

IDENTIFY_FACT: Final = "identify.json"
"""Under ``/run/booth``; written by the agent."""


class IdentifyFact(msgspec.Struct, frozen=True, kw_only=True):
    """``identify.json``: the booth's name, shown until ``until`` (``CLOCK_BOOTTIME``, nanoseconds)."""

    booth: str
    until: int


def shown(path: Path) -> str | None:
    """Return the name to be shown now, None for none."""
    fact = facts.read(path, IdentifyFact)
    return fact.booth if fact and clock.boottime_ns() < fact.until else None
