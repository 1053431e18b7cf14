"""What a booth has recorded, as the office shows it: rows and gaps, newest first."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from mqtt.office.database import asks, booths, gaps, insert_new, records
from mqtt.office.spelling import unknown_booth


class RecordLine(msgspec.Struct, frozen=True, kw_only=True):
    """One record, or one gap (kind ``gap``; ``at`` is None)."""

    stream: str
    numbers: str
    priority: str
    kind: str
    at: datetime | None
    clock_trusted: bool
    what: str
    received: datetime


def records_of(connection: Connection, booth: str, limit: int) -> list[RecordLine]:
    """Return the newest records and gaps of a booth.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such booth.
    """
    _refuse_unknown(connection, booth)
    newest = select(records).where(records.c.booth == booth).order_by(records.c.received.desc(), records.c.seq.desc())
    lost = select(gaps).where(gaps.c.booth == booth).order_by(gaps.c.received.desc())
    lines = [
        RecordLine(
            stream=row.stream, numbers=str(row.seq), priority=row.priority, kind=row.kind, at=row.at,
            clock_trusted=row.clock_trusted, what=msgspec.json.encode(row.body).decode(), received=row.received,
        )
        for row in connection.execute(newest.limit(limit))
    ]  # fmt: skip
    lines += [
        RecordLine(
            stream=gap.stream, numbers=f"{gap.first}-{gap.last}", priority=gap.priority, kind="gap", at=None,
            clock_trusted=True, what=gap.reason, received=gap.received,
        )
        for gap in connection.execute(lost.limit(limit))
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.received, reverse=True)[:limit]


def ask_for_records(connection: Connection, booth: str) -> None:
    """Let the collector ask a booth, with its next batch, for everything it keeps above what is here.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such booth.
    """
    _refuse_unknown(connection, booth)
    connection.execute(insert_new(connection, asks), {"booth": booth})


def _refuse_unknown(connection: Connection, booth: str) -> None:
    if not connection.scalar(select(booths.c.booth).where(booths.c.booth == booth)):
        raise unknown_booth(connection, booth)
