"""How many bytes may be on their way: measured from the line, never guessed.

    window = 2 × delivery rate × shortest delay, at least two chunks, at most 1 MiB and two seconds of the rate

Pure; time in seconds comes as an argument.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from mqtt.contract.chunks import CHUNK_LIMIT

START_BYTES: Final = 2 * CHUNK_LIMIT
MOST_BYTES: Final = 1024 * 1024
GAIN: Final = 2.0
LONGEST_QUEUE_S: Final = 2.0
PATIENCE_S: Final = 2.0
"""A chunk is asked for again after this, or four times the smoothed delay if that is longer; doubling."""
_SAMPLES: Final = 16


@dataclass(frozen=True)
class Sent:
    """A chunk that was asked for: when, how long it is, what had been delivered by then, and how often asked."""

    at: float
    length: int
    delivered: int
    tries: int


class Window:
    """Measures rate and delay from what arrives, and says how much may be asked for."""

    def __init__(self) -> None:
        self._delivered = 0
        self._rates: deque[float] = deque(maxlen=_SAMPLES)
        self._shortest = float("inf")
        self._smoothed = 0.0

    @property
    def size(self) -> int:
        """Bytes that may be on their way."""
        if not self._rates:
            return START_BYTES
        rate = max(self._rates)
        wanted = min(GAIN * rate * self._shortest, LONGEST_QUEUE_S * rate, MOST_BYTES)
        return max(int(wanted), START_BYTES)

    def send(self, now: float, length: int, tries: int) -> Sent:
        """Note that a chunk is asked for."""
        return Sent(now, length, self._delivered, tries)

    def arrive(self, now: float, sent: Sent) -> None:
        """Learn from a chunk that has come."""
        self._delivered += sent.length
        delay = max(now - sent.at, 1e-4)
        if sent.tries:
            return  # which of the two requests it answers is unknown
        self._shortest = min(self._shortest, delay)
        self._smoothed = delay if not self._smoothed else 0.875 * self._smoothed + 0.125 * delay
        self._rates.append((self._delivered - sent.delivered) / delay)

    def patience(self, sent: Sent) -> float:
        """Seconds to wait for a chunk before asking again."""
        return float(max(PATIENCE_S, 4 * self._smoothed) * 2 ** min(sent.tries, 5))
