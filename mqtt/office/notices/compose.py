"""A notice from its parts, as the regulation wants it; pure.

    parts ─► whose duty is it? ─► texts in every language that must be there ─► Notice, ready to be signed

An urgent notice does not wait for translators: it needs Vietnamese and English, the others may follow in an update.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mqtt.contract.documents import decode_to_sign
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import (
    NOTICE_LIMIT,
    Certainty,
    MessageType,
    Notice,
    NoticeText,
    Severity,
    Status,
    Urgency,
    notice_path,
)
from mqtt.office.authority import covers
from mqtt.office.notices.texts import problems
from mqtt.office.terms import AgencyTerms, Authority

WHEN_URGENT: Final = ("vi", "en")
"""Languages that an urgent notice cannot do without."""
LASTS: Final = timedelta(hours=12)
"""How long a notice counts when nobody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an officer says of a notice; the rest follows from the regulation.

    Attributes:
        agency: None: the one whose duty it is.
        effective: From when it counts; None is at once.
        expires: None is twelve hours after it begins to count.
    """

    gate: str
    kind: str
    texts: Mapping[str, NoticeText]
    agency: str | None = None
    status: Status = Status.ACTUAL
    urgency: Urgency = Urgency.NORMAL
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    effective: datetime | None = None
    expires: datetime | None = None
    type: MessageType = MessageType.ALERT
    supersedes: tuple[str, ...] = ()


def compose(parts: Parts, authority: Authority, now: datetime, token: str) -> Notice:
    """Make a notice.

    Args:
        parts: What is said.
        authority: The regulation in force.
        now: Moment of sending.
        token: Some letters that no other notice of this second has.

    Raises:
        ContractError: ``E_UNKNOWN`` (gate), ``E_AUTHORITY`` (nobody's duty, or another agency's), ``E_TEXT`` (a
            language is missing or cannot be right), ``E_MALFORMED`` (a time or a reference makes no sense).
    """
    if parts.gate != "*" and parts.gate not in authority.gates:
        raise ContractError(ErrorCode.UNKNOWN, f"gate {parts.gate}; there are {', '.join(authority.gates)}")
    agency = agency_for(authority, parts.gate, parts.kind)
    if agency is None or parts.agency not in {None, agency}:
        competent = f"it is the duty of {agency}" if agency else "it is nobody's duty"
        raise ContractError(ErrorCode.AUTHORITY, f"{notice_path(parts.gate, parts.kind)}: {competent}")
    if parts.type is not MessageType.CANCEL:
        require_sound(parts.texts, parts.urgency, authority)
    starts = parts.effective or now
    made = {
        "schema": "notice/1",
        "id": f"{parts.kind}-{now:%Y%m%d-%H%M%S}-{token}",
        "agency": agency,
        "gate": parts.gate,
        "kind": parts.kind,
        "status": parts.status,
        "type": parts.type,
        "urgency": parts.urgency,
        "severity": parts.severity,
        "certainty": parts.certainty,
        "sent": now,
        "effective": parts.effective,
        "expires": parts.expires or starts + LASTS,
        "texts": dict(parts.texts),
        "supersedes": parts.supersedes,
    }
    return decode_to_sign(Notice, msgspec.json.encode(made), NOTICE_LIMIT)


def agency_for(authority: Authority, gate: str, kind: str) -> str | None:
    """Return whose duty a notice is, None if nobody's; the regulation gives one notice to one agency."""
    return next((name for name, terms in _duties(authority) if _competent(terms, gate, kind)), None)


def kinds_of(authority: Authority, gate: str) -> dict[str, str]:
    """Return what may be said at a gate, with the agency whose duty it is."""
    found = {}
    for name, terms in _duties(authority):
        for pattern in terms.duty.notices if terms.duty else ():
            place, _, kind = pattern.partition("/")
            if kind != "*" and covers(place, gate):
                found[kind] = name
    return found


def required_of(authority: Authority, urgency: Urgency) -> tuple[str, ...]:
    """Return the languages a notice must have."""
    return WHEN_URGENT if urgency is Urgency.URGENT else authority.notice_languages


def _duties(authority: Authority) -> Iterable[tuple[str, AgencyTerms]]:
    return ((name, authority.agencies[name]) for name in authority.order if authority.agencies[name].duty)


def _competent(terms: AgencyTerms, gate: str, kind: str) -> bool:
    pairs = (pattern.split("/") for pattern in (terms.duty.notices if terms.duty else ()))
    return any(covers(place, gate) and covers(subject, kind) for place, subject in pairs)


def require_sound(texts: Mapping[str, NoticeText], urgency: Urgency, authority: Authority) -> list[str]:
    """Refuse texts that nobody should sign; returns what a person should look at before signing all the same.

    Raises:
        ContractError: ``E_TEXT`` naming every language with its mistake.
    """
    found = problems(texts, required_of(authority, urgency))
    if errors := [str(problem) for problem in found if not problem.warning]:
        raise ContractError(ErrorCode.TEXT, "; ".join(errors))
    return [str(problem) for problem in found]
