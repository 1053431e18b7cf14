"""Notices: urgent or timely announcements, the payload of a DSSE envelope signed by a duty role.

The words are those of CAP 1.2 (OASIS, 2010; ITU-T X.1303bis) where it has them.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import Agency, GateOrAll, Instant, Language

NOTICE_LIMIT: Final = 96 * 1024
"""Bytes of an envelope: five languages, each text as long as it may be, in base64, with signatures."""
NOTICE_PAYLOAD_TYPE: Final = "application/vnd.gatebooth.notice+json"
LONGEST_VALIDITY: Final = timedelta(hours=72)
DUTY_SUFFIX: Final = "-duty"
REFERENCES_LIMIT: Final = 32
_VALIDITY: Final = "expires must be after sent, by at most 72 hours"

NoticeId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$(?!\n)")]
NoticeKind = Annotated[
    str, Meta(pattern=r"^[a-z][a-z-]{1,31}$(?!\n)", description="subject of a notice, e.g. weather; CAP event")
]


class Status(StrEnum):
    """CAP ``status``: exercises and tests are never shown as real."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class MessageType(StrEnum):
    """CAP ``msgType``."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"


class Urgency(StrEnum):
    """``normal`` goes to ticker and notices page; ``urgent`` takes over screen and page."""

    NORMAL = "normal"
    URGENT = "urgent"


class Severity(StrEnum):
    """CAP ``severity``."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """CAP ``certainty``."""

    OBSERVED = "observed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNKNOWN = "unknown"


class NoticeText(msgspec.Struct, frozen=True, kw_only=True):
    """CAP ``info`` in one language."""

    headline: Annotated[str, Meta(min_length=1, max_length=160)]
    description: Annotated[str, Meta(max_length=2000)] = ""
    instruction: Annotated[str, Meta(max_length=1000)] = ""


class Notice(Document, frozen=True, kw_only=True, tag="notice/1"):
    """One announcement. Its authority is a delegation for ``notice/{gate}/{kind}``.

    Attributes:
        effective: From when it counts; None is from when it was sent.
        supersedes: Ids of notices that this one updates or cancels (CAP ``references``).
    """

    id: NoticeId
    agency: Agency
    gate: GateOrAll
    kind: NoticeKind
    status: Status
    type: MessageType
    urgency: Urgency
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    sent: Instant
    effective: Instant | None = None
    expires: Instant
    texts: dict[Language, NoticeText]
    supersedes: tuple[NoticeId, ...] = ()

    def __post_init__(self) -> None:
        for broken, rule in (
            (not timedelta() < self.expires - self.sent <= LONGEST_VALIDITY, _VALIDITY),
            (not self.sent <= self.starts < self.expires, "effective must lie between sent and expires"),
            (not self.texts and self.type is not MessageType.CANCEL, "no text"),
            (bool(self.supersedes) is (self.type is MessageType.ALERT), "an alert follows nothing, others follow one"),
            (self.id in self.supersedes, "it refers to itself"),
            (len(set(self.supersedes)) < len(self.supersedes), "it refers to the same notice twice"),
            (len(self.supersedes) > REFERENCES_LIMIT, f"it refers to more than {REFERENCES_LIMIT} notices"),
        ):
            if broken:
                message = f"notice: {rule}"
                raise ValueError(message)

    @property
    def starts(self) -> datetime:
        """From when it counts."""
        return self.effective or self.sent

    @property
    def path(self) -> str:
        """Under which path of the delegations its signers must be named."""
        return notice_path(self.gate, self.kind)


def duty_role(agency: str) -> str:
    """Return the role whose keys sign an agency's notices; apart from the role of its content."""
    return f"{agency}{DUTY_SUFFIX}"


def notice_path(gate: str, kind: str) -> str:
    """Return ``notice/{gate}/{kind}``; ``*`` is every gate."""
    return f"notice/{gate}/{kind}"


def takes_away(later: Notice, earlier: Notice) -> bool:
    """Whether a notice updates or cancels another and may do so.

    It may when the same agency has said both, for at least the same gate, and both are actual or both are not.
    """
    return (
        earlier.id in later.supersedes
        and later.agency == earlier.agency
        and later.gate in {"*", earlier.gate}
        and later.status is earlier.status
        and later.sent >= earlier.sent
    )
