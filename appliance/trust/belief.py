"""What may be believed at a time that is itself learnt from what is believed."""

from datetime import timedelta
from typing import Final

from appliance.trust.time import Time, Witness
from appliance.trust.verifier import Trust
from appliance.trust.view import View

CLOCK_MOVED: Final = timedelta(minutes=1)


def believed(trust: Trust, time: Time) -> View | None:
    """Verify at trusted time, and again when what was verified moves that time; None while there is nothing.

    Raises:
        ContractError: As :meth:`Trust.refresh`.
    """
    at = time.now().now
    view = trust.refresh(at)
    if view is None:
        return None
    time.new_epoch(view.epoch)
    if view.issued is not None:
        time.hear(Witness.TIMESTAMP, view.issued)
    moved = time.now().now
    return view if abs(moved - at) < CLOCK_MOVED else trust.refresh(moved)
