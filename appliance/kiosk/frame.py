"""What stands around every page: where the booth is, how old its content is, and the ways out."""

from dataclasses import dataclass

from appliance.kiosk.edition import Edition
from appliance.kiosk.notices import PAGE
from appliance.kiosk.reader import Reader
from mqtt.contract.names import GateId


@dataclass(frozen=True)
class Door:
    """The way to the same page in another language, named in that language."""

    language: str
    name: str
    url: str
    here: bool


@dataclass(frozen=True)
class Frame:
    """Around a page in one language.

    Attributes:
        version: Of what is shown; the open page follows it.
        back: Address one level up; empty on the home page and where there is no such level.
        updated: When the content was issued, in words; empty without content.
    """

    version: str
    gate: str
    home: str
    back: str
    doors: tuple[Door, ...]
    updated: str
    is_home: bool
    is_clock_trusted: bool


def frame(edition: Edition, gate: GateId, readers: tuple[Reader, ...], reader: Reader, parts: tuple[str, ...]) -> Frame:
    """Build the frame.

    Args:
        edition: What is shown.
        gate: Where the booth stands.
        readers: The same reader in every language of the booth.
        reader: The one in front of it.
        parts: Of the page's address after the language.
    """
    updated = reader.say("page.updated", moment=reader.moment(edition.updated)) if edition.updated else ""
    return Frame(
        version=edition.version,
        gate=reader.name("gates", gate),
        home=reader.link(),
        back=_back(edition, reader, parts),
        doors=tuple(
            Door(other.language, other.say("language.name"), other.link(*parts), other.language == reader.language)
            for other in readers
        ),
        updated=updated,
        is_home=not parts,
        is_clock_trusted=edition.trusted,
    )


def _back(edition: Edition, reader: Reader, parts: tuple[str, ...]) -> str:
    match parts:
        case (category,) if category in edition.categories or category == PAGE:
            return reader.link()
        case (category, *_) if category in edition.categories:
            return reader.link(category)
        case _:
            return ""
