"""What to say so that the broker has what it should have; pure.

    notices ─► inline blobs ─► roots ─► assignments ─► metadata ─► take back what is no longer wanted

A booth that sees new metadata finds everything it vouches for already there; what the old metadata needs leaves last.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Kind(IntEnum):
    """Kinds of retained messages in the order in which they must appear."""

    NOTICE = 0
    INLINE = 1
    ROOT = 2
    ASSIGN = 3
    META = 4


class Marked(Protocol):
    """A retained message as far as a difference is concerned."""

    @property
    def kind(self) -> Kind:
        """Its place in the order."""

    @property
    def mark(self) -> str:
        """Equal for equal bytes."""


@dataclass(frozen=True)
class Step:
    """Publish what is wanted at a topic, or take it back."""

    topic: str
    wanted: bool


def diff(wanted: Mapping[str, Marked], sent: Mapping[str, str], known: Collection[str]) -> list[Step]:
    """Return the steps, in order.

    Args:
        wanted: By topic, what should be retained.
        sent: By topic, the mark of what this connection has already sent.
        known: Topics that may be retained on the broker from us, in whatever state.
    """
    changed = [topic for topic, message in wanted.items() if sent.get(topic) != message.mark]
    changed.sort(key=lambda topic: (wanted[topic].kind, topic))
    surplus = sorted({*known, *sent} - wanted.keys())
    return [Step(topic, wanted=True) for topic in changed] + [Step(topic, wanted=False) for topic in surplus]
