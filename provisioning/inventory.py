"""The inventory as people see it: each booth with the newest it has said of itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from mqtt.contract.documents import D, decode
from mqtt.contract.errors import ContractError
from mqtt.contract.names import Instant
from mqtt.contract.state import STATE_LIMIT, Conn, Info, Refusal, Reported, StreamReport
from mqtt.office.database import aware, booths, reports


class BoothLine(msgspec.Struct, frozen=True, kw_only=True):
    """One booth. What it has not said yet is None.

    Attributes:
        heard: When anything last arrived from it, by the office's clock.
        online: What its newest birth or will says.
        streams: By ``category/agency``.
        unreadable: Kinds of reports that arrived and cannot be read.
    """

    booth: str
    gate: str
    roles: tuple[str, ...]
    revoked: bool
    heard: Instant | None
    online: bool | None
    software: str | None
    content_set: int | None
    streams: dict[str, StreamReport]
    errors: tuple[Refusal, ...]
    unreadable: tuple[str, ...]


def inventory(connection: Connection) -> list[BoothLine]:
    """Return all booths by gate and name."""
    said: dict[str, dict[str, tuple[bytes, datetime]]] = {}
    for row in connection.execute(select(reports)).all():
        said.setdefault(row.booth, {})[row.kind] = (row.body, row.received)
    rows = connection.execute(select(booths).order_by(booths.c.gate, booths.c.booth)).all()
    return [_line(row, said.get(row.booth, {})) for row in rows]


def _line(row: Any, said: Mapping[str, tuple[bytes, datetime]]) -> BoothLine:  # noqa: ANN401 - a row of the table booths
    unreadable: list[str] = []

    def newest(kind: str, document: type[D]) -> D | None:
        if kind not in said:
            return None
        try:
            return decode(document, said[kind][0], STATE_LIMIT)
        except ContractError:
            unreadable.append(kind)
            return None

    conn, info, reported = newest("conn", Conn), newest("info", Info), newest("reported", Reported)
    return BoothLine(
        booth=row.booth,
        gate=row.gate,
        roles=tuple(row.roles),
        revoked=row.revoked,
        heard=max((aware(at) for _, at in said.values()), default=None),
        online=conn.online if conn else None,
        software=info.software if info else None,
        content_set=reported.content_set if reported else None,
        streams=reported.streams if reported else {},
        errors=reported.errors if reported else (),
        unreadable=tuple(unreadable),
    )
