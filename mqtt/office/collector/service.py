"""The collector's loop: many messages, one commit, then the acknowledgements.

What is not acknowledged stays with the broker, so a collector that dies loses nothing.
"""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select

from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.records import Ack
from mqtt.contract.state import STATE_LIMIT, Conn, Info, Reported
from mqtt.office.collector.batches import Signers, acks, keep, read_batch, sealed
from mqtt.office.collector.judge import BEFORE, FOLLOWED, Saying, State, is_news, read
from mqtt.office.collector.said import FOLLOWED as SAID
from mqtt.office.collector.said import keep_result
from mqtt.office.database import reports
from mqtt.office.link import Arrived, Connected, Disconnected, Event, Line, Stop

AT_ONCE: Final = 64
"""Messages of one commit."""
_TYPES: Final[dict[str, type[Reported] | type[Info] | type[Conn]]] = {
    "reported": Reported,
    "info": Info,
    "conn": Conn,
    BEFORE: Conn,
}
_log: Final = logging.getLogger(__name__)


class Collector:
    """Keeps the newest state of each booth.

    Args:
        engine: The office's database.
        inbox: Events of the control link and of the process.
        now: Current time, with zone.
        signers: The collector's keys in force.
        merge: Takes a notice that was published at a gate, as signed.
    """

    def __init__(
        self,
        engine: Engine,
        inbox: "SimpleQueue[Event]",
        now: Callable[[], datetime],
        signers: Signers,
        merge: Callable[[bytes], None],
    ) -> None:
        self._merge = merge
        self._engine = engine
        self._inbox = inbox
        self._now = now
        self._signers = signers
        self._line: Line | None = None

    def run(self) -> None:
        """Work until told to stop, which is done at once: what was not acknowledged stays with the broker."""
        waiting: deque[Event] = deque()
        while True:
            arrived = self._arrived(wait=not waiting)
            if any(isinstance(event, Stop) for event in arrived):
                return
            waiting.extend(arrived)
            events = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
            for event in events:
                if isinstance(event, Connected):
                    self._line = event.line
            self._record([event for event in events if isinstance(event, Arrived)])
            for event in events:
                match event:
                    case Connected(line=line):
                        _log.info("connected to the control broker")
                        line.subscribe(*(topic.filter() for topic in (*FOLLOWED, *SAID, topics.EVENTS)))
                    case Disconnected(reason=reason):
                        _log.warning("control broker is out of reach: %s", reason)
                    case _:
                        pass

    def _arrived(self, *, wait: bool) -> list[Event]:
        events = [self._inbox.get()] if wait else []
        with suppress(Empty):
            while True:
                events.append(self._inbox.get_nowait())
        return events

    def _record(self, messages: list[Arrived]) -> None:
        sayings = [saying for message in messages if (saying := _read(message)) is not None]
        if sayings:
            with self._engine.begin() as connection:
                for saying in sayings:
                    self._keep(connection, saying)
        self._hear(messages)
        self._answer(messages)
        for message in messages:
            message.acknowledge()

    def _hear(self, messages: list[Arrived]) -> None:
        """Keep results of commands, and hand over what gates have published themselves."""
        for message in messages:
            try:
                if topics.LOCAL.match(message.topic) and message.payload:
                    self._merge(message.payload)
                elif topics.RESULT.match(message.topic) and message.payload:
                    with self._engine.begin() as connection:
                        keep_result(connection, message.topic, message.payload, self._now())
            except ContractError as error:
                _log.warning("%s is dropped: %s", message.topic, error)

    def _answer(self, messages: list[Arrived]) -> None:
        """Keep the batches among the messages, then say so; a batch that is not answered comes again."""
        if not messages:
            return
        said: list[Ack] = []
        with self._engine.begin() as connection:
            for message in messages:
                try:
                    delivery = read_batch(connection, message.topic, message.payload)
                except ContractError as error:
                    _log.warning("%s is dropped: %s", message.topic, error)
                    continue
                if delivery is not None:
                    keep(connection, delivery.batch, self._now())
                    said += acks(connection, delivery)
        if not said or self._line is None:
            return
        try:
            signers = self._signers()
        except ContractError as error:
            _log.error("%d batches are kept and not acknowledged: %s", len(said), error)
            return
        for ack in said:
            self._line.publish(topics.ACK.at(booth=ack.booth), sealed(ack, signers), qos=topics.ACK.qos, retain=False)

    def _keep(self, connection: Connection, saying: Saying) -> None:
        known = _known(connection, saying.booth, saying.kind)
        before = _known(connection, saying.booth, BEFORE)
        if not is_news(saying.state, known, before if isinstance(before, Conn) else None):
            return
        if isinstance(saying.state, Conn) and isinstance(known, Conn) and known.boot != saying.state.boot:
            self._replace(connection, saying.booth, BEFORE, _body(connection, saying.booth, saying.kind) or b"")
        if isinstance(saying.state, Conn) and (not isinstance(known, Conn) or known.online != saying.state.online):
            _log.info("%s is %s", saying.booth, "online" if saying.state.online else "offline")
        self._replace(connection, saying.booth, saying.kind, saying.body)

    def _replace(self, connection: Connection, booth: str, kind: str, body: bytes) -> None:
        connection.execute(delete(reports).where(reports.c.booth == booth, reports.c.kind == kind))
        connection.execute(insert(reports).values(booth=booth, kind=kind, body=body, received=self._now()))


def _read(message: Arrived) -> Saying | None:
    try:
        return read(message.topic, message.payload)
    except ContractError as error:
        _log.warning("%s is dropped: %s", message.topic, error)
        return None


def _body(connection: Connection, booth: str, kind: str) -> bytes | None:
    found: bytes | None = connection.execute(
        select(reports.c.body).where(reports.c.booth == booth, reports.c.kind == kind)
    ).scalar()
    return found


def _known(connection: Connection, booth: str, kind: str) -> State | None:
    body = _body(connection, booth, kind)
    if body is None:
        return None
    try:
        return decode(_TYPES[kind], body, STATE_LIMIT)
    except ContractError:
        return None  # an older software's words: whatever comes is newer
