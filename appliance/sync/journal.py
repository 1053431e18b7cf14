"""What the agent itself puts into the outbox: started, switched, refused.

A disk that cannot take a record now gets it later, with the time at which it happened. Nobody fills the card by
sending rubbish: after sixty refusals in an hour the next row only counts the others.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Entry, Moment
from mqtt.contract.errors import ContractError
from mqtt.contract.records import Priority

REFUSALS: Final = 60
WINDOW_S: Final = 3600.0
WAITING: Final = 256
"""Records that wait in memory for a full disk; beyond, the oldest go, and are counted."""

_log = logging.getLogger(__name__)


class Journal:
    """Writes records.

    Args:
        open_outbox: Makes the outbox ready; raises ``E_DISK`` while the disk cannot.
        read_clocks: Stamps each record when it happens.
    """

    def __init__(self, open_outbox: Callable[[], Outbox], read_clocks: Callable[[], Moment]) -> None:
        self._open_outbox = open_outbox
        self._read_clocks = read_clocks
        self._waiting: deque[Entry] = deque()
        self._unkept = 0
        self._window_from = float("-inf")
        self._refused = 0
        self._shown: tuple[int | None, Mapping[str, int | None]] | None = None

    def started(self, software: str) -> None:
        """The agent begins."""
        self._put("started", {"software": software}, Priority.OPERATION)

    def shows(self, content_set: int | None, releases: Mapping[str, int | None]) -> None:
        """Readers see this set; recorded when it differs from the one before, and once after a start."""
        if content_set is not None and self._shown != (content_set, releases):
            self._shown = (content_set, dict(releases))
            self._put("switched", {"content_set": content_set, "releases": dict(releases)}, Priority.OPERATION)

    def happened(self, kind: str, body: dict[str, Any]) -> None:
        """Something that the office asks about later."""
        self._put(kind, body, Priority.OPERATION)

    def refused(self, subject: str, error: ContractError, now: float) -> None:
        """Something was not accepted; ``now`` in seconds of a clock that never steps."""
        unheard = max(0, self._refused - REFUSALS)
        if now >= self._window_from + WINDOW_S:
            self._window_from, self._refused = now, 0
        self._refused += 1
        if self._refused <= REFUSALS:
            body = {"subject": subject[:200], "code": error.code.value, "detail": error.detail[:500]}
            if self._refused == 1 and unheard:
                body["unheard"] = str(unheard)
            self._put("refused", body, Priority.AUDIT)

    def flush(self) -> None:
        """Make what has happened durable.

        Raises:
            DeviceError: ``E_DISK``; call again later, nothing is forgotten meanwhile.
        """
        if self._unkept:
            self._open_outbox().append("unkept", {"count": self._unkept}, Priority.AUDIT)
            self._unkept = 0
        while self._waiting:
            self._open_outbox().append_all([self._waiting[0]])
            self._waiting.popleft()

    def _put(self, kind: str, body: dict[str, Any], priority: Priority) -> None:
        self._waiting.append(Entry(kind, body, priority, self._read_clocks()))
        if len(self._waiting) > WAITING:
            _log.error("record %s is lost: the disk has taken nothing for too long", self._waiting.popleft().kind)
            self._unkept += 1
