"""What must go when space or time runs out: pure.

    bytes over the cap of a priority     the oldest rows of that priority, down to nine tenths of the cap
    older than the age of a priority     those rows
    acknowledged                         kept seven days or 50 MB, so that a restored office can ask again

Each priority has a room of its own, so metrics can never push out an audit row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from mqtt.contract.records import Priority

MIB: Final = 1024 * 1024
OVERFLOW: Final = "overflow"
TOO_OLD: Final = "age"
ROW_BYTES: Final = 128
"""What a row costs beside its body: number, times, kind, index."""


@dataclass(frozen=True)
class Room:
    """How much of one priority is kept unacknowledged."""

    limit_bytes: int
    age: timedelta

    @property
    def rest_bytes(self) -> int:
        """What stays after an overflow; a tenth is freed at once, so that not every row pays for it."""
        return self.limit_bytes * 9 // 10


@dataclass(frozen=True)
class Caps:
    """All limits of an outbox."""

    rooms: Mapping[Priority, Room] = field(
        default_factory=lambda: {
            Priority.AUDIT: Room(64 * MIB, timedelta(days=730)),
            Priority.OPERATION: Room(32 * MIB, timedelta(days=180)),
            Priority.METRIC: Room(16 * MIB, timedelta(days=60)),
        }
    )
    kept_bytes: int = 50 * MIB
    kept_age: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Held:
    """One unacknowledged row as the policy sees it."""

    sequence: int
    size_bytes: int


def overflowing(used_bytes: int, room: Room, oldest_first: Iterable[Held]) -> list[int]:
    """Return the numbers of the rows that must go, oldest first; empty while the room is large enough."""
    if used_bytes <= room.limit_bytes:
        return []
    going: list[int] = []
    for row in oldest_first:
        if used_bytes <= room.rest_bytes:
            break
        going.append(row.sequence)
        used_bytes -= row.size_bytes
    return going
