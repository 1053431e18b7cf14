"""A revision in waves: a few booths first, more when they are well, all back when too many are not; pure.

    10 % ─ all of them well? ─► 50 % ─► 100 % ─► settled
       └── too many refuse it or fall back ─► given up: every booth has the revision before

Booths come in an order that each revision draws anew, so that no booth is always the first.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.state import CommitState, Reported

ROLLING, SETTLED, ABORTED = "rolling", "settled", "given-up"
Percent = Annotated[int, Meta(ge=1, le=100)]
PAUSE: Final = timedelta(minutes=10)


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """How a revision spreads.

    Attributes:
        waves: Percent of the booths in each wave, growing; the last is 100.
        pause_s: At least so long between two waves.
        abort_percent: Given up when more than so many percent of the booths reached so far have failed.
        wave: Which one is out.
        since: When it went out.
    """

    waves: tuple[Percent, ...]
    pause_s: float
    abort_percent: Annotated[int, Meta(ge=0, le=100)]
    since: datetime
    wave: int = 0

    def __post_init__(self) -> None:
        if list(self.waves) != sorted(set(self.waves)) or not self.waves or self.waves[-1] != 100:  # noqa: PLR2004 - percent
            message = "waves grow and end with 100"
            raise ValueError(message)

    def reaches(self, booth: str, booths: Iterable[str], revision: int) -> bool:
        """Whether a booth of these is in the waves so far."""
        drawn = sorted(booths, key=lambda one: sha256(f"{revision}/{one}".encode()).digest())
        return booth in drawn[: ceil(len(drawn) * self.waves[self.wave] / 100)]


def advance(
    rollout: Rollout, label: str, revision: int, reached: Mapping[str, Reported | None], now: datetime
) -> Rollout | str:
    """Decide what follows: the same, the next wave, or the end (``settled`` or ``given-up``).

    Args:
        rollout: How far it is.
        label: Of the layer.
        revision: Which spreads.
        reached: Newest report of each booth in the waves so far; None has never reported.
        now: By the office's clock.
    """
    failed = sum(has_failed(report, label, revision) for report in reached.values())
    if failed * 100 > rollout.abort_percent * len(reached):
        return ABORTED
    well = sum(is_well(report, label, revision) for report in reached.values())
    waited = now - rollout.since >= timedelta(seconds=rollout.pause_s)
    if well + failed < len(reached) or not waited:
        return rollout
    if rollout.wave + 1 == len(rollout.waves):
        return SETTLED
    return msgspec.structs.replace(rollout, wave=rollout.wave + 1, since=now)


def is_well(report: Reported | None, label: str, revision: int) -> bool:
    """Whether a booth has this revision, all of it, and keeps it."""
    said = report.configuration if report else None
    if said is None or said.revisions.get(label) != revision:
        return False
    return said.commit is CommitState.SETTLED and not any(one.layer == label for one in said.refused)


def has_failed(report: Reported | None, label: str, revision: int) -> bool:
    """Whether a booth has refused something of this revision, or has fallen back from it."""
    said = report.configuration if report else None
    if said is None or said.revisions.get(label) != revision:
        return False
    return said.commit is CommitState.REVERTED or any(one.layer == label for one in said.refused)
