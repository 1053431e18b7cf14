"""Batches of booths: whose they are, into the database once, and what may be said back.

    envelope ─► signed by the device of this booth? ─► rows and gaps, ON CONFLICT DO NOTHING ─► commit ─► signed ack

Nothing here is remembered between messages: any number of collectors may share the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from securesystemslib.signer import Signer
from sqlalchemy import Connection, delete, func, select

from mqtt.contract import topics
from mqtt.contract.documents import decode, encode
from mqtt.contract.envelopes import key_of, open_sealed, seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.records import ACK_PAYLOAD_TYPE, BATCH_LIMIT, BATCH_PAYLOAD_TYPE, NOTHING_RECEIVED, Ack, Batch
from mqtt.office.database import asks, certificates, gaps, insert_new, records

Signers = Callable[[], list[Signer]]
"""The collector's keys that are in force; raises ``E_KEY`` when they are not here."""

_LARGEST: Final = 2**53


@dataclass(frozen=True)
class Delivery:
    """A batch that its booth has signed, and the digest of the bytes it came in."""

    batch: Batch
    digest: str


def read_batch(connection: Connection, topic: str, payload: bytes) -> Delivery | None:
    """Read a message, None for another topic.

    Raises:
        ContractError: ``E_AUTHORITY``, the booth is unknown or speaks for another or elsewhere; ``E_SIGNATURE`` and
            the other codes of an envelope. Nothing was kept.
    """
    place = topics.EVENTS.match(topic)
    if place is None or not payload:
        return None
    booth = place["booth"]
    certificate = connection.scalar(select(certificates.c.body).where(certificates.c.booth == booth))
    if certificate is None:
        raise ContractError(ErrorCode.AUTHORITY, f"no certificate of {booth} is known here")
    body = open_sealed(payload, BATCH_PAYLOAD_TYPE, [key_of(certificate)], 1, BATCH_LIMIT)
    batch = decode(Batch, body, BATCH_LIMIT)
    if (batch.booth, batch.priority.value) != (booth, place["priority"]):
        raise ContractError(
            ErrorCode.AUTHORITY, f"{booth}/{place['priority']} speaks as {batch.booth}/{batch.priority}"
        )
    return Delivery(batch, sha256(payload).hexdigest())


def keep(connection: Connection, batch: Batch, now: datetime) -> None:
    """Insert what is not here yet; a row that is here stays as it came first."""
    here = {"booth": batch.booth, "stream": batch.stream, "priority": batch.priority.value, "received": now}
    rows = [
        here | {
            "seq": one.sequence, "kind": one.kind, "at": one.at, "clock_trusted": one.clock_trusted, "body": one.body,
        }
        for one in batch.records
    ]  # fmt: skip
    lost = [
        here | {"first": gap.first, "last": gap.last, "reason": gap.reason.replace("\0", "")[:200]}
        for gap in batch.gaps
    ]
    for table, values in ((records, rows), (gaps, lost)):
        if values:
            connection.execute(insert_new(connection, table), values)


def acks(connection: Connection, delivery: Delivery) -> list[Ack]:
    """Return what to say once the batch is committed: that it is here, and a wish for older rows if one is due."""
    batch = delivery.batch
    said = [Ack(booth=batch.booth, stream=batch.stream, through=batch.last, batch=delivery.digest)]
    if connection.execute(delete(asks).where(asks.c.booth == batch.booth)).rowcount:
        through = contiguous(connection, batch.booth, batch.stream)
        said.append(Ack(booth=batch.booth, stream=batch.stream, through=through, batch=NOTHING_RECEIVED))
    return said


def contiguous(connection: Connection, booth: str, stream: str) -> int:
    """Return the number up to which every row of a stream is here; gaps count as reasons to ask once more."""
    mine = (records.c.booth == booth, records.c.stream == stream)
    numbered = (
        select(records.c.seq, func.row_number().over(order_by=records.c.seq).label("place")).where(*mine).subquery()
    )
    found = connection.scalar(select(func.max(numbered.c.seq)).where(numbered.c.seq == numbered.c.place))
    return min(int(found or 0), _LARGEST)


def sealed(ack: Ack, signers: list[Signer]) -> bytes:
    """Return an acknowledgement as it is sent."""
    return seal(encode(ack), ACK_PAYLOAD_TYPE, signers)
