"""The info blocks of an alert: one language each, and all of them about the same thing.

CAP allows one alert to say different things in different blocks. A notice has one time, one urgency and one gate, so
blocks that do not agree are refused, not guessed at.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, cast

from msgspec.inspect import StrType, StructType, type_info

from mqtt.contract.notices import Certainty, NoticeKind, NoticeText, Severity, Urgency
from mqtt.office.notices.cap_words import (
    CERTAINTIES,
    DEFAULT_TAG,
    SEVERITIES,
    URGENCIES,
    fits,
    language_of,
    meaning,
    moment,
)
from mqtt.office.notices.cap_xml import WHITE, Element, quoted
from mqtt.office.notices.texts import FIELDS, copies, foreign_matter
from mqtt.office.terms import GateTerms

EVERY_GATE: Final = "*"
GATE_CODE: Final = "gate"
"""``valueName`` of a geocode whose value is a gate of ours, or :data:`EVERY_GATE`."""

_LIMITS: Final = {
    field.name: cast("StrType", field.type).max_length or 0
    for field in cast("StructType", type_info(NoticeText)).fields
}
_SPACES: Final = re.compile(r"[ \t]+")
_NO_LETTERS: Final = re.compile(r"[^a-z]+")


@dataclass(frozen=True)
class Facts:
    """What all info blocks of one notice say alike; the names are those of CAP.

    Attributes:
        area: The gate, ``*`` for every gate; None where no area is one of ours.
    """

    urgency: Urgency
    severity: Severity
    certainty: Certainty
    effective: datetime | None
    expires: datetime | None
    area: str | None


UNSAID: Final = Facts(Urgency.NORMAL, Severity.UNKNOWN, Certainty.UNKNOWN, None, None, None)
"""Of a cancellation without info blocks."""


def facts_of(infos: Sequence[Element], gates: Mapping[str, GateTerms]) -> Facts:
    """Return what the blocks agree on; there must be one.

    Raises:
        ContractError: ``E_CAP`` naming the element that says otherwise than in the first block, or is wrong.
    """
    first, *others = (_facts(info, gates) for info in infos)
    for info, facts in zip(infos[1:], others, strict=True):
        for name in (field.name for field in fields(Facts)):
            if getattr(facts, name) != getattr(first, name):
                raise (info.first(name) or info).refusal(f"{name} differs from that of the first info block")
    return first


def by_language(infos: Sequence[Element]) -> tuple[dict[str, Element], list[str]]:
    """Return the blocks that booths can show by language, and what was left out.

    Raises:
        ContractError: ``E_CAP``; two blocks of one language.
    """
    kept: dict[str, Element] = {}
    left_out = []
    for info in infos:
        element = info.first("language")
        tag = element.text if element else DEFAULT_TAG
        language = language_of(tag)
        if language is None:
            left_out.append(f"language: {quoted(tag)} is none of the booths; its block is left out (line {info.line})")
        elif language in kept:
            raise (element or info).refusal(f"a second info block in {language}")
        else:
            kept[language] = info
    return kept, left_out


def has_words(info: Element) -> bool:
    """Whether a block says anything to a traveller."""
    return any(info.first(name) for name in FIELDS)


def texts_of(blocks: Mapping[str, Element]) -> dict[str, NoticeText]:
    """Return the texts of the blocks.

    Raises:
        ContractError: ``E_CAP`` naming the element: no headline, too long, not plain text, the same in two languages.
    """
    texts = {language: _text(info) for language, info in blocks.items()}
    for one, other, field in copies(texts):
        raise blocks[other].one(field).refusal(f"the same text in {one} and in {other}")
    return texts


def kind_of(alert: Element, blocks: Mapping[str, Element]) -> str:
    """Return the kind that the English event names; without English, an event that is the name of a kind.

    Raises:
        ContractError: ``E_CAP``; no event gives a kind.
    """
    info = blocks.get("en") or alert.first("info")
    if info is None:
        raise alert.refusal("event: there is none; say which kind of notice it is")
    event = info.one("event")
    if fits(event.text, NoticeKind):
        return event.text
    slug = _NO_LETTERS.sub("-", event.text.casefold()).strip("-")
    if "en" not in blocks or not fits(slug, NoticeKind):
        raise event.refusal(f"{quoted(event.text)} names no kind of notice; say which kind it is")
    return slug


def _facts(info: Element, gates: Mapping[str, GateTerms]) -> Facts:
    effective, expires = info.first("effective"), info.first("expires")
    return Facts(
        urgency=meaning(info.one("urgency"), URGENCIES),
        severity=meaning(info.one("severity"), SEVERITIES),
        certainty=meaning(info.one("certainty"), CERTAINTIES),
        effective=moment(effective) if effective else None,
        expires=moment(expires) if expires else None,
        area=_gate(info, gates),
    )


def _gate(info: Element, gates: Mapping[str, GateTerms]) -> str | None:
    names = {_folded(name): gate for gate, terms in gates.items() for name in (terms.vi, terms.en)}
    found: dict[str, Element] = {}
    for area in info.all("area"):
        codes = [code.one("value") for code in area.all("geocode") if code.one("valueName").text == GATE_CODE]
        for code in codes:
            if code.text != EVERY_GATE and code.text not in gates:
                raise code.refusal(f"{quoted(code.text)} is no gate of the regulation")
            found.setdefault(code.text, area)
        if not codes and (gate := names.get(_folded(area.one("areaDesc").text))):
            found.setdefault(gate, area)
    if len(found) > 1:
        _, (gate, area), *_ = found.items()
        raise area.refusal(f"{gate} is a second gate; a notice is for one gate or for all of them")
    return next(iter(found), None)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _text(info: Element) -> NoticeText:
    headline = info.one("headline")
    if not headline.text:
        raise headline.refusal("is empty")
    found = {field: _plain(element) for field in FIELDS if (element := info.first(field))}
    return NoticeText(**found)


def _plain(element: Element) -> str:
    """Return the text without the indents that XML is laid out with; a headline is one line."""
    line_end = " " if element.name == "headline" else "\n"
    text = line_end.join(_SPACES.sub(" ", line).strip(WHITE) for line in element.text.split("\n"))
    if len(text) > _LIMITS[element.name]:
        raise element.refusal(f"{len(text)} characters, at most {_LIMITS[element.name]}")
    if matter := foreign_matter(text):
        raise element.refusal(matter)
    return text
