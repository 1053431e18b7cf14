"""Every topic, spelled once: who writes it, who reads it, on which broker, and what it carries.

Broker ACLs, AsyncAPI and the reference page are derived from this table. Placeholders in braces; ``{booth}`` and
``{gate}`` are bound to the identity that speaks, all others are free.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

import msgspec

from mqtt.contract import commands, desk, notices, records, releases, repository, state, transfer
from mqtt.contract.errors import ContractError, ErrorCode

PREFIX: Final = "gb/v1/"


class Plane(StrEnum):
    """Two broker processes: bulk on the same connection would delay an urgent notice by seconds."""

    CONTROL = "control"
    BULK = "bulk"


class Party(StrEnum):
    """Who speaks. One certificate per process, so the office is several."""

    BOOTH = "booth"
    COUNTER = "counter"
    EDGE = "edge"
    OFFICER = "officer"
    NEWCOMER = "newcomer"
    PUBLISHER = "publisher"
    CHUNKS = "chunks"
    COLLECTOR = "collector"


class Form(StrEnum):
    """How the payload is written."""

    JSON = "application/json"
    DSSE = "application/vnd.dsse+json"
    TUF = "application/vnd.tuf+json"
    FRAME = "application/vnd.gatebooth.frame"
    FLAG = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One line of the table.

    Attributes:
        message: Type of the JSON or of the DSSE payload; None for TUF files and frames.
        expiry_s: MQTT message expiry in seconds, None for none.
        limit_bytes: Largest payload a reader accepts.
    """

    name: str
    template: str
    plane: Plane
    writers: frozenset[Party]
    readers: frozenset[Party]
    form: Form
    message: type[msgspec.Struct] | None
    retain: bool
    qos: int
    expiry_s: int | None
    limit_bytes: int
    summary: str

    def at(self, **values: str | int) -> str:
        """Return the full topic for these placeholder values.

        Raises:
            ContractError: ``E_MALFORMED``; a value would change the topic's shape.
        """
        texts = {key: str(value) for key, value in values.items()}
        for key, text in texts.items():
            if not _FREE.fullmatch(text):
                raise ContractError(ErrorCode.MALFORMED, f"{key} {text!r} may not stand in a topic")
        return PREFIX + self.template.format_map(texts)

    def filter(self, **values: str) -> str:
        """Return a topic filter: the placeholders given are bound, the others are ``+``."""
        return PREFIX + _PLACEHOLDER.sub(lambda found: values.get(found[1], "+"), self.template)

    def match(self, topic: str) -> dict[str, str] | None:
        """Return the placeholder values of a full topic, None if it is another; :meth:`at` would take the values."""
        found = self._pattern.fullmatch(topic)
        return found.groupdict() if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(PREFIX) + _PLACEHOLDER.sub(rf"(?P<\1>{_VALUE})", self.template))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names in braces, in order."""
        return tuple(_PLACEHOLDER.findall(self.template))


_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
_VALUE: Final = "[a-z0-9][a-z0-9-]{0,63}"
"""Names, numbers, digests and ids: every value that may stand in a topic."""
_FREE: Final = re.compile(_VALUE)


def _topic(  # noqa: PLR0913 - one row of a table
    name: str,
    template: str,
    route: str,
    message: type[msgspec.Struct] | None,
    summary: str,
    *,
    limit: int,
    plane: Plane = Plane.CONTROL,
    form: Form = Form.JSON,
    retain: bool = False,
    qos: int = 1,
    expiry_s: int | None = None,
) -> Topic:
    writers, readers = (frozenset(Party(word) for word in side.split()) for side in route.split(">"))
    return Topic(
        name=name,
        template=template,
        plane=plane,
        writers=writers,
        readers=readers,
        form=form,
        message=message,
        retain=retain,
        qos=qos,
        expiry_s=expiry_s,
        limit_bytes=limit,
        summary=summary,
    )


META = _topic(
    "meta", "repo/meta", "publisher > booth edge", repository.MetaSet, "TUF metadata, one atomic set in a frame",
    form=Form.FRAME, retain=True, limit=repository.META_LIMIT,
)  # fmt: skip
ROOT = _topic(
    "root", "repo/root/{number}", "publisher > booth edge", None, "Each version of the TUF root, for ever",
    form=Form.TUF, retain=True, limit=repository.ROOT_LIMIT,
)  # fmt: skip
INLINE = _topic(
    "inline", "repo/inline/{digest}", "publisher > booth edge", None,
    "Heads, lists, indexes and texts up to 32 KiB, packed in a frame; subscribed by exact digest, never by wildcard",
    form=Form.FRAME, retain=True, limit=releases.INLINE_LIMIT + 64,
)  # fmt: skip
ASSIGN = _topic(
    "assign", "gate/{gate}/assign", "publisher > booth edge", repository.Assignment,
    "Which streams each booth of a gate shows; the bytes of TUF target assign/{gate}.json",
    retain=True, limit=repository.ASSIGN_LIMIT,
)  # fmt: skip
NOTICE = _topic(
    "notice", "gate/{gate}/notice/{id}", "publisher > booth edge", notices.Notice, "A notice from the office",
    form=Form.DSSE, retain=True, expiry_s=72 * 3600, limit=notices.NOTICE_LIMIT,
)  # fmt: skip
LOCAL = _topic(
    "local", "gate/{gate}/local/{id}", "officer > booth edge collector", notices.Notice,
    "A notice published at the gate itself, also with the office cut off",
    form=Form.DSSE, retain=True, expiry_s=72 * 3600, limit=notices.NOTICE_LIMIT,
)  # fmt: skip
CALL = _topic(
    "call", "gate/{gate}/call/{booth}", "booth > counter", desk.Call, "A traveller asks for a person",
    expiry_s=600, limit=desk.DESK_LIMIT,
)  # fmt: skip
ANSWER = _topic(
    "answer", "gate/{gate}/call/{booth}/answer", "counter > booth", desk.Answer, "The counter's answer to a call",
    expiry_s=600, limit=desk.DESK_LIMIT,
)  # fmt: skip
STATUS = _topic(
    "status", "gate/{gate}/status", "counter > booth", desk.GateStatus,
    "Whether the office is reachable and the counter staffed", retain=True, limit=desk.DESK_LIMIT,
)  # fmt: skip
UPLINK = _topic(
    "uplink", "gate/{gate}/uplink/control", "edge > booth edge", None,
    "1 or 0: whether the edge's control broker reaches the office's",
    form=Form.FLAG, retain=True, limit=1,
)  # fmt: skip
REPORTED = _topic(
    "reported", "booth/{booth}/reported", "booth > collector edge", state.Reported, "The state of a booth",
    retain=True, limit=state.STATE_LIMIT,
)  # fmt: skip
INFO = _topic(
    "info", "booth/{booth}/info", "booth > collector edge", state.Info, "What a booth is", retain=True,
    limit=state.STATE_LIMIT,
)  # fmt: skip
CONN = _topic(
    "conn", "booth/{booth}/conn", "booth > collector edge booth", state.Conn, "Birth, and death as the will",
    retain=True, limit=state.STATE_LIMIT,
)  # fmt: skip
COMMAND = _topic(
    "command", "booth/{booth}/cmd/{name}", "publisher > booth edge", commands.Command, "An order to one booth",
    form=Form.DSSE, expiry_s=3600, limit=commands.COMMAND_LIMIT,
)  # fmt: skip
RESULT = _topic(
    "result", "booth/{booth}/res/{name}", "booth > collector edge", commands.Result, "What became of a command",
    expiry_s=3600, limit=commands.RESULT_LIMIT,
)  # fmt: skip
EVENTS = _topic(
    "events", "booth/{booth}/evt/{priority}", "booth > collector edge", records.Batch,
    "A batch of the outbox, signed by the device", form=Form.DSSE, limit=records.BATCH_LIMIT,
)  # fmt: skip
ACK = _topic(
    "ack", "booth/{booth}/ack", "collector > booth edge", records.Ack, "Rows the office has for good",
    form=Form.DSSE, limit=records.ACK_LIMIT,
)  # fmt: skip
CSR = _topic(
    "csr", "enrol/{booth}/csr", "newcomer > collector", None, "A new booth asks for its certificate (PEM)",
    form=Form.FRAME, limit=16 * 1024,
)  # fmt: skip
CERT = _topic(
    "cert", "enrol/{booth}/cert", "publisher > newcomer", None, "The certificate after approval (PEM)",
    form=Form.FRAME, retain=True, limit=32 * 1024,
)  # fmt: skip
WANT = _topic(
    "want", "want/{gate}/{booth}", "booth edge > chunks", transfer.Want, "Chunks a booth still lacks",
    plane=Plane.BULK, expiry_s=30, limit=transfer.WANT_LIMIT,
)  # fmt: skip
BLOB = _topic(
    "blob", "blob/{gate}/{digest}", "chunks > booth edge", None, "One chunk in a frame, for all at the gate",
    plane=Plane.BULK, form=Form.FRAME, qos=0, limit=192 * 1024,
)  # fmt: skip
UPLINK_BULK = _topic(
    "uplink-bulk", "gate/{gate}/uplink/bulk", "edge > booth edge", None,
    "1 or 0: whether the edge's bulk broker reaches the office's",
    plane=Plane.BULK, form=Form.FLAG, retain=True, limit=1,
)  # fmt: skip
UPLINKS: Final = {Plane.CONTROL: UPLINK, Plane.BULK: UPLINK_BULK}
"""Each broker of an edge says it on its own plane; an office's broker says nothing there."""

TOPICS: Final = (
    META, ROOT, INLINE, ASSIGN, NOTICE, LOCAL, CALL, ANSWER, STATUS, UPLINK, REPORTED, INFO, CONN, COMMAND, RESULT,
    EVENTS, ACK, CSR, CERT, WANT, BLOB, UPLINK_BULK,
)  # fmt: skip
