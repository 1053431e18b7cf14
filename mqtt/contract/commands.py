"""Commands: DSSE envelopes by the ``operations`` role, idempotent by id, expiring, answered on the response topic."""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.errors import DETAIL_LIMIT, ErrorCode
from mqtt.contract.names import BoothId, Instant

COMMAND_LIMIT: Final = 16 * 1024
SCREENSHOT_LIMIT: Final = 256 * 1024
"""Largest screenshot (JPEG), bytes."""
LOGS_LIMIT: Final = 512 * 1024
"""Longest piece of a log, bytes."""
RESULT_LIMIT: Final = 704 * 1024
"""Bytes of a result as sent: logs in base64 are a third longer."""
COMMAND_PAYLOAD_TYPE: Final = "application/vnd.gatebooth.command+json"

CommandId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$(?!\n)")]


class CommandName(StrEnum):
    """What may be asked of a booth; anything else is refused."""

    IDENTIFY = "identify"
    SCREENSHOT = "screenshot"
    LOGS = "logs"
    RESTART = "restart"
    REBOOT = "reboot"
    SELFTEST = "selftest"
    UPDATE = "update"


class Outcome(StrEnum):
    """How far it is, and in the end how it ended; after ``running`` comes one of the others."""

    RUNNING = "running"
    OK = "ok"
    REJECTED = "rejected"
    FAILED = "failed"


class Command(Document, frozen=True, kw_only=True, tag="command/1"):
    """One order to one booth. A booth that has seen the id answers again and does nothing."""

    id: CommandId
    booth: BoothId
    name: CommandName
    sent: Instant
    expires: Instant
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.expires <= self.sent:
            message = "command: expires must be after sent"
            raise ValueError(message)


class Result(Document, frozen=True, kw_only=True, tag="result/1"):
    """What becomes of a command; ``data`` is bounded (screenshot JPEG ≤ 256 KiB, logs ≤ 512 KiB).

    Attributes:
        percent: How far it is while it runs.
    """

    id: CommandId
    booth: BoothId
    outcome: Outcome
    percent: Annotated[int, Meta(ge=0, le=100)] = 0
    code: ErrorCode | None = None
    detail: Annotated[str, Meta(max_length=DETAIL_LIMIT)] = ""
    media_type: Annotated[str, Meta(max_length=100)] = "text/plain"
    data: Annotated[bytes, Meta(max_length=LOGS_LIMIT)] = b""
