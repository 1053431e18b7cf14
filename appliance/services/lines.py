"""The link in use, which can be exchanged for one to other brokers; what the one before still says is not heard."""

from collections.abc import Callable
from typing import Final

from appliance.sync.link import Link
from appliance.sync.messages import Disconnected, Incoming, ToLink, UseBrokers
from mqtt.contract.configuration import Broker
from mqtt.contract.topics import Plane

LEFT: Final = "left for other brokers"


class Lines:
    """Keeps one link.

    Args:
        make: Makes a link to these brokers that posts to a function.
        post: Takes events; must return at once.
    """

    def __init__(
        self,
        make: Callable[[tuple[Broker, ...], Callable[[Incoming], None]], Link],
        post: Callable[[Incoming], None],
    ) -> None:
        self._make = make
        self._post = post
        self._link: Link | None = None
        self._number = 0

    def use(self, order: UseBrokers) -> None:
        """Leave the brokers in use and connect to these; for the session, both planes are down in between."""
        self.close()
        self._number += 1
        number = self._number
        for plane in Plane if number > 1 else ():
            self._post(Disconnected(plane, LEFT))
        self._link = self._make(order.brokers, lambda event: self._hear(number, event))
        self._link.start()

    def send(self, message: ToLink) -> int | None:
        """Hand a message to the link in use."""
        return self._link.send(message) if self._link else None

    def close(self) -> None:
        """Say goodbye."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _hear(self, number: int, event: Incoming) -> None:
        if number == self._number:
            self._post(event)
