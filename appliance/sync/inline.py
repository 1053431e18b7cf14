"""Small blobs by exact subscription: at most 50 at once, and to the bulk side when nothing comes for 10 s.

Never a wildcard: brokers cut long retained deliveries short, silently, and send all of them again on each reconnect.
Pure; time in seconds comes as an argument.
"""

from typing import Final

AT_ONCE: Final = 50
PATIENCE_S: Final = 10.0


class InlineQueue:
    """Which digests to listen for now."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._listening: dict[str, float] = {}

    def __contains__(self, digest: str) -> bool:
        return digest in self._waiting or digest in self._listening

    def add(self, digest: str) -> None:
        """Want a blob."""
        if digest not in self:
            self._waiting[digest] = None

    def drop(self, digest: str) -> bool:
        """Want it no more; True if it was being listened for."""
        self._waiting.pop(digest, None)
        return self._listening.pop(digest, None) is not None

    def restart(self) -> None:
        """The connection is new: listen again."""
        self._waiting = dict.fromkeys(self._listening) | self._waiting
        self._listening.clear()

    def start(self, now: float) -> tuple[str, ...]:
        """Return the digests to subscribe to now."""
        room = AT_ONCE - len(self._listening)
        chosen = tuple(digest for digest, _ in zip(self._waiting, range(room), strict=False))
        for digest in chosen:
            del self._waiting[digest]
            self._listening[digest] = now
        return chosen

    def overdue(self, now: float) -> tuple[str, ...]:
        """Take out the digests that have not come in time."""
        late = tuple(digest for digest, since in self._listening.items() if now - since >= PATIENCE_S)
        for digest in late:
            del self._listening[digest]
        return late

    def next_deadline(self) -> float | None:
        """When :meth:`overdue` has something to say at the earliest."""
        oldest = min(self._listening.values(), default=None)
        return None if oldest is None else oldest + PATIENCE_S
