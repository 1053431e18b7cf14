"""The chunk server's loop: takes requests, sends frames as fast as the line takes them.

Little lies in paho at any time, so that a request is answered in turn and not after megabytes of others. Nothing
sleeps: the next frame is made when the one before is on the wire, or when a limit allows it.
"""

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.frames import pack, pack_gone
from mqtt.contract.transfer import WANT_LIMIT, Want
from mqtt.office.chunks.shelf import worth_deflating
from mqtt.office.chunks.turns import Piece, Turns
from mqtt.office.link import Arrived, Connected, Disconnected, Event, Line, Sent, Stop

IN_PAHO: Final = 512 * 1024
"""Bytes handed to paho and not yet on the wire: a few frames, so that the socket never runs dry."""
SHARE: Final = "$share/chunks/"
"""Several chunk servers (with certificates of their own) share the requests."""

_log: Final = logging.getLogger(__name__)


class Source(Protocol):
    """What can be served, see :class:`mqtt.office.chunks.shelf.Shelf`."""

    def pieces(self, want: Want) -> list[Piece]:
        """Return what answers a request."""

    def read(self, piece: Piece) -> bytes:
        """Return the bytes of a piece."""


class ChunkServer:
    """Answers requests.

    Args:
        shelf: What can be served.
        turns: In which order.
        inbox: Events of the bulk link and of the process.
        clock: Monotonic seconds.
    """

    def __init__(self, shelf: Source, turns: Turns, inbox: "SimpleQueue[Event]", clock: Callable[[], float]) -> None:
        self._shelf = shelf
        self._turns = turns
        self._inbox = inbox
        self._clock = clock
        self._line: Line | None = None
        self._flying: dict[int, int] = {}
        self._bytes = 0

    def run(self) -> None:
        """Work until told to stop."""
        while True:
            event = self._next(block=True)
            while event is not None:
                if isinstance(event, Stop):
                    return
                self._take(event)
                event = self._next(block=False)
            self._send()

    def _next(self, *, block: bool) -> Event | None:
        deadline = self._deadline()
        try:
            return self._inbox.get(block, None if deadline is None else max(deadline - self._clock(), 0.001))
        except Empty:
            return None

    def _deadline(self) -> float | None:
        """When there is something to do at the latest, without any event."""
        return self._turns.opens()

    def _take(self, event: Event) -> None:
        match event:
            case Connected(line=line):
                _log.info("connected to the bulk broker")
                self._reset(line)
                self._listen(line)
            case Disconnected(reason=reason):
                _log.warning("bulk broker is out of reach: %s", reason)
                self._reset(None)
            case Arrived(topic=topic, payload=payload, acknowledge=acknowledge):
                acknowledge()
                self._ask(topic, payload)
            case Sent(number=number):
                self._bytes -= self._flying.pop(number, 0)
            case _:
                pass

    def _listen(self, line: Line) -> None:
        line.subscribe(SHARE + topics.WANT.filter(), qos=topics.WANT.qos)

    def _reset(self, line: Line | None) -> None:
        self._line = line
        self._turns.clear()
        self._flying.clear()
        self._bytes = 0

    def _ask(self, topic: str, payload: bytes) -> None:
        place = topics.WANT.match(topic)
        if place is None:
            return
        try:
            want = decode(Want, payload, WANT_LIMIT)
            pieces = self._shelf.pieces(want)
        except ContractError as error:
            _log.warning("%s asks for what cannot be answered: %s", place["booth"], error)
            return
        if self._turns.ask(self._clock(), place["gate"], place["booth"], pieces) and pieces[0].digest is None:
            _log.warning("%s asks for %s, which is not here", place["booth"], want.blob)

    def _send(self) -> None:
        while self._line is not None and self._bytes < IN_PAHO:
            turn = self._turns.next(self._clock())
            if turn is None:
                return
            gate, piece = turn
            frame = self._frame(piece)
            if frame is not None:
                topic = topics.BLOB.at(gate=gate, digest=piece.blob)
                number = self._line.publish(topic, frame, qos=topics.BLOB.qos, retain=False)
                self._flying[number] = len(frame)
                self._bytes += len(frame)

    def _frame(self, piece: Piece) -> bytes | None:
        if piece.digest is None:
            return pack_gone()
        try:
            data = self._shelf.read(piece)
        except ContractError as error:
            _log.error("not sent: %s", error)
            return None
        return pack(data, piece.number, deflate=worth_deflating(data))
