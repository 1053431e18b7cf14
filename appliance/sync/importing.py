"""What a stick says and gives, judged like the wire: metadata as a whole, blobs piece by piece.

StickFound ─► trust.judge ─► refresh        StickPiece ─► fetch.given ─► landed
"""

from datetime import datetime
from typing import Final

from appliance.errors import DeviceError, RefusedError
from appliance.lib.clock import boottime_ns
from appliance.sticks import FromStick, ReadStick, StickFound, StickGone, StickLacks, StickPiece, StickRefused, UsbFact
from appliance.sync.fetch import Fetch
from appliance.sync.refusals import Refusals
from appliance.sync.sticks import Plugged, Sticks
from appliance.trust.verifier import Trust
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import GateId

SUBJECT: Final = "stick"
"""Under this name the office hears of refused sticks."""


class StickImport:
    """Takes sticks as one more source of what the wire brings.

    Args:
        gate: Where this booth stands.
        trust: What may be believed.
        fetch: Knows what is wanted.
        refusals: Told what is not accepted.
    """

    def __init__(self, gate: GateId, trust: Trust, fetch: Fetch, refusals: Refusals) -> None:
        self._gate = gate
        self._trust = trust
        self._fetch = fetch
        self._refusals = refusals
        self._sticks = Sticks(fetch, boottime_ns)

    @property
    def fact(self) -> UsbFact | None:
        """What people are told of the stick that something happened to last."""
        return self._sticks.fact

    def take(self, event: FromStick, now: float, at: datetime, content_set: int | None) -> bool:
        """Take an event; True when its metadata is believed and the view should be made anew.

        Args:
            event: From a stick.
            now: Seconds of a clock that never steps.
            at: Trusted time.
            content_set: That is shown now.

        Raises:
            DeviceError: ``E_DISK``; the stick is given up, what it has given stays.
        """
        match event:
            case StickFound():
                return self._found(event, at, content_set)
            case StickRefused(stick, code, detail):
                self._refuse(self._plug(stick, content_set), RefusedError(code, detail))
            case StickPiece():
                self._piece(event, now)
            case StickLacks(stick, digest, code):
                self._sticks.lacks(stick, digest, code)
            case StickGone(stick):
                self._fetch.flush()
                self._sticks.unplug(stick)
        return False

    def requests(self) -> list[ReadStick]:
        """Return what to read now."""
        return self._sticks.requests()

    def ended(self, content_set: int | None, held_up_by: ErrorCode | None) -> bool:
        """Whether a stick has just given all it can; the office is told how that ended."""
        ends = self._sticks.ended(content_set, held_up_by)
        for _, code in ends:
            if code is None:
                self._refusals.clear(SUBJECT)
            elif self._refusals.code_of(SUBJECT) is None:
                self._refusals.add(SUBJECT, RefusedError(code, code.meaning))
        return bool(ends)

    def _plug(self, stick: str, content_set: int | None) -> Plugged:
        self._refusals.clear(SUBJECT)
        return self._sticks.plug(stick, content_set)

    def _found(self, event: StickFound, at: datetime, content_set: int | None) -> bool:
        plugged = self._plug(event.stick, content_set)
        try:
            if event.gate != self._gate:
                raise RefusedError(ErrorCode.AUDIENCE, f"the stick is for {event.gate}")
            self._trust.judge(event.offer, self._gate, at)
        except ContractError as error:
            self._refuse(plugged, error)
            return False
        return True

    def _refuse(self, plugged: Plugged, error: ContractError) -> None:
        """Believe nothing it says; an older one may still hold blobs that newer metadata names."""
        self._refusals.add(SUBJECT, error)
        plugged.refusal = error.code
        if error.code is not ErrorCode.ROLLBACK:
            self._sticks.give_up(plugged)

    def _piece(self, event: StickPiece, now: float) -> None:
        plugged = self._sticks.piece(event.stick, event.digest, event.number)
        if plugged is None:
            return
        try:
            self._fetch.given(now, event.digest, event.number, event.data)
        except DeviceError as error:
            plugged.refusal = error.code
            self._sticks.give_up(plugged)
            raise
        except ContractError as error:
            self._refusals.add(SUBJECT, error)
            self._sticks.lacks(event.stick, event.digest, error.code)
        else:
            plugged.done += len(event.data)
