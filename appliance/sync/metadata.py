"""Signed metadata from the wire, offered to trust; whether it is believed is for trust to say."""

import re
from typing import Final

from appliance.sync.listening import Listening
from appliance.sync.messages import Arrived
from appliance.trust.verifier import Trust
from mqtt.contract import topics

_ROOT_NUMBER: Final = re.compile("[1-9][0-9]{0,5}")


class Metadata:
    """Knows what belongs to trust.

    Args:
        gate: Where the booth stands.
        trust: Takes it.
        listening: Need not ask again once metadata come.
    """

    def __init__(self, gate: str, trust: Trust, listening: Listening) -> None:
        self._gate = gate
        self._trust = trust
        self._listening = listening

    def take(self, event: Arrived) -> bool:
        """Offer a message if it is metadata; True when trust should look again.

        Raises:
            ContractError: It cannot be read, or is refused at once.
            DeviceError: ``E_DISK``; it could not be kept, and is asked for once more.
        """
        if topics.META.match(event.topic) is not None:
            self._listening.settled()
            self._trust.offer_meta(event.payload)
        elif (found := topics.ROOT.match(event.topic)) and _ROOT_NUMBER.fullmatch(found["number"]):
            self._trust.offer_root(int(found["number"]), event.payload)
        elif topics.ASSIGN.match(event.topic) == {"gate": self._gate}:
            self._trust.offer_assignment(event.payload)
        else:
            return False
        return True
