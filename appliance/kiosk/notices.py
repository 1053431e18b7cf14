"""What the pages say of notices: a banner on every page, and a page with all they say."""

from dataclasses import dataclass
from typing import Final

from appliance.kiosk.edition import Edition
from appliance.kiosk.reader import Reader
from mqtt.contract.names import FALLBACKS
from mqtt.contract.notices import Notice, NoticeText, Status, Urgency

ON_BANNER: Final = 2
"""Headlines on a banner; the page has them all."""
PAGE: Final = "notices"
"""Last part of the page's address."""


@dataclass(frozen=True)
class Headline:
    """One line of the banner; ``label`` says that it is urgent or only an exercise, empty for all others."""

    language: str
    text: str
    url: str
    label: str
    tone: str


@dataclass(frozen=True)
class Entry:
    """One notice on the page.

    Attributes:
        language: Of headline, description and instruction.
        fallback: Says in which language it is, empty when it is the reader's own.
    """

    headline: str
    description: str
    instruction: str
    language: str
    fallback: str
    label: str
    tone: str
    facts: tuple[tuple[str, str], ...]


def banner(edition: Edition, readers: tuple[Reader, ...]) -> tuple[Headline, ...]:
    """Return the headlines on top of every page: in the reader's language, or once in each where none is chosen."""
    shown = edition.notices[: 1 if len(readers) > 1 else ON_BANNER]
    return tuple(_headline(notice, reader) for notice in shown for reader in readers)


def entries(edition: Edition, reader: Reader) -> tuple[Entry, ...]:
    """Return everything in force, most urgent first."""
    return tuple(_entry(notice, reader) for notice in edition.notices)


def text_for(notice: Notice, language: str) -> tuple[str, NoticeText]:
    """Return the text for a reader, and in which language it is."""
    order = (language, *FALLBACKS.get(language, ()), *notice.texts)
    found = next(one for one in order if one in notice.texts)
    return found, notice.texts[found]


def _headline(notice: Notice, reader: Reader) -> Headline:
    language, text = text_for(notice, reader.language)
    return Headline(language, text.headline, reader.link(PAGE), _label(notice, reader), _tone(notice))


def _entry(notice: Notice, reader: Reader) -> Entry:
    language, text = text_for(notice, reader.language)
    spoken = reader.say(f"languages.{language}")
    facts = (
        (reader.say("item.agency"), reader.name("agencies", notice.agency)),
        (reader.say("notices.sent"), reader.moment(notice.sent)),
        (reader.say("notices.until"), reader.moment(notice.expires)),
    )
    return Entry(
        headline=text.headline,
        description=text.description,
        instruction=text.instruction,
        language=language,
        fallback="" if language == reader.language else reader.say("item.fallback", spoken=spoken),
        label=_label(notice, reader),
        tone=_tone(notice),
        facts=facts,
    )


def _label(notice: Notice, reader: Reader) -> str:
    tone = _tone(notice)
    return "" if tone == "normal" else reader.say(f"notices.{tone}")


def _tone(notice: Notice) -> str:
    if notice.status is not Status.ACTUAL:
        return "exercise"
    return "urgent" if notice.urgency is Urgency.URGENT else "normal"
