"""Certificates and the booth's real link, for brokers that are real, slow or hostile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.identity import Broker, Identity
from appliance.sync.link import Link, tls_context
from appliance.sync.messages import Arrived, Connected, Incoming
from mqtt.broker import inventory as broker
from mqtt.broker.inventory import Inventory
from mqtt.contract.topics import Party, Plane
from tests.broker.conftest import Peer, Place, make_place, open_folder

__all__ = ["make_place", "open_folder"]  # fixtures of the suite on real brokers


class Ear:
    """Takes the events of a link, as the agent's queue does."""

    def __init__(self) -> None:
        self.events: list[Incoming] = []
        self.link: Link | None = None
        self.stumbles = 0
        self._news = threading.Condition()

    def post(self, event: Incoming) -> None:
        if self.stumbles and isinstance(event, Arrived):
            self.stumbles -= 1
            raise KeyError(event.topic)
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def wait(self, done: Callable[[], object], wait_s: float = 20.0) -> None:
        with self._news:
            assert self._news.wait_for(done, wait_s), f"not in {wait_s} s; {self.events[-5:]}"

    def connections(self, plane: Plane = Plane.CONTROL) -> int:
        return sum(event == Connected(plane) for event in self.events)

    def arrived(self, topic: str) -> list[bytes]:
        return [event.payload for event in self.events if isinstance(event, Arrived) and event.topic == topic]


@dataclass
class World:
    """A place with brokers, and booths that link to it."""

    place: Place

    @contextmanager
    def link(self, control: int | None = None) -> Iterator[Ear]:
        """The link of ``cb-01``, by another port if given."""
        tls = self.place.authority.folder
        folder = tls / "cb-01-identity"
        folder.mkdir(exist_ok=True)
        for ours, theirs in (("ca.pem", "ca.pem"), ("cert.pem", "cb-01.pem"), ("key.pem", "cb-01.key")):
            (folder / ours).write_bytes((tls / theirs).read_bytes())
        address = Broker(
            host="127.0.0.1",
            control=control or self.place.ports[Plane.CONTROL],
            bulk=self.place.ports[Plane.BULK],
        )
        me = Identity(booth="cb-01", gate="cat-bi", roles=("screen",), brokers=(address,))
        ear = Ear()
        link = Link(me, tls_context(folder, lambda: (datetime.now(UTC), True)), ear.post, lambda: b"{}")
        ear.link = link
        link.start()
        try:
            yield ear
        finally:
            link.close()

    def peer(self, name: str) -> Peer:
        return self.place.peer(name)


@pytest.fixture
def world(open_folder: Path, make_place: Callable[[Path, Inventory], Place], request: pytest.FixtureRequest) -> World:
    folder = open_folder / request.node.name[:60]
    folder.mkdir()
    inventory = Inventory(
        [
            broker.Identity("cb-01", frozenset({Party.BOOTH}), "cat-bi"),
            broker.Identity("publisher", frozenset({Party.PUBLISHER})),
        ]
    )
    return World(make_place(folder, inventory))
