"""When everything is looked at anew: now and then, and soon after this device could not do something."""

from typing import Final

RETRY_S: Final = 30.0
"""How long to wait before trying again what this device could not do (disk)."""
REFRESH_S: Final = 3600.0
"""Signatures are judged anew after this time, so that none is believed beyond its expiry."""


class Again:
    """Two alarms, in seconds of a clock that never steps.

    Args:
        retry_s: See :data:`RETRY_S`.
    """

    def __init__(self, retry_s: float) -> None:
        self._retry_s = retry_s
        self._refresh_at: float | None = None
        self._retry_at: float | None = None

    def looked(self, now: float) -> None:
        """Everything has just been looked at."""
        self._refresh_at, self._retry_at = now + REFRESH_S, None

    def soon(self, now: float) -> None:
        """Something could not be done; the first such moment counts."""
        if self._retry_at is None:
            self._retry_at = now + self._retry_s

    @property
    def at(self) -> float | None:
        """When it is time, None before the first look."""
        return min((at for at in (self._refresh_at, self._retry_at) if at is not None), default=None)

    def due(self, now: float) -> bool:
        """Whether it is time."""
        return self.at is not None and now >= self.at
