"""The edge's chunk server: the office's, with what it lacks asked for over the bridge."""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from mqtt.broker.bridge import edge_name
from mqtt.contract import topics
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError
from mqtt.contract.topics import Plane
from mqtt.office.chunks.service import ChunkServer
from mqtt.office.chunks.turns import Turns
from mqtt.office.edge.cache import Cache
from mqtt.office.link import Arrived, Connected, Disconnected, Event, Line

_log: Final = logging.getLogger(__name__)


class EdgeServer(ChunkServer):
    """Answers booths from the cache.

    Args:
        gate: Which gate.
        cache: What is here, and what is on its way.
        turns: In which order pieces are sent.
        inbox: Events of both links and of the process.
        assigned: Called with each assignment of the gate; may raise ``ContractError`` or ``OSError``.
        clock: Monotonic seconds.
    """

    def __init__(  # noqa: PLR0913 - each is wired by the process
        self,
        gate: str,
        cache: Cache,
        turns: Turns,
        inbox: "SimpleQueue[Event]",
        *,
        assigned: Callable[[bytes], None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(cache, turns, inbox, clock)
        self._gate = gate
        self._cache = cache
        self._assigned = assigned
        self._control: Line | None = None
        self._own = topics.WANT.at(gate=gate, booth=edge_name(gate))
        self._uplink = topics.UPLINK_BULK.at(gate=gate)

    def _take(self, event: Event) -> None:
        match event:
            case Connected(plane=Plane.CONTROL, line=line):
                self._control = line
                line.subscribe(topics.ASSIGN.filter(gate=self._gate))
            case Disconnected(plane=Plane.CONTROL):
                self._control = None
            case Arrived(topic=topic, payload=payload, acknowledge=acknowledge) if topic != self._own:
                if topics.WANT.match(topic):
                    super()._take(event)
                    return
                acknowledge()
                try:
                    self._hear(topic, payload)
                except (ContractError, OSError) as error:
                    _log.warning("%s: %s", topic, error)
            case _:
                super()._take(event)

    def _hear(self, topic: str, payload: bytes) -> None:
        if found := topics.BLOB.match(topic):
            if piece := self._cache.frame(found["digest"], payload):
                self._turns.passed(self._clock(), self._gate, piece)
        elif found := topics.INLINE.match(topic):
            if self._control is not None:
                self._control.unsubscribe(topic)
            pieces = self._cache.inline(found["digest"], payload)
            self._turns.ask(self._clock(), self._gate, edge_name(self._gate), pieces)
        elif topic == self._uplink:
            _log.info("the office's bulk broker is %s", "there" if payload == b"1" else "out of reach")
            if payload == b"1":
                self._cache.restart()
        elif topics.ASSIGN.match(topic):
            self._assigned(payload)

    def _listen(self, line: Line) -> None:
        line.subscribe(topics.WANT.filter(gate=self._gate), qos=topics.WANT.qos, own=False)
        line.subscribe(topics.BLOB.filter(gate=self._gate), qos=topics.BLOB.qos, own=False)
        line.subscribe(self._uplink)

    def _deadline(self) -> float | None:
        both = (super()._deadline(), self._cache.next_deadline() if self._line else None)
        return min((time for time in both if time is not None), default=None)

    def _send(self) -> None:
        while self._control is not None and self._cache.unknown:
            self._control.subscribe(topics.INLINE.at(digest=self._cache.unknown.popleft()))
        if self._line is not None:
            for want in self._cache.wants():
                number = self._line.publish(
                    self._own, encode(want), qos=topics.WANT.qos, retain=False, expiry_s=topics.WANT.expiry_s
                )
                self._flying[number] = 0
        super()._send()
