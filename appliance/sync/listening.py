"""What a booth listens to on the control plane, and again while nothing of it comes.

A broker may not know a booth yet when it subscribes (an edge learns of it from the assignment): it says yes, withholds
what is retained, and never sends that by itself. Asking again brings it.
"""

from typing import Final

from appliance.identity import Identity
from appliance.sync.messages import Subscribe
from mqtt.contract import topics
from mqtt.contract.topics import Plane

FIRST_S: Final = 3.0
LONGEST_S: Final = 600.0


class Listening:
    """Subscribes until metadata come, which every office that has published anything keeps retained.

    Args:
        identity: Who we are.
    """

    def __init__(self, identity: Identity) -> None:
        gate, booth = identity.gate, identity.booth
        wanted = (
            topics.ROOT.filter(),
            topics.META.filter(),
            topics.ASSIGN.filter(gate=gate),
            topics.CONN.filter(booth=booth),
            topics.NOTICE.filter(gate=gate),
            topics.LOCAL.filter(gate=gate),
            topics.COMMAND.filter(booth=booth),
        )
        self._subscribe = Subscribe(Plane.CONTROL, wanted)
        self._pause_s = FIRST_S
        self._lost_root = False
        self.at: float | None = None
        """When :meth:`again` is due, None while all is well."""

    def connected(self, now: float) -> Subscribe:
        """A connection is there: return what to ask of it."""
        self._pause_s = FIRST_S
        return self._ask(now)

    def settled(self) -> None:
        """Metadata have come, or the connection is gone."""
        self.at = None

    def again(self, now: float) -> list[Subscribe]:
        """Return what to ask once more, if it is time."""
        if self.at is None or now < self.at:
            return []
        self._pause_s = min(2 * self._pause_s, LONGEST_S)
        return [self._ask(now)]

    def miss(self, topic: str) -> None:
        """A message could not be kept: one that nothing else would bring again is asked for once more."""
        self._lost_root = self._lost_root or topics.ROOT.match(topic) is not None

    def missed(self) -> list[Subscribe]:
        """Return what to ask for once more, once."""
        lost, self._lost_root = self._lost_root, False
        return [Subscribe(Plane.CONTROL, (topics.ROOT.filter(),))] if lost else []

    def _ask(self, now: float) -> Subscribe:
        self.at = now + self._pause_s
        return self._subscribe
