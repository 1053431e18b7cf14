"""The words of CAP beside ours, both ways: enumerations, moments, languages, and by what a message is known."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import Certainty, MessageType, NoticeId, Severity, Status, Urgency
from mqtt.office.notices.cap_xml import Element, quoted

STATUSES: Final = {word.capitalize(): word for word in Status}
TYPES: Final = {word.capitalize(): word for word in MessageType}
SEVERITIES: Final = {word.capitalize(): word for word in Severity}
CERTAINTIES: Final = {word.capitalize(): word for word in Certainty}
SCOPES: Final = {"Public": "Public"}
URGENCIES: Final = {
    "Immediate": Urgency.URGENT,
    "Expected": Urgency.NORMAL,
    "Future": Urgency.NORMAL,
    "Past": Urgency.NORMAL,
    "Unknown": Urgency.NORMAL,
}
"""The first word of each urgency is the one that is written."""
CATEGORIES: Final = {
    "weather": "Met",
    "fire": "Fire",
    "health": "Health",
    "security": "Security",
    "border": "Security",
    "flights": "Transport",
    "ships": "Transport",
    "transport": "Transport",
}
"""CAP category of a kind; of every other kind it is ``Other``."""
TAGS: Final = {"vi": "vi-VN", "en": "en-US", "zh": "zh-CN", "lo": "lo-LA", "km": "km-KH"}
DEFAULT_TAG: Final = "en-US"
"""What an info block speaks that does not say it (CAP 1.2, section 3.2.2)."""

_MOMENT: Final = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[-+][0-9]{2}:[0-9]{2})")
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
_UNSPEAKABLE: Final = re.compile(r"[\s,<&]")

W = TypeVar("W")


def meaning(element: Element, words: Mapping[str, W]) -> W:
    """Return what a word of CAP is with us.

    Raises:
        ContractError: ``E_CAP``; none of the words, or one that booths do not show.
    """
    if element.text not in words:
        raise element.refusal(f"{quoted(element.text)} is not taken, only {', '.join(words)}")
    return words[element.text]


def word(words: Mapping[str, W], value: W) -> str:
    """Return the word of CAP for one of ours."""
    return next(name for name, one in words.items() if one == value)


def moment(element: Element) -> datetime:
    """Read a moment with its offset from UTC; ``Z`` is tolerated.

    Raises:
        ContractError: ``E_CAP``; another form, no offset, or no day of the calendar.
    """
    if not _MOMENT.fullmatch(element.text):
        raise element.refusal(f"{quoted(element.text)} is not like 2026-12-01T15:00:00+07:00")
    try:
        return datetime.fromisoformat(element.text).astimezone(UTC)
    except ValueError as error:
        raise element.refusal(f"{quoted(element.text)} is no moment: {error}") from error


def written(at: datetime) -> str:
    """Write a moment as CAP wants it: UTC is ``-00:00`` and never ``Z``; fractions of a second are cut."""
    return at.isoformat(timespec="seconds").replace("+00:00", "-00:00")


def language_of(tag: str) -> str | None:
    """Return the booths' language for a tag of BCP 47, None if they have none; Chinese is the simplified one."""
    language, *rest = tag.lower().split("-")
    if language == "zh" and _TRADITIONAL.intersection(rest):
        return None
    return language if language in LANGUAGES else None


@dataclass(frozen=True)
class Origin:
    """By what CAP knows a message: who sent it, what they call it, when."""

    sender: str
    identifier: str
    sent: datetime

    @property
    def notice_id(self) -> str:
        """The identifier where it may be an id of ours; else an id that follows from the three, the same every time."""
        if fits(self.identifier, NoticeId):
            return self.identifier
        said = f"{self.sender},{self.identifier},{self.sent.astimezone(UTC).isoformat()}"
        return f"cap-{sha256(said.encode()).hexdigest()[:24]}"

    def __str__(self) -> str:
        """As it stands in ``references``."""
        return f"{self.sender},{self.identifier},{written(self.sent)}"


def origin_of(alert: Element) -> Origin:
    """Return by what an alert is known.

    Raises:
        ContractError: ``E_CAP``; a name that could not stand in ``references``, or a wrong moment.
    """
    for name in ("identifier", "sender"):
        element = alert.one(name)
        if not element.text or _UNSPEAKABLE.search(element.text):
            raise element.refusal("is empty or holds a space, a comma, < or &")
    return Origin(alert.one("sender").text, alert.one("identifier").text, moment(alert.one("sent")))


def referred(references: Element) -> list[Origin]:
    """Read ``references``: ``sender,identifier,sent``, one after another.

    Raises:
        ContractError: ``E_CAP``; not three parts, or a wrong moment.
    """
    found = []
    for reference in references.text.split():
        parts = reference.split(",")
        if len(parts) != len(Origin.__dataclass_fields__) or not all(parts):
            raise references.refusal(f"{quoted(reference)} is not sender,identifier,sent")
        sender, identifier, sent = parts
        found.append(Origin(sender, identifier, moment(Element("references", sent, line=references.line))))
    return found


def fits(text: str, kind: Any) -> bool:  # noqa: ANN401 - an annotated type is no type to mypy
    """Whether a text is one that the contract takes for this type."""
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True
