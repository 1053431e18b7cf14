"""What is in the content set that is shown: a read-only view for page and screen.

Items are merged over all releases of a category by ``order``, then by the regulation's order of agencies.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self

import msgspec

from appliance.content.layout import Layout
from appliance.errors import ErrorCode, RefusedError
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.items import (
    ITEM_FILE,
    ITEM_LIMIT,
    PROGRAMME_FILE,
    ItemDocument,
    ItemText,
    Kind,
    ProgrammeDocument,
    kind_of,
)
from mqtt.contract.names import FALLBACKS
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead

SET_FILE = "set.json"


class SetFile(msgspec.Struct, frozen=True):
    """``set.json``: number of the set, releases by stream, and the regulation's order of agencies.

    Attributes:
        previous: The set that was shown when this one was made.
        proven: The newest set that had proven itself by then; before there is one, the oldest on trial.
    """

    number: int
    releases: dict[str, int]
    order: tuple[str, ...]
    previous: int | None = None
    proven: int | None = None


@dataclass(frozen=True)
class Item:
    """One item, its facts and where its files lie."""

    document: ItemDocument
    folder: Path

    @property
    def path(self) -> str:
        """``category/agency/slug``: the item's name everywhere."""
        return f"{self.document.category}/{self.document.agency}/{self.document.slug}"

    def language_for(self, wanted: str) -> str:
        """Return the language the reader gets: the wanted one, else its fallbacks, else any there is."""
        for language in (wanted, *FALLBACKS.get(wanted, ("en", "vi"))):
            if language in self.document.texts:
                return language
        return next(iter(self.document.texts))

    def text(self, language: str) -> ItemText:
        """Return title and summary in exactly this language (one that :meth:`language_for` gave)."""
        return self.document.texts[language]

    def body(self, language: str) -> str:
        """Return the Markdown text in exactly this language."""
        return (self.folder / f"{language}.md").read_text("utf-8")


@dataclass(frozen=True)
class Frame:
    """One thing for the screen: a still for ``seconds``, or a video to its end.

    ``item`` is ``category/agency/path`` of its file; empty for what is built in.
    """

    id: str
    file: Path
    kind: Kind
    seconds: float
    item: str = ""

    @property
    def stream(self) -> str | None:
        """``category/agency``, None for what is built in."""
        return "/".join(self.item.split("/")[:2]) or None


@dataclass(frozen=True)
class Catalogue:
    """Everything in one content set. Valid as long as the set stays on disk (the previous set stays, too)."""

    number: int
    heads: tuple[ReleaseHead, ...]
    items: tuple[Item, ...]
    programmes: tuple[tuple[Path, ProgrammeDocument], ...]

    @classmethod
    def open(cls, layout: Layout) -> Self | None:
        """Return what is shown now, None before the first content set.

        Raises:
            RefusedError: The set cannot be read (``E_PREPARE`` names the item).
        """
        try:
            folder = layout.current.resolve(strict=True)
        except OSError:
            return None
        return cls.read(folder)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the set in ``folder``.

        Raises:
            RefusedError: ``E_PREPARE`` naming the file that cannot be read.
        """
        try:
            facts = msgspec.json.decode((folder / SET_FILE).read_bytes(), type=SetFile)
            rank = {agency: place for place, agency in enumerate(facts.order)}
            heads, items, programmes = [], [], []
            for stream in facts.releases:
                release = (folder / stream).resolve(strict=True)
                heads.append(decode(ReleaseHead, (release / "head.json").read_bytes(), HEAD_LIMIT))
                files = release / "files"
                items += [_item(path.parent) for path in sorted(files.glob(f"*/{ITEM_FILE}"))]
                if (files / PROGRAMME_FILE).is_file():
                    document = decode(ProgrammeDocument, (files / PROGRAMME_FILE).read_bytes(), ITEM_LIMIT)
                    programmes.append((files, document))
        except (OSError, msgspec.MsgspecError, ContractError) as error:
            raise RefusedError(ErrorCode.PREPARE, f"content set {folder.name}: {error}") from error
        items.sort(key=lambda item: (item.document.order, rank.get(item.document.agency, len(rank)), item.path))
        return cls(facts.number, tuple(heads), tuple(items), tuple(programmes))

    @cached_property
    def _by_path(self) -> dict[str, Item]:
        return {item.path: item for item in self.items}

    def item(self, path: str) -> Item | None:
        """Return the item named ``category/agency/slug``."""
        return self._by_path.get(path)

    def shown(self, gate: str, day: date) -> tuple[Item, ...]:
        """Items in force at a gate on a day (gate's zone), merged order."""
        return tuple(item for item in self.items if item.document.is_shown(gate, day))

    def frames(self, gate: str) -> tuple[Frame, ...]:
        """What the screen plays at a gate, in order."""
        return tuple(
            Frame(
                entry.id,
                files / entry.file,
                kind_of(entry.file) or Kind.PICTURE,
                entry.seconds,
                item="/".join((*files.parts[-4:-2], entry.file)),  # releases/{category}/{agency}/{n}/files
            )
            for files, document in self.programmes
            for entry in document.items
            if entry.is_for(gate)
        )


def _item(folder: Path) -> Item:
    document = decode(ItemDocument, (folder / ITEM_FILE).read_bytes(), ITEM_LIMIT)
    missing = [f"{language}.md" for language in document.texts if not (folder / f"{language}.md").is_file()]
    missing += [name for name in document.media if not (folder / name).is_file()]
    if missing or not document.texts:
        raise RefusedError(ErrorCode.PREPARE, f"{folder.name}: {', '.join(missing) or 'no text'} is missing")
    return Item(document, folder)
