"""The first time each notice is on a glass, told to the office once per start of whoever shows it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from appliance.errors import DeviceError
from mqtt.contract.notices import Notice

KIND: Final = "notice-shown"


class Seen:
    """Remembers what was told.

    Args:
        where: ``screen`` or ``page``.
        record: Puts a record into the outbox: its kind, its body; raises ``E_DISK`` while the disk cannot take it.
    """

    def __init__(self, where: str, record: Callable[[str, dict[str, Any]], None]) -> None:
        self._where = where
        self._record = record
        self._told: set[str] = set()

    def shows(self, notices: Iterable[Notice]) -> None:
        """These are on the glass now."""
        for notice in notices:
            if notice.id not in self._told:
                self._told.add(notice.id)
                try:
                    self._record(KIND, {"notice": notice.id, "where": self._where})
                except DeviceError:
                    self._told.discard(notice.id)
