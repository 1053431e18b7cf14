"""Who has which notice: what is in force at the office, and what each booth has said of one."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import Notice
from mqtt.office.database import booths, notices, records
from mqtt.office.notices.raising import known, read

RECEIVED: Final = "notice-received"
SHOWN: Final = "notice-shown"


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One notice and where it stands; ``later`` has updated or cancelled it."""

    notice: Notice
    way: str
    later: str | None
    is_over: bool


class SeenBy(msgspec.Struct, frozen=True, kw_only=True):
    """What one booth has said of a notice; None is nothing yet. Times are the booth's own.

    Attributes:
        screen: First time on the public screen.
        page: First time on the look-up page.
    """

    booth: str
    gate: str
    received: datetime | None = None
    screen: datetime | None = None
    page: datetime | None = None


def listed(connection: Connection, now: datetime) -> list[NoticeLine]:
    """Return all notices, newest first."""
    rows = connection.execute(select(notices).order_by(notices.c.sent.desc(), notices.c.notice)).all()
    found = [(row, read(row.envelope)) for row in rows]
    return [
        NoticeLine(notice=notice, way=row.way, later=row.later, is_over=now >= notice.expires) for row, notice in found
    ]


def who_saw(connection: Connection, notice_id: str) -> list[SeenBy]:
    """Return every booth a notice is for, with what it has said.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such notice.
    """
    notice = known(connection, notice_id)
    if notice is None:
        raise ContractError(ErrorCode.UNKNOWN, f"notice {notice_id}")
    query = select(booths.c.booth, booths.c.gate).where(booths.c.revoked.is_(False)).order_by(booths.c.booth)
    here = [row for row in connection.execute(query).all() if notice.gate in {"*", row.gate}]
    said: dict[tuple[str, str], datetime] = {}
    kinds = select(records).where(records.c.kind.in_((RECEIVED, SHOWN)), records.c.at >= notice.sent)
    for row in connection.execute(kinds.order_by(records.c.seq)).all():
        if row.body.get("notice") == notice_id:
            said.setdefault((row.booth, row.body.get("where", "received")), row.at)
    return [
        SeenBy(
            booth=row.booth,
            gate=row.gate,
            received=said.get((row.booth, "received")),
            screen=said.get((row.booth, "screen")),
            page=said.get((row.booth, "page")),
        )
        for row in here
    ]
