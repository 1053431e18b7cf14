"""Whether a notice that competent officers have signed is for this booth, for now, and not said or taken back; pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from appliance.errors import ErrorCode, RefusedError
from mqtt.contract.names import GateId
from mqtt.contract.notices import Notice, takes_away

AHEAD: Final = timedelta(minutes=5)
"""By this much the clock of who signed it may be ahead of ours."""
KEPT: Final = 256
"""More notices of three days than this are not kept: nobody fills the card with them."""


def admit(notice: Notice, kept: Collection[Notice], gate: GateId, now: datetime, *, trusted: bool) -> bool:
    """Whether a verified notice is new; False when it is kept already.

    Raises:
        RefusedError: ``E_AUDIENCE``, ``E_EXPIRED``, ``E_FUTURE``, ``E_CANCELLED``, ``E_EXISTS`` (another notice has
            this id), ``E_SIZE`` (too many are kept). Keep what you have.
    """
    if notice.gate not in {"*", gate}:
        raise RefusedError(ErrorCode.AUDIENCE, f"notice {notice.id} is for {notice.gate}")
    if now >= notice.expires:
        raise RefusedError(ErrorCode.EXPIRED, f"notice {notice.id} was over at {notice.expires}")
    if trusted and notice.sent > now + AHEAD:
        raise RefusedError(ErrorCode.FUTURE, f"notice {notice.id} says it was sent at {notice.sent}")
    same = next((one for one in kept if one.id == notice.id), None)
    if same is not None:
        if same != notice:
            raise RefusedError(ErrorCode.EXISTS, f"another notice is called {notice.id}")
        return False
    if later := next((one for one in kept if takes_away(one, notice)), None):
        raise RefusedError(ErrorCode.CANCELLED, f"notice {notice.id}: {later.id} came after it")
    if len(kept) >= KEPT:
        raise RefusedError(ErrorCode.SIZE, f"{KEPT} notices are kept already")
    return True
