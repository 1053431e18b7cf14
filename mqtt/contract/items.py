"""What lies in the files of a release: items and programmes, compiled from the content source.

{slug}/item.json          ItemDocument
{slug}/{language}.md      the text, CommonMark
{slug}/cover.png …        media
programme.json            ProgrammeDocument (category ``programme`` only)
"""

from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import Agency, Category, GateId, GateOrAll, Language, Slug
from mqtt.contract.releases import check_path

ITEM_LIMIT: Final = 64 * 1024
TEXT_LIMIT: Final = 256 * 1024
PROGRAMME_FILE: Final = "programme.json"
ITEM_FILE: Final = "item.json"


class Kind(StrEnum):
    """What a medium is; decided by its suffix, checked by decoding."""

    PICTURE = "picture"
    VIDEO = "video"
    DOCUMENT = "document"


SUFFIXES: Final = {
    ".png": Kind.PICTURE,
    ".jpg": Kind.PICTURE,
    ".jpeg": Kind.PICTURE,
    ".webp": Kind.PICTURE,
    ".mp4": Kind.VIDEO,
    ".pdf": Kind.DOCUMENT,
}


def kind_of(file: str) -> Kind | None:
    """Return the kind of a medium by its file name, None if it is none we show."""
    return SUFFIXES.get(PurePosixPath(file).suffix.lower())


class ItemText(msgspec.Struct, frozen=True, kw_only=True):
    """Title and one-sentence summary in one language; the body is the file ``{language}.md``."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    summary: Annotated[str, Meta(max_length=300)] = ""


class ItemDocument(Document, frozen=True, kw_only=True, tag="item/1"):
    """The facts of one item and its titles.

    Attributes:
        visitors: Groups it is for; ``everyone`` means all.
        order: Smaller comes first within a category.
        as_of: The day the facts were last checked; shown to the traveller.
        valid_from: First day it is shown, in the gate's zone.
        valid_until: Last day it is shown; None means until replaced.
        source: Where the facts come from; shown under the text.
        sample: Sample text that an agency has yet to confirm; shown as such.
        media: Paths of its media within the item's folder.
    """

    category: Category
    agency: Agency
    slug: Slug
    gates: tuple[GateOrAll, ...]
    visitors: tuple[str, ...]
    order: int
    as_of: date
    valid_from: date
    valid_until: date | None
    source: str
    sample: bool
    texts: dict[Language, ItemText]
    media: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for path in self.media:
            check_path(path)

    def is_shown(self, gate: GateId, day: date) -> bool:
        """Whether the item is in force at this gate on this day (gate's zone)."""
        here = "*" in self.gates or gate in self.gates
        return here and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class ProgrammeItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the screen plays: a still for ``seconds``, or a video to its end (``seconds`` is then ignored).

    ``file`` is a path within the release.
    """

    id: Slug
    file: str
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    gates: tuple[GateOrAll, ...] = ("*",)

    def __post_init__(self) -> None:
        check_path(self.file)

    def is_for(self, gate: GateId) -> bool:
        """Whether it plays at this gate."""
        return "*" in self.gates or gate in self.gates


class ProgrammeDocument(Document, frozen=True, kw_only=True, tag="programme/1"):
    """What the screens play, in order, over and over."""

    items: tuple[ProgrammeItem, ...]
