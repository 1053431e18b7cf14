"""Notices: urgent or timely announcements, the payload of a DSSE envelope signed by a duty role.

The words are those of CAP 1.2 (OASIS, 2010; ITU-T X.1303bis) where it has them.
"""

from datetime import timedelta
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

NoticeId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$(?!\n)")]


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


class NoticeText(msgspec.Struct, frozen=True, kw_only=True):
    """CAP ``info`` in one language."""

    headline: Annotated[str, Meta(min_length=1, max_length=160)]
    description: Annotated[str, Meta(max_length=2000)] = ""
    instruction: Annotated[str, Meta(max_length=1000)] = ""


class Notice(Document, frozen=True, kw_only=True, tag="notice/1"):
    """One announcement. Its authority is a delegation for ``notice/{gate}/{kind}``.

    Attributes:
        supersedes: Ids of notices that this one updates or cancels (CAP ``references``).
    """

    id: NoticeId
    agency: Agency
    gate: GateOrAll
    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,31}$(?!\n)")]
    status: Status
    type: MessageType
    urgency: Urgency
    sent: Instant
    expires: Instant
    texts: dict[Language, NoticeText]
    supersedes: tuple[NoticeId, ...] = ()

    def __post_init__(self) -> None:
        if not timedelta() < self.expires - self.sent <= LONGEST_VALIDITY:
            message = "notice: expires must be after sent, by at most 72 hours"
            raise ValueError(message)
        if not self.texts and self.type is not MessageType.CANCEL:
            message = "notice: no text"
            raise ValueError(message)
