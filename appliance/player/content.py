"""The edge where the programme is read: from the content set that is shown, without looking at its items.

A set may hold thousands of items; the screen must follow a new set within a second, so only programmes are opened.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from appliance.content.catalogue import SET_FILE, Catalogue, Frame, SetFile
from appliance.content.derived import Derived
from appliance.content.layout import Layout
from appliance.errors import ErrorCode, RefusedError
from appliance.player.programme import Entry
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.items import ITEM_LIMIT, PROGRAMME_FILE, ProgrammeDocument
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead


@dataclass(frozen=True)
class Content:
    """What one content set has for the screens of a gate; ``number`` None before the first set."""

    number: int | None = None
    entries: tuple[Entry, ...] = ()


def read(layout: Layout, gate: str, now: datetime, *, trusted: bool = True) -> Content:
    """Read what is shown now.

    A programme whose release has ended is not played; on a clock that is not trusted it is, rather than nothing.

    Args:
        layout: Paths under ``content/``.
        gate: Where the booth stands.
        now: Trusted time.
        trusted: Whether it is the present, or only a lower bound.

    Raises:
        RefusedError: ``E_PREPARE`` naming what cannot be read; go on with what you have.
    """
    try:
        folder = layout.current.resolve(strict=True)
    except OSError:
        return Content()
    try:
        facts = msgspec.json.decode((folder / SET_FILE).read_bytes(), type=SetFile)
        releases = [(folder / stream).resolve(strict=True) / "files" for stream in facts.releases]
        programmes = tuple(
            (files, decode(ProgrammeDocument, (files / PROGRAMME_FILE).read_bytes(), ITEM_LIMIT))
            for files in releases
            if (files / PROGRAMME_FILE).is_file()
        )
        lasting = tuple(one for one in programmes if not _is_over(one[0], now))
        shown = lasting if lasting or trusted else programmes
        frames = Catalogue(facts.number, (), (), shown).frames(gate)
        derived = Derived(layout, facts.number)
        return Content(facts.number, tuple(entry_of(frame, derived.still(frame.item)) for frame in frames))
    except (OSError, msgspec.MsgspecError, ContractError) as error:
        raise RefusedError(ErrorCode.PREPARE, f"programme of content set {folder.name}: {error}") from error


def entry_of(frame: Frame, still: Path | None = None) -> Entry:
    """Stamp a frame with what its file is now; the player skips one that is not there.

    Args:
        frame: As the programme names it.
        still: What was made of it for this screen, None to play the file itself.
    """
    try:
        found = frame.file.stat()
    except OSError:
        return Entry(frame, ())
    stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return Entry(replace(frame, file=still) if still else frame, stamp)


def _is_over(files: Path, now: datetime) -> bool:
    try:
        head = decode(ReleaseHead, (files.parent / "head.json").read_bytes(), HEAD_LIMIT)
    except (OSError, ContractError):
        return False  # a damaged card takes nothing off the screen that can still be played
    return head.valid_until is not None and now >= head.valid_until
