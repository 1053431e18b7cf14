"""What the agent itself puts into the outbox: started, switched, refused.

Nobody fills the card by sending rubbish: after sixty refusals in an hour the next row only counts the others.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from appliance.errors import DeviceError
from appliance.outbox.queue import Outbox
from mqtt.contract.errors import ContractError
from mqtt.contract.records import Priority

REFUSALS: Final = 60
WINDOW_S: Final = 3600.0

_log = logging.getLogger(__name__)


class Journal:
    """Writes records; a disk that cannot take one costs the record, never the booth.

    Args:
        outbox: Where to.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._window_from = float("-inf")
        self._refused = 0
        self._shown: tuple[int | None, Mapping[str, int | None]] | None = None

    def started(self, software: str) -> None:
        """The agent begins."""
        self._append("started", {"software": software}, Priority.OPERATION)

    def shows(self, content_set: int | None, releases: Mapping[str, int | None]) -> None:
        """Readers see this set; written when it differs from the one before, and once after a start."""
        if content_set is not None and self._shown != (content_set, releases):
            self._shown = (content_set, dict(releases))
            self._append("switched", {"content_set": content_set, "releases": dict(releases)}, Priority.OPERATION)

    def refused(self, subject: str, error: ContractError, now: float) -> None:
        """Something was not accepted; ``now`` in seconds of a clock that never steps."""
        unheard = max(0, self._refused - REFUSALS)
        if now >= self._window_from + WINDOW_S:
            self._window_from, self._refused = now, 0
        self._refused += 1
        if self._refused <= REFUSALS:
            body = {"subject": subject[:200], "code": error.code.value, "detail": error.detail}
            if self._refused == 1 and unheard:
                body["unheard"] = str(unheard)
            self._append("refused", body, Priority.AUDIT)

    def _append(self, kind: str, body: dict[str, Any], priority: Priority) -> None:
        try:
            self._outbox.append(kind, body, priority)
        except DeviceError as error:
            _log.error("record %s is lost: %s", kind, error)
