"""Items that the player died with twice: skipped from then on, for as long as their bytes are these.

    died with it ──► 1 ──► died with it again ──► 2: quarantined
                     │
                     └── played to its end ──► forgiven

A death counts only within one start of the device: a pulled plug is nobody's fault. ``player/quarantine.json`` is
durable, bounded, and written by the player only.
"""

import logging
from pathlib import Path
from typing import Final

import msgspec

from appliance.lib import facts
from appliance.player.programme import Entry

DEATHS: Final = 2
KEPT: Final = 64
"""At most this many items are remembered; the oldest leave first."""

_log = logging.getLogger(__name__)


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """An item the player died with: its name, what its bytes are, and how often."""

    item: str
    stamp: tuple[int, ...]
    deaths: int


class QuarantineFile(msgspec.Struct, frozen=True, kw_only=True):
    """``quarantine.json``, oldest first."""

    struck: tuple[Struck, ...] = ()


class Quarantine:
    """Remembers what the player died with.

    Args:
        path: ``quarantine.json``; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        found = facts.read(path, QuarantineFile) or QuarantineFile()
        self._deaths = {(one.item, one.stamp): one.deaths for one in found.struck}

    def died_with(self, item: str, stamp: tuple[int, ...]) -> None:
        """Count a death of the player against what was on the screen."""
        key = item, _content(stamp)
        deaths = self._deaths.pop(key, 0) + 1
        self._deaths[key] = deaths
        while len(self._deaths) > KEPT:
            del self._deaths[next(iter(self._deaths))]
        if deaths == DEATHS:
            _log.error("%s is skipped: the player died with it %d times", item, deaths)
        self._write()

    def played(self, entry: Entry) -> None:
        """Forgive an item that was played to its end."""
        if self._deaths.pop((entry.frame.id, _content(entry.stamp)), None) is not None:
            self._write()

    def holds(self, entry: Entry) -> bool:
        """Whether this entry is skipped."""
        return self._deaths.get((entry.frame.id, _content(entry.stamp)), 0) >= DEATHS

    def _write(self) -> None:
        struck = (Struck(item=item, stamp=stamp, deaths=deaths) for (item, stamp), deaths in self._deaths.items())
        try:
            facts.write_durable(self._path, QuarantineFile(struck=tuple(struck)))
        except OSError as error:
            _log.error("%s cannot be written: %s", self._path, error.strerror)


def _content(stamp: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out the number of the disk: it may be another one after the next start."""
    return stamp[1:]
