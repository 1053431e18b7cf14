"""The edge where the programme is read: from the content set that is shown, without looking at its items.

A set may hold thousands of items; the screen must follow a new set within a second, so only programmes are opened.
"""

from dataclasses import dataclass

import msgspec

from appliance.content.catalogue import SET_FILE, Catalogue, Frame, SetFile
from appliance.content.layout import Layout
from appliance.errors import ErrorCode, RefusedError
from appliance.player.programme import Entry
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.items import ITEM_LIMIT, PROGRAMME_FILE, ProgrammeDocument


@dataclass(frozen=True)
class Content:
    """What one content set has for the screens of a gate; ``number`` None before the first set."""

    number: int | None = None
    entries: tuple[Entry, ...] = ()


def read(layout: Layout, gate: str) -> Content:
    """Read what is shown now.

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
        frames = Catalogue(facts.number, (), (), programmes).frames(gate)
        return Content(facts.number, tuple(entry_of(frame) for frame in frames))
    except (OSError, msgspec.MsgspecError, ContractError) as error:
        raise RefusedError(ErrorCode.PREPARE, f"programme of content set {folder.name}: {error}") from error


def entry_of(frame: Frame) -> Entry:
    """Stamp a frame with what its file is now; the player skips one that is not there."""
    try:
        found = frame.file.stat()
    except OSError:
        return Entry(frame, ())
    return Entry(frame, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))
