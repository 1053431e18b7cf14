"""The publisher's loop: follows the database's revision and the link, and lets the difference decide what to say.

After each connection everything is said again, so a broker that has lost its memory fills by itself. A few messages
are on their way at a time; what the broker refuses is logged and tried again with the next connection.
"""

import logging
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

from mqtt.contract import topics
from mqtt.contract.errors import ContractError
from mqtt.office.link import Connected, Disconnected, Event, Line, Sent, Stop
from mqtt.office.publisher.diff import Step, diff
from mqtt.office.publisher.ledger import Ledger
from mqtt.office.publisher.retained import Retained

AT_ONCE: Final = 16
"""Messages on their way; below the broker's own limit of unacknowledged ones."""
POLL_S: Final = 0.02
"""How often the revision is looked at; one row by its key."""

ORDER_S: Final = 10.0
"""How often a command is sent that has not come to an end."""

_log: Final = logging.getLogger(__name__)


class Publisher:
    """Keeps the broker's retained messages equal to the database.

    Args:
        ledger: The database.
        inbox: Events of the control link and of the process.
        clock: Monotonic seconds.
    """

    def __init__(self, ledger: Ledger, inbox: "SimpleQueue[Event]", clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._inbox = inbox
        self._clock = clock
        self._due = {chore.name: clock() for chore in ledger.chores}
        self._line: Line | None = None
        self._revision = -1
        self._wanted: dict[str, Retained] = {}
        self._sent: dict[str, str] = {}
        self._steps: deque[Step] = deque()
        self._flying: dict[int, tuple[Step, str]] = {}
        self._gone: list[str] = []
        self._said = 0
        self._order_at = clock()

    def run(self) -> None:
        """Work until told to stop."""
        while True:
            try:
                event = self._inbox.get(timeout=POLL_S)
            except Empty:
                self._look()
                continue
            match event:
                case Stop():
                    return
                case Connected(line=line):
                    self._line = line
                    self._restart()
                case Disconnected(reason=reason):
                    _log.warning("control broker is out of reach: %s", reason)
                    self._line = None
                    self._flying.clear()
                case Sent(number=number, refused=refused):
                    self._arrived(number, refused)
                case _:
                    pass
            self._look()

    def _restart(self) -> None:
        _log.info("connected to the control broker, everything is said again")
        self._sent.clear()
        self._gone.clear()
        self._flying.clear()
        self._steps.clear()
        self._revision = -1

    def _look(self) -> None:
        self._do_chores()
        if self._line is None:
            return
        revision = self._ledger.revision()
        if revision != self._revision:
            self._revision = revision
            self._plan(revision)
            self._order_at = self._clock()
        if self._clock() >= self._order_at:
            self._order_at = self._clock() + ORDER_S
            self._order(self._line)
        self._say(self._line)

    def _order(self, line: Line) -> None:
        """Send what is ordered and not answered: a booth may have been away, and does nothing twice."""
        for order in self._ledger.orders():
            topic = topics.COMMAND.at(booth=order.booth, name=order.name)
            answer = topics.RESULT.at(booth=order.booth, name=order.name), order.command.encode()
            expiry_s = max(1, int((order.expires - self._ledger.now()).total_seconds()))
            line.publish(topic, order.envelope, qos=1, retain=False, expiry_s=expiry_s, answer=answer)

    def _do_chores(self) -> None:
        for chore in self._ledger.chores:
            if self._clock() >= self._due[chore.name]:
                self._due[chore.name] = self._clock() + chore.every_s
                try:
                    chore.do()
                except ContractError as error:
                    _log.error("%s: %s", chore.name, error)

    def _plan(self, revision: int) -> None:
        try:
            self._wanted = self._ledger.wanted()
        except ContractError as error:
            _log.error("revision %d is not published: %s", revision, error)
            return
        self._steps = deque(diff(self._wanted, self._on_the_way(), self._ledger.known()))
        self._ledger.write_down(step.topic for step in self._steps if step.wanted)
        self._said = 0

    def _on_the_way(self) -> dict[str, str]:
        """What the broker has once everything has arrived that was sent to it."""
        will_have = dict(self._sent)
        for step, mark in self._flying.values():
            will_have[step.topic] = mark
            if not step.wanted:
                del will_have[step.topic]
        return will_have

    def _say(self, line: Line) -> None:
        while self._steps and len(self._flying) < AT_ONCE:
            step = self._steps.popleft()
            message = self._wanted.get(step.topic) if step.wanted else None
            try:
                payload = message.payload() if message else b""
            except ContractError as error:
                _log.error("%s is not published: %s", step.topic, error)
                continue
            expiry_s = message.expiry_s(self._ledger.now()) if message else None
            number = line.publish(step.topic, payload, qos=1, retain=True, expiry_s=expiry_s)
            self._flying[number] = step, message.mark if message else ""

    def _arrived(self, number: int, refused: str | None) -> None:
        step, mark = self._flying.pop(number, (None, ""))
        if step is None:
            return
        if refused is not None:
            _log.error("the broker refuses %s: %s", step.topic, refused)
        elif step.wanted:
            self._sent[step.topic] = mark
            self._said += 1
        else:
            self._sent.pop(step.topic, None)
            self._gone.append(step.topic)
            self._said += 1
        if not self._flying and not self._steps:
            self._ledger.strike_out(topic for topic in self._gone if topic not in self._wanted)
            self._gone.clear()
            _log.info("revision %d is on the broker (%d messages)", self._revision, self._said)
