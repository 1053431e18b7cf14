"""How fast large blobs may be fetched now: ``[transfer]`` of the configuration, by the time of day at the gate.

trusted time ─► HH:MM at the gate, or nobody knows ─► Transfer.rate ─► Fetch.limit
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from appliance.sync.fetch import Fetch
from appliance.trust.time import Time
from mqtt.contract.configuration import Transfer

LOOK_EVERY_S: Final = 20.0
"""How often the time of day is looked at."""


class Limits:
    """Keeps what is fetched within the limits of this gate.

    Args:
        zone: Zone of the gate.
        transfer: The limits that count now.
        time: Trusted time.
        fetch: Is limited.
    """

    def __init__(self, zone: str, transfer: Callable[[], Transfer], time: Time, fetch: Fetch) -> None:
        self._transfer = transfer
        self._zone = ZoneInfo(zone)
        self._time = time
        self._fetch = fetch
        self._look_at: float | None = None

    def tick(self, now: float) -> None:
        """Look at the time of day when it is due; ``now`` in seconds of a clock that never steps."""
        if self._look_at is None or now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._fetch.limit(now, self._transfer().rate(self._local_clock()))

    def _local_clock(self) -> str | None:
        belief = self._time.now()
        return f"{belief.now.astimezone(self._zone):%H:%M}" if belief.trusted else None
