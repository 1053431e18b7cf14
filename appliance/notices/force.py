"""Which notices are in force; the one function by which page and screen decide alike; pure.

    kept ─► for this gate ─► begun, not over ─► not superseded ─► actual and exercise, never mixed; tests never

A later notice takes an earlier one away for good: when an update is over, what it has updated does not come back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from mqtt.contract.names import GateId
from mqtt.contract.notices import MessageType, Notice, Status, Urgency, takes_away

_SHOWN: Final = (Status.ACTUAL, Status.EXERCISE)


def in_force(kept: Iterable[Notice], gate: GateId, now: datetime, *, trusted: bool) -> tuple[Notice, ...]:
    """Return what is to be shown at a gate, most urgent first, then newest first; exercises after all that is real.

    Args:
        kept: Notices whose signatures were believed.
        gate: Where the booth stands.
        now: Trusted time; when not ``trusted``, a moment that has certainly come.
        trusted: Whether the clock may be believed. An untrusted one lets nothing wait that may have begun: better a
            warning too early than none.
    """
    heard = [notice for notice in kept if notice.gate in {"*", gate} and notice.status in _SHOWN]
    begun = [notice for notice in heard if not trusted or notice.starts <= now]
    shown = [
        notice
        for notice in begun
        if now < notice.expires
        and notice.type is not MessageType.CANCEL
        and not any(takes_away(later, notice) for later in begun)
    ]
    return tuple(sorted(shown, key=_place))


def _place(notice: Notice) -> tuple[bool, bool, float, str]:
    calm = notice.urgency is not Urgency.URGENT
    return notice.status is not Status.ACTUAL, calm, -notice.sent.timestamp(), notice.id
