"""What a process says of the content set it shows: ``/run/booth/health/{process}.json``, each with that one writer.

``holds`` false is positive evidence of failure. A process that is not there says nothing, and nothing follows from it.
"""

from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = "health"
PROCESSES: Final = ("kiosk", "player")
"""Who is asked whether a new content set holds."""


class HealthFact(msgspec.Struct, frozen=True, kw_only=True):
    """One process's word.

    Attributes:
        set: The content set it speaks of, None before the first.
        holds: Whether what was looked at could be shown.
        checking: It is being looked at; should the process die now, this stays.
        attempts: How often this set has been looked at since the device was started.
        stream: Whose content failed, None if that cannot be told.
        detail: What failed, for a person.
        quarantined: Programme items that are skipped because the player died with them.
    """

    set: int | None
    holds: bool
    checking: bool = False
    attempts: int = 1
    stream: str | None = None
    detail: str = ""
    quarantined: tuple[str, ...] = ()


def path_of(runtime: Path, process: str) -> Path:
    """Where a process states it."""
    return runtime / FOLDER / f"{process}.json"
