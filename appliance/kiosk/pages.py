"""What each page says, before anybody thinks of HTML. Pure, but for texts and sizes read from the content set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.content.catalogue import Item
from appliance.kiosk.edition import CATEGORIES, Edition
from appliance.kiosk.media import Medium, cover_of, media_of
from appliance.kiosk.prose import Prose, Typesetter
from appliance.kiosk.reader import EVERYONE, GROUPS, Reader
from mqtt.contract.items import Kind
from mqtt.contract.names import LANGUAGES

TITLES_ON_CARD: Final = 4
"""How many titles the first category shows on the home page."""


@dataclass(frozen=True)
class Chip:
    """One choice of a group of visitors."""

    name: str
    url: str
    chosen: bool


@dataclass(frozen=True)
class Tile:
    """An item as a thing to touch. ``language`` is that of title and summary."""

    url: str
    title: str
    summary: str
    language: str
    cover: Medium | None


@dataclass(frozen=True)
class Card:
    """A category as a thing to touch; ``titles`` says what one will find in it."""

    id: str
    icon: str
    url: str
    name: str
    lead: str
    titles: tuple[Tile, ...]


@dataclass(frozen=True)
class HomePage:
    """Categories that have something for this reader."""

    cards: tuple[Card, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class CategoryPage:
    """Items of one category for this reader."""

    id: str
    icon: str
    name: str
    lead: str
    tiles: tuple[Tile, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True)
class Publication:
    """A document to take away: in which language it is, and its size in words."""

    language: str
    name: str
    size: str


@dataclass(frozen=True)
class ItemPage:
    """One item.

    Attributes:
        language: Of title, summary and text; the reader's own unless ``fallback`` says otherwise.
        fallback: Label that names the language, empty when it is the reader's own.
        pictures: Those that do not stand in the text.
        facts: Label and value, and the language of the value where it is not the reader's.
    """

    title: str
    summary: str
    language: str
    fallback: str
    prose: Prose
    pictures: tuple[Medium, ...]
    videos: tuple[Medium, ...]
    publications: tuple[Publication, ...]
    facts: tuple[tuple[str, str, str], ...]
    is_sample: bool


def home(edition: Edition, reader: Reader) -> HomePage:
    """Lay out the home page."""
    cards = []
    for category, items in edition.categories.items():
        served = [item for item in items if reader.is_served_by(item)]
        if served:
            shown = served[:TITLES_ON_CARD] if category == CATEGORIES[0] else []
            titles = tuple(_tile(item, reader, with_cover=False) for item in shown)
            url = reader.link(category)
            cards.append(Card(category, _icon(category), url, _name(category, reader), _lead(category, reader), titles))
    return HomePage(tuple(cards), _chips(edition.items, reader, ()))


def category(edition: Edition, name: str, reader: Reader) -> CategoryPage | None:
    """Lay out a category; None when it has nothing in force."""
    items = edition.categories.get(name)
    if items is None:
        return None
    tiles = tuple(_tile(item, reader, with_cover=True) for item in items if reader.is_served_by(item))
    chips = _chips(items, reader, (name,))
    return CategoryPage(name, _icon(name), _name(name, reader), _lead(name, reader), tiles, chips)


def item(found: Item, reader: Reader, typesetter: Typesetter) -> ItemPage:
    """Lay out an item.

    Raises:
        OSError: The text is gone: the set was replaced meanwhile, or the card is damaged.
    """
    language = found.language_for(reader.language)
    text, media = found.text(language), media_of(found)
    prose = typesetter.set(found.body(language), media)
    apart = [medium for medium in media.values() if medium.name not in prose.used]
    spoken = _language(language, reader)
    return ItemPage(
        title=text.title,
        summary=text.summary,
        language=language,
        fallback="" if language == reader.language else reader.say("item.fallback", spoken=spoken),
        prose=prose,
        pictures=tuple(medium for medium in apart if medium.kind is Kind.PICTURE),
        videos=tuple(medium for medium in apart if medium.kind is Kind.VIDEO),
        publications=_publications(media, reader),
        facts=tuple(_facts(found, reader)),
        is_sample=found.document.sample,
    )


def _facts(found: Item, reader: Reader) -> Iterable[tuple[str, str, str]]:
    document = found.document
    yield reader.say("item.as_of"), reader.day(document.as_of), reader.language
    if document.valid_until:
        yield reader.say("item.valid_until"), reader.day(document.valid_until), reader.language
    yield reader.say("item.agency"), reader.name("agencies", document.agency), reader.language
    if document.source:
        yield reader.say("item.source"), document.source, "vi"


def _publications(media: Mapping[str, Medium], reader: Reader) -> tuple[Publication, ...]:
    documents = [medium for medium in media.values() if medium.kind is Kind.DOCUMENT]
    order = (reader.language, *LANGUAGES, *sorted(_suffix(medium) for medium in documents))
    documents.sort(key=lambda medium: order.index(_suffix(medium)))
    return tuple(_publication(medium, reader) for medium in documents)


def _publication(medium: Medium, reader: Reader) -> Publication:
    language = _suffix(medium)
    known = f"languages.{language}" in reader.words.keys(reader.language)
    name = reader.say("item.publication", spoken=_language(language, reader)) if known else medium.name
    return Publication(language, name, reader.size(medium.size))


def _suffix(medium: Medium) -> str:
    """Return ``vi`` of ``leaflet-vi.pdf``: publications say their language in their name."""
    return medium.path.stem.rpartition("-")[2]


def _tile(found: Item, reader: Reader, *, with_cover: bool) -> Tile:
    language = found.language_for(reader.language)
    text = found.text(language)
    cover = cover_of(media_of(found)) if with_cover else None
    return Tile(reader.link(*found.path.split("/")), text.title, text.summary, language, cover)


def _chips(items: Iterable[Item], reader: Reader, parts: tuple[str, ...]) -> tuple[Chip, ...]:
    """Return the groups that something here is meant for, after the choice of all; none when there is no choice."""
    meant = {group for item in items for group in item.document.visitors}
    groups = [group for group in GROUPS if group in meant or group == reader.group]
    if not groups:
        return ()
    everyone = _chip(None, reader, parts)
    return (everyone, *(_chip(group, reader, parts) for group in groups))


def _chip(group: str | None, reader: Reader, parts: tuple[str, ...]) -> Chip:
    other = Reader(reader.words, reader.language, reader.zone, group)
    return Chip(reader.say(f"visitors.{group or EVERYONE}"), other.link(*parts), group == reader.group)


def _name(category: str, reader: Reader) -> str:
    return reader.name("categories", category)


def _lead(category: str, reader: Reader) -> str:
    return reader.say(f"leads.{category}") if category in CATEGORIES else ""


def _icon(category: str) -> str:
    return category if category in CATEGORIES else "publications"


def _language(language: str, reader: Reader) -> str:
    return reader.name("languages", language)
