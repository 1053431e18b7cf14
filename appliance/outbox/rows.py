"""The tables of the outbox file, and what a batch takes out of it.

rows    one per record; acknowledged_at is NULL until the office has it for good
gaps    what had to go: numbers first..last of one priority
usage   unacknowledged bytes per priority, kept in step by the same transactions
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mqtt.contract.records import Gap, Priority, Record

SCHEMA: Final = """
CREATE TABLE about (stream TEXT NOT NULL);
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, priority TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL,
    clock_trusted INTEGER NOT NULL, boot TEXT NOT NULL, boottime_ns INTEGER NOT NULL, body BLOB NOT NULL,
    size INTEGER NOT NULL, acknowledged_at REAL
);
CREATE INDEX rows_owed ON rows (priority, seq) WHERE acknowledged_at IS NULL;
CREATE INDEX rows_kept ON rows (seq) WHERE acknowledged_at IS NOT NULL;
CREATE TABLE gaps (
    id INTEGER PRIMARY KEY AUTOINCREMENT, priority TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    reason TEXT NOT NULL, acknowledged_at REAL
);
CREATE TABLE usage (priority TEXT PRIMARY KEY, bytes INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Moment:
    """One reading of the clocks: trusted time, whether it may be believed, and ``CLOCK_BOOTTIME`` of this boot."""

    at: datetime
    trusted: bool
    boot: str
    boottime_ns: int


@dataclass(frozen=True)
class Entry:
    """What somebody wants kept.

    Attributes:
        kind: Lower case with hyphens.
        body: JSON, at most 16 KiB.
        priority: Which room it takes.
        at: When it happened, None for now.
    """

    kind: str
    body: dict[str, Any]
    priority: Priority
    at: Moment | None = None


@dataclass(frozen=True)
class Portion:
    """Rows of one priority that fit into one batch, and the gaps to be told with them.

    Attributes:
        gap_marks: Row id and last number of each gap: one that has grown since is not acknowledged.
    """

    stream: str
    priority: Priority
    records: tuple[Record, ...]
    gaps: tuple[Gap, ...]
    gap_marks: tuple[tuple[int, int], ...]

    @property
    def first(self) -> int:
        """Smallest number in it."""
        return min(*(one.sequence for one in self.records), *(gap.first for gap in self.gaps), 2**53)

    @property
    def last(self) -> int:
        """Largest number in it."""
        return max(*(one.sequence for one in self.records), *(gap.last for gap in self.gaps), 0)
