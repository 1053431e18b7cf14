"""A limit of bytes per second, as an account that fills evenly and may be overdrawn by one piece; pure.

In any time t at most ``rate × t + burst`` and one last piece pass: also a piece larger than the burst.
"""

import math
from typing import Final

LEAST_BURST: Final = 64 * 1024
"""A slow limit still lets one usual chunk through at once."""
BURST_S: Final = 0.5
"""What may have been saved up, seconds of the rate."""


class Limit:
    """How much may pass now.

    Args:
        rate: Bytes per second; None for no limit, 0 for nothing at all.
    """

    def __init__(self, rate: float | None = None) -> None:
        self.rate = rate
        self._saved = self._burst
        self._at: float | None = None

    def set(self, now: float, rate: float | None) -> None:
        """Use another rate from now on; what was saved or overdrawn stays, within the new burst."""
        if rate != self.rate:
            self._fill(now)
            unlimited = self.rate is None
            self.rate = rate
            self._saved = self._burst if unlimited else min(self._saved, self._burst)

    def room(self, now: float) -> float:
        """Return how many bytes may pass; a piece may pass whole while this is above 0."""
        if self.rate is None:
            return math.inf
        self._fill(now)
        return max(self._saved, 0.0) if self.rate else 0.0

    def take(self, now: float, size: int) -> None:
        """Note that so many bytes pass."""
        if self.rate is not None:
            self._fill(now)
            self._saved -= size

    def opens(self) -> float | None:
        """Return when :meth:`room` is above 0 again; None if it was when last looked at, or never will be."""
        if not self.rate or self._saved > 0 or self._at is None:
            return None
        return self._at + (1 - self._saved) / self.rate

    @property
    def _burst(self) -> float:
        return max(LEAST_BURST, BURST_S * self.rate) if self.rate else LEAST_BURST

    def _fill(self, now: float) -> None:
        passed = max(now - self._at, 0.0) if self._at is not None else 0.0
        self._at = now
        self._saved = min(self._saved + (self.rate or 0.0) * passed, self._burst)
