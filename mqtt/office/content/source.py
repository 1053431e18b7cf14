"""A content source, parsed: every item and programme that can be understood, and every mistake with its line.

    {category}/{agency}/{slug}/vi.md en.md …  cover.png …
    programme/{agency}/programme.toml  welcome.png …

``vi.md`` carries the facts of an item; the other languages carry only title and summary.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from mqtt.contract.items import ProgrammeItem, kind_of
from mqtt.contract.names import Agency, GateOrAll, Language
from mqtt.office.content.bilingual import Lettering
from mqtt.office.content.markdown import Outline, outline
from mqtt.office.content.problems import Problem
from mqtt.office.content.streams import Streams
from mqtt.office.content.tables import TomlText
from mqtt.office.content.texts import Page

FACTS_LANGUAGE: Final = "vi"
PROGRAMME: Final = "programme"
PROGRAMME_SOURCE: Final = "programme.toml"

Title = Annotated[str, Meta(min_length=1, max_length=120)]
Summary = Annotated[str, Meta(min_length=1, max_length=300)]


class TitleFront(msgspec.Struct, frozen=True, kw_only=True):
    """Front matter of every language but Vietnamese."""

    title: Title
    summary: Summary


class MediumFront(msgspec.Struct, frozen=True, kw_only=True):
    """One ``[[media]]``: a file beside the text. A map must say whether it shows territory."""

    file: str
    kind: Literal["map"] | None = None
    territory: bool | None = None


class ItemFront(TitleFront, frozen=True, kw_only=True):
    """Front matter of ``vi.md``: the facts of the item, once (see ``ItemDocument`` for their meaning)."""

    agency: Agency
    gates: Annotated[tuple[GateOrAll, ...], Meta(min_length=1)]
    visitors: Annotated[tuple[str, ...], Meta(min_length=1)]
    order: Annotated[int, Meta(ge=0, le=100_000)]
    as_of: date
    valid_from: date
    valid_until: date | None = None
    source: Annotated[str, Meta(min_length=1, max_length=1000)]
    sample: bool = False
    territory: bool = False
    media: tuple[dict[str, object], ...] = ()


class ProgrammeFront(msgspec.Struct, frozen=True, kw_only=True):
    """``programme.toml``: the languages on the pictures, and ``[[items]]``."""

    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]
    items: Annotated[tuple[dict[str, object], ...], Meta(min_length=1)]


class ProgrammeEntry(ProgrammeItem, frozen=True, kw_only=True):
    """One of the ``[[items]]``: what plays, whether it shows territory, and the words on it from top to bottom."""

    kind: Literal["map"] | None = None
    territory: bool | None = None
    lettering: tuple[Lettering, ...] = ()


@dataclass(frozen=True)
class SourceText:
    """An item in one language."""

    file: str
    language: str
    title: str
    summary: str
    page: Page

    @cached_property
    def outline(self) -> Outline:
        """Headings, paragraphs, links and pictures of the body."""
        return outline(self.page.body, self.page.body_line)


@dataclass(frozen=True)
class SourceItem:
    """One item whose facts could be read.

    Attributes:
        files: Names of the media that lie in the folder.
        media: The ``[[media]]`` of ``vi.md``.
    """

    folder: Path
    path: str
    facts: ItemFront
    media: tuple[MediumFront, ...]
    texts: Mapping[str, SourceText]
    files: tuple[str, ...]

    @property
    def category(self) -> str:
        """First part of the path."""
        return self.path.split("/")[0]

    @property
    def agency(self) -> str:
        """Second part of the path: whose folder it lies in."""
        return self.path.split("/")[1]

    @property
    def slug(self) -> str:
        """Last part of the path."""
        return self.path.split("/")[2]

    @property
    def front(self) -> TomlText:
        """Where the facts stand."""
        return self.texts[FACTS_LANGUAGE].page.front

    @cached_property
    def shown(self) -> frozenset[str]:
        """Files that a text links to or shows."""
        return frozenset(link.target for text in self.texts.values() for link in text.outline.links)

    @property
    def published(self) -> tuple[str, ...]:
        """Media that go into a release: those listed or shown; a stray file stays at home."""
        listed = {medium.file for medium in self.media}
        return tuple(file for file in self.files if file in listed or file in self.shown)

    @property
    def territory_files(self) -> frozenset[str]:
        """Media declared to show territory."""
        return frozenset(medium.file for medium in self.media if medium.territory)


@dataclass(frozen=True)
class SourceProgramme:
    """What one agency plays on the screens."""

    folder: Path
    path: str
    front: TomlText
    languages: tuple[str, ...]
    entries: tuple[ProgrammeEntry, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Everything in the folder that could be understood, and what could not.

    Attributes:
        folders: Path of every ``category/agency`` folder, whether or not anything in it could be read.
    """

    root: Path
    streams: Streams
    items: tuple[SourceItem, ...] = ()
    programmes: tuple[SourceProgramme, ...] = ()
    folders: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), repr=False)

    def items_of(self, category: str, agency: str) -> tuple[SourceItem, ...]:
        """Return one agency's items of one category, by slug."""
        return tuple(item for item in self.items if item.path.startswith(f"{category}/{agency}/"))

    def programme_of(self, agency: str) -> SourceProgramme | None:
        """Return what one agency plays."""
        return next((entry for entry in self.programmes if entry.path == f"{PROGRAMME}/{agency}"), None)

    def media(self) -> Iterator[tuple[str, Path]]:
        """Every medium that is published: its path inside the source, and where it lies."""
        for item in self.items:
            yield from ((f"{item.path}/{file}", item.folder / file) for file in item.published)
        for programme in self.programmes:
            played = {entry.file for entry in programme.entries}
            yield from (
                (f"{programme.path}/{file}", programme.folder / file) for file in programme.files if file in played
            )


def is_medium(name: str) -> bool:
    """Whether a file name is one of a picture, video or document we show."""
    return kind_of(name) is not None
