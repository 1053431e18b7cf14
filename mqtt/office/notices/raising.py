"""Signs a notice and hands it over: one transaction from the officers' signatures to the publisher's next look.

Notice ─► competent? follows what there is? ─► signatures ─► row, and the rows it updates or cancels
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from mqtt.contract.documents import decode, encode
from mqtt.contract.duty import verify_notice
from mqtt.contract.envelopes import peek, seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import NOTICE_LIMIT, NOTICE_PAYLOAD_TYPE, Notice, duty_role, takes_away
from mqtt.office.change import Change
from mqtt.office.database import notices
from mqtt.office.home import Home
from mqtt.office.repository import changing

AHEAD: Final = timedelta(minutes=5)
"""As on the booths: by this much a clock may be ahead."""
OFFICE: Final = "office"
LOCAL: Final = "local"
NOBODY: Final = "-"
"""Instead of a later notice: the keys that had signed it count no more."""


def raise_notice(home: Home, engine: Engine, notice: Notice, now: datetime, officers: Collection[str] = ()) -> None:
    """Sign a notice with the keys of its agency's officers on duty, and let the publisher send it.

    Raises:
        ContractError: ``E_AUTHORITY``, ``E_KEY``, ``E_UNKNOWN`` or ``E_CANCELLED`` (what it refers to), ``E_EXISTS``,
            ``E_EXPIRED``, ``E_FUTURE``, ``E_OFFICER``, ``E_THRESHOLD``. Nothing was sent.
    """
    with changing(home, engine, now, officers=officers) as change:
        _require_duty(change, notice)
        change.require_officer(duty_role(notice.agency), officers)
        envelope = seal(encode(notice), NOTICE_PAYLOAD_TYPE, change.signers(duty_role(notice.agency)))
        store(change.connection, notice, envelope, OFFICE, change.now)
        change.touch()


def merge(change: Change, envelope: bytes) -> Notice | None:
    """Take a notice that officers have published at their gate; None if it is here already.

    Raises:
        ContractError: As :meth:`~mqtt.contract.duty.Envelope.verify`, or as :func:`raise_notice`. It is not taken.
    """
    notice = verify_notice(envelope, change.duty_of, change.now)
    if known(change.connection, notice.id) == notice:
        return None
    store(change.connection, notice, envelope, LOCAL, change.now)
    change.touch()
    return notice


def retract_unsigned(change: Change) -> list[str]:
    """Let the publisher take back notices whose signatures count no more under the regulation of this change."""
    live = change.connection.execute(select(notices).where(notices.c.later.is_(None), notices.c.expires > change.now))
    gone = [row.notice for row in live.all() if not _counts(change, bytes(row.envelope))]
    change.connection.execute(update(notices).where(notices.c.notice.in_(gone)).values(later=NOBODY))
    return gone


def _counts(change: Change, envelope: bytes) -> bool:
    try:
        verify_notice(envelope, change.duty_of, change.now)
    except ContractError as error:
        return error.code is ErrorCode.EXPIRED  # it was signed in time
    return True


def known(connection: Connection, notice_id: str) -> Notice | None:
    """Return a notice by its id, None if there is none."""
    envelope = connection.scalar(select(notices.c.envelope).where(notices.c.notice == notice_id))
    return read(envelope) if envelope else None


def read(envelope: bytes) -> Notice:
    """Return the notice in an envelope of ours."""
    return decode(Notice, peek(envelope, NOTICE_PAYLOAD_TYPE, NOTICE_LIMIT), NOTICE_LIMIT)


def store(connection: Connection, notice: Notice, envelope: bytes, way: str, now: datetime) -> None:
    """Keep a signed notice, and note it at those it updates or cancels.

    Raises:
        ContractError: ``E_EXISTS``, ``E_EXPIRED``, ``E_FUTURE``, ``E_UNKNOWN``, ``E_CANCELLED``, ``E_AUTHORITY``.
    """
    if known(connection, notice.id):
        raise ContractError(ErrorCode.EXISTS, f"notice {notice.id}")
    if notice.expires <= now:
        raise ContractError(ErrorCode.EXPIRED, f"notice {notice.id} was over at {notice.expires}")
    if notice.sent > now + AHEAD:
        raise ContractError(ErrorCode.FUTURE, f"notice {notice.id} says it was sent at {notice.sent}")
    for reference in notice.supersedes:
        _require_follows(connection, notice, reference, may_be_unknown=way == LOCAL)
    row: dict[str, Any] = {"notice": notice.id, "gate": notice.gate, "sent": notice.sent, "expires": notice.expires}
    connection.execute(insert(notices).values(**row, envelope=envelope, way=way))
    of_earlier = notices.c.notice.in_(notice.supersedes)
    connection.execute(update(notices).where(of_earlier).values(later=notice.id))


def _require_duty(change: Change, notice: Notice) -> None:
    duty = change.duty_of(notice.path)
    if duty is None or duty.role != duty_role(notice.agency):
        raise ContractError(ErrorCode.AUTHORITY, f"{notice.agency} may not say {notice.path}")


def _require_follows(connection: Connection, notice: Notice, reference: str, *, may_be_unknown: bool) -> None:
    row = connection.execute(select(notices).where(notices.c.notice == reference)).one_or_none()
    if row is None:
        if may_be_unknown:
            return
        raise ContractError(ErrorCode.UNKNOWN, f"notice {reference}")
    if row.later is not None:
        raise ContractError(ErrorCode.CANCELLED, f"notice {reference}: {row.later} came after it")
    if not takes_away(notice, read(row.envelope)):
        raise ContractError(
            ErrorCode.AUTHORITY, f"{notice.id} may not take {reference} away: another agency, gate or status"
        )
