"""CAP 1.2 in and out: what a weather service or another office sends becomes a notice, and a notice goes out to them.

    bytes ──► cap_xml: plain XML ──► cap_form: the standard's form ──► here: what it means to booths ──► Notice

Who speaks is never taken from a file. The officer who imports it answers for it, in the name of the officer's agency.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mqtt.contract.documents import schema_of
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import LONGEST_VALIDITY, REFERENCES_LIMIT, MessageType, Notice
from mqtt.office.notices import cap_words as words
from mqtt.office.notices.cap_form import check_form
from mqtt.office.notices.cap_info import (
    EVERY_GATE,
    GATE_CODE,
    UNSAID,
    Facts,
    by_language,
    facts_of,
    has_words,
    kind_of,
    texts_of,
)
from mqtt.office.notices.cap_words import Origin, meaning, moment, origin_of
from mqtt.office.notices.cap_xml import Element, read_xml, write_xml
from mqtt.office.notices.texts import FIELDS
from mqtt.office.terms import GateTerms

_EVERY_GATE_NAMES: Final = GateTerms(kind="every", vi="Tất cả các cửa khẩu", en="All gates")


@dataclass(frozen=True)
class Imported:
    """What came of a CAP document.

    Attributes:
        warnings: What it says and the notice does not, for the officer who will sign.
    """

    notice: Notice
    warnings: tuple[str, ...] = ()


def read_cap(
    data: bytes, gates: Mapping[str, GateTerms], agency: str, *, gate: str | None = None, kind: str | None = None
) -> Imported:
    """Read a CAP document as a notice of an agency.

    Args:
        data: The document.
        gates: Of the regulation, by id; an area may be named as they are.
        agency: Whose officer imports it.
        gate: For which gate it is if no area says so; ``*`` is every gate.
        kind: Of which kind it is, whatever the event is called.

    Raises:
        ContractError: ``E_CAP`` naming element and line; ``E_SIZE``; ``E_UNKNOWN``, there is no such ``gate``.
    """
    if gate is not None and gate != EVERY_GATE and gate not in gates:
        raise ContractError(ErrorCode.UNKNOWN, f"{gate} is no gate of the regulation")
    alert = read_xml(data)
    check_form(alert)
    meaning(alert.one("scope"), words.SCOPES)
    origin, message = origin_of(alert), meaning(alert.one("msgType"), words.TYPES)
    infos = list(alert.all("info"))
    blocks, left_out = by_language(infos)
    facts = facts_of(infos, gates) if infos else UNSAID
    speaking = {
        language: info for language, info in blocks.items() if message is not MessageType.CANCEL or has_words(info)
    }
    if not speaking and message is not MessageType.CANCEL:
        raise alert.refusal("no info block in a language of the booths")
    notice = {
        "schema": schema_of(Notice),
        "id": origin.notice_id,
        "agency": agency,
        "gate": _gate(alert, facts, gate),
        "kind": kind or kind_of(alert, blocks),
        "status": meaning(alert.one("status"), words.STATUSES),
        "type": message,
        "urgency": facts.urgency,
        "severity": facts.severity,
        "certainty": facts.certainty,
        "sent": origin.sent,
        "effective": facts.effective,
        "expires": _expires(infos, facts, origin.sent, message),
        "texts": texts_of(speaking),
        "supersedes": _supersedes(alert, origin, message),
    }
    try:
        return Imported(
            msgspec.convert(notice, Notice), (*left_out, *_passed_over(infos, facts.effective or origin.sent))
        )
    except msgspec.ValidationError as error:
        raise alert.refusal(str(error)) from error


def write_cap(notice: Notice, gates: Mapping[str, GateTerms], earlier: Iterable[Notice] = ()) -> bytes:
    """Write a notice as a CAP document, one info block per language.

    Args:
        notice: Of an agency of ours.
        gates: Of the regulation, by id; for the names of areas.
        earlier: The notices that this one updates or cancels: CAP refers to them by sender and time as well.

    Raises:
        ContractError: ``E_UNKNOWN``, one of the earlier notices is missing; ``E_CAP``, XML cannot carry a text.
    """
    known = {one.id: str(_origin(one)) for one in earlier}
    if missing := [one for one in notice.supersedes if one not in known]:
        raise ContractError(ErrorCode.UNKNOWN, f"references: {', '.join(missing)} is needed and not known here")
    origin = _origin(notice)
    references = [Element("references", " ".join(known[one] for one in notice.supersedes))] if notice.supersedes else []
    return write_xml(
        Element(
            "alert",
            children=(
                Element("identifier", origin.identifier),
                Element("sender", origin.sender),
                Element("sent", words.written(notice.sent)),
                Element("status", words.word(words.STATUSES, notice.status)),
                Element("msgType", words.word(words.TYPES, notice.type)),
                Element("scope", "Public"),
                *references,
                *(_info(notice, language, gates) for language in notice.texts or ("en",)),
            ),
        )
    )


def _gate(alert: Element, facts: Facts, asked: str | None) -> str:
    if facts.area is None and asked is None:
        raise alert.refusal("area: none is a gate of ours; say for which gate it is")
    if facts.area and asked and facts.area != asked:
        raise alert.refusal(f"area: it is for {facts.area}, not for {asked}")
    return facts.area or asked or EVERY_GATE


def _expires(infos: Sequence[Element], facts: Facts, sent: datetime, message: MessageType) -> datetime:
    """When it ends; a cancellation that does not say it outlives everything that it could cancel."""
    expires = facts.expires or (sent + LONGEST_VALIDITY if message is MessageType.CANCEL else None)
    if expires is None:
        raise infos[0].refusal("expires is missing")
    if not timedelta() < expires - sent <= LONGEST_VALIDITY:
        raise infos[0].one("expires").refusal("must be after sent, by at most 72 hours")
    if facts.effective and not sent <= facts.effective < expires:
        raise infos[0].one("effective").refusal("must lie between sent and expires")
    return expires


def _supersedes(alert: Element, origin: Origin, message: MessageType) -> tuple[str, ...]:
    references = alert.first("references")
    if references is None or not references.text:
        if message is MessageType.ALERT:
            return ()
        raise (references or alert).refusal(f"references are missing; {message.capitalize()} needs them")
    if message is MessageType.ALERT:
        raise references.refusal("an Alert refers to nothing; an Update or a Cancel does")
    referred = words.referred(references)
    ids = tuple(dict.fromkeys(one.notice_id for one in referred))
    if origin.notice_id in ids:
        raise references.refusal("it refers to itself")
    if len(ids) < len(referred):
        raise references.refusal("it refers to the same message twice")
    if len(ids) > REFERENCES_LIMIT:
        raise references.refusal(f"{len(ids)} messages, at most {REFERENCES_LIMIT}")
    if any(one.sent > origin.sent for one in referred):
        raise references.refusal("it refers to a message that was sent later")
    return ids


def _passed_over(infos: Sequence[Element], starts: datetime) -> Iterator[str]:
    """Name what travellers will not see: files, and a beginning that only ``onset`` tells."""
    for info in infos:
        for resource in info.all("resource"):
            yield f"resource: a notice carries no files (line {resource.line})"
        onset = info.first("onset")
        if onset and moment(onset) != starts:
            yield f"onset: {onset.text} is not taken over; let the text say it (line {onset.line})"


def _origin(notice: Notice) -> Origin:
    return Origin(f"{notice.agency}@gatebooth", notice.id, notice.sent)


def _info(notice: Notice, language: str, gates: Mapping[str, GateTerms]) -> Element:
    text = notice.texts.get(language)
    said = [Element(field, getattr(text, field)) for field in FIELDS if text and getattr(text, field)]
    effective = [Element("effective", words.written(notice.effective))] if notice.effective else []
    return Element(
        "info",
        children=(
            Element("language", words.TAGS.get(language, language)),
            Element("category", words.CATEGORIES.get(notice.kind, "Other")),
            Element("event", notice.kind),
            Element("urgency", words.word(words.URGENCIES, notice.urgency)),
            Element("severity", words.word(words.SEVERITIES, notice.severity)),
            Element("certainty", words.word(words.CERTAINTIES, notice.certainty)),
            *effective,
            Element("expires", words.written(notice.expires)),
            *said,
            _area(notice.gate, language, gates),
        ),
    )


def _area(gate: str, language: str, gates: Mapping[str, GateTerms]) -> Element:
    terms = _EVERY_GATE_NAMES if gate == EVERY_GATE else gates.get(gate)
    name = gate if terms is None else terms.vi if language == "vi" else terms.en
    code = Element("geocode", children=(Element("valueName", GATE_CODE), Element("value", gate)))
    return Element("area", children=(Element("areaDesc", name), code))
