"""What a booth owes the office, in batches, and the only thing that lets it forget.

A batch is signed by the device key. An acknowledgement is signed by the ``collector`` role and bound to stream,
last number and digest of the batch; only it deletes rows (never a PUBACK: brokers acknowledge what they can lose).
"""

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import BoothId, Instant, Sequence, Sha256

BATCH_LIMIT: Final = 128 * 1024
ACK_LIMIT: Final = 4 * 1024
NOTHING_RECEIVED: Final = "0" * 64
"""Instead of a digest: the collector asks for all rows above ``through`` again (the office was restored)."""
BATCH_PAYLOAD_TYPE: Final = "application/vnd.gatebooth.batch+json"
ACK_PAYLOAD_TYPE: Final = "application/vnd.gatebooth.ack+json"


class Priority(StrEnum):
    """What is kept longest when space runs out: audit first, metrics last."""

    AUDIT = "audit"
    OPERATION = "operation"
    METRIC = "metric"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox; numbers grow within a stream across all priorities.

    ``started``, ``switched``, ``refused``, ``unkept`` (records that a full disk never took) are the agent's own,
    ``outbox-begun`` is the first of every stream and says why it began.
    """

    sequence: Sequence
    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,31}$(?!\n)")]
    at: Instant
    clock_trusted: bool
    body: dict[str, Any]


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that had to go before they were acknowledged: loss is never silent.

    It speaks of the rows of the batch's priority only. One that was on its way when it had to go may be at the office
    all the same: a record that is there counts, whatever a gap says of its number.
    """

    first: Sequence
    last: Sequence
    reason: str

    def __post_init__(self) -> None:
        if self.last < self.first:
            message = f"gap {self.first}..{self.last} runs backwards"
            raise ValueError(message)


class Batch(Document, frozen=True, kw_only=True, tag="batch/1"):
    """Rows ``first`` to ``last`` of one stream; ``stream`` is a UUID born with the outbox file."""

    booth: BoothId
    stream: Annotated[str, Meta(min_length=36, max_length=36)]
    priority: Priority
    first: Sequence
    last: Sequence
    records: tuple[Record, ...]
    gaps: tuple[Gap, ...] = ()

    def __post_init__(self) -> None:
        numbers = [record.sequence for record in self.records]
        inside = all(self.first <= number <= self.last for number in numbers)
        if self.last < self.first or not inside or numbers != sorted(set(numbers)):
            message = "batch: rows are not in order within first..last"
            raise ValueError(message)


class Ack(Document, frozen=True, kw_only=True, tag="ack/1"):
    """The office has rows up to ``through`` for good; ``batch`` is the digest of the bytes it received.

    With :data:`NOTHING_RECEIVED` as the digest it deletes nothing and asks for what is kept above ``through`` again.
    """

    booth: BoothId
    stream: Annotated[str, Meta(min_length=36, max_length=36)]
    through: Sequence
    batch: Sha256
