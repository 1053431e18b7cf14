"""What the player says of the content set it plays: whether its items gave pictures, and which are in quarantine."""

from pathlib import Path

import msgspec

from appliance.content.catalogue import Frame
from appliance.lib import facts
from appliance.lib.health import HealthFact


class PlayerHealth:
    """The writer of ``health/player.json``; stated on the change. A set that failed once has failed.

    Args:
        path: Its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said: HealthFact | None = None
        self._quarantined: tuple[str, ...] = ()

    def quarantines(self, items: tuple[str, ...]) -> None:
        """Name the items that are skipped in the set that is read now."""
        self._quarantined = items
        if self._said is not None:
            self._say(msgspec.structs.replace(self._said, quarantined=items))

    def shows(self, content_set: int | None) -> None:
        """An item of this set has given a picture."""
        if self._said is None or self._said.set != content_set:
            self._say(HealthFact(set=content_set, holds=True, quarantined=self._quarantined))

    def fails(self, content_set: int | None, frame: Frame) -> None:
        """An item of this set gives none."""
        detail = f"{frame.item or frame.id} gives no picture"
        self._say(
            HealthFact(set=content_set, holds=False, stream=frame.stream, detail=detail, quarantined=self._quarantined)
        )

    def _say(self, said: HealthFact) -> None:
        if said != self._said:
            self._said = said
            facts.write(self._path, said)
