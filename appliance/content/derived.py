"""What was made from a set before it was shown, as its readers find it.

derived/{n}/stills.json     the stills of the programme that were scaled for the screen
"""

from pathlib import Path
from stat import S_ISREG
from typing import Final

import msgspec

from appliance.content.layout import Layout
from appliance.lib import facts

STILLS_FILE: Final = "stills.json"


class StillsFile(msgspec.Struct, frozen=True, kw_only=True):
    """``stills.json``: path under ``derived/{n}`` by ``category/agency/path`` of the still."""

    stills: dict[str, str]


class Derived:
    """What was made from one set; an empty one when nothing was.

    Args:
        layout: Paths under ``content/``.
        number: Of the set.
    """

    def __init__(self, layout: Layout, number: int) -> None:
        self._folder = layout.derived_of(number)
        found = facts.read(self._folder / STILLS_FILE, StillsFile)
        self._stills = found.stills if found else {}

    def still(self, item: str) -> Path | None:
        """Return the scaled file of a still, None when the original is to be used."""
        name = self._stills.get(item)
        if name is None or ".." in name.split("/") or name.startswith("/"):
            return None
        path = self._folder / name
        try:
            found = path.lstat()
        except OSError:
            return None
        return path if S_ISREG(found.st_mode) and found.st_size else None
