"""The outbox on its way to the office: signed batches out, signed acknowledgements in. Pure towards the network.

    outbox ─► portion ─► signed batch ─► flight ──(ack: signed, our stream, its last number, its digest)──► acknowledged
                            ▲              │
                            └──────────────┘ the same bytes again: after a new connection, after a while without answer

A PUBACK only paces: refused (0x80 and above) or heard by nobody (0x10) means to stop for a while, never to forget.
What was in flight when the agent died is owed still, and is sent again as other batches; the office knows the rows.
An acknowledgement that comes late (of a batch from before the start, or a second one) is nothing to complain about.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from securesystemslib.signer import Signer

from appliance.errors import ErrorCode, RefusedError
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Portion
from appliance.sync.messages import Arrived, Connected, Delivered, Disconnected, Incoming, Outgoing, Publish, Subscribe
from mqtt.contract import topics
from mqtt.contract.documents import decode, encode
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import open_sealed, seal
from mqtt.contract.errors import ContractError
from mqtt.contract.names import BoothId
from mqtt.contract.records import (
    ACK_LIMIT,
    ACK_PAYLOAD_TYPE,
    BATCH_PAYLOAD_TYPE,
    NOTHING_RECEIVED,
    Ack,
    Batch,
    Priority,
)
from mqtt.contract.topics import Plane

IN_FLIGHT: Final = 4
PORTION_BYTES: Final = 64 * 1024
POLL_S: Final = 2.0
"""How often we look for rows that other processes have appended."""
ANSWER_S: Final = 15.0
"""After this time without an acknowledgement a batch is sent again; doubles each time."""
LONGEST_ANSWER_S: Final = 600.0
DEAF_S: Final = 10.0
"""How long we are silent when nobody listens or the broker refuses; doubles up to the longest."""
TIDY_S: Final = 3600.0
TIDY_ROWS: Final = 20_000
"""What is kept is bounded anew after so many acknowledged rows, or after so much time."""
REMEMBERED: Final = 64
"""So many acknowledged batches are remembered: one that was sent twice is acknowledged twice."""
AGAIN_S: Final = 3600.0
"""The office may ask for everything again once in this time; a replayed request costs no more."""


@dataclass
class _Flight:
    """One batch on its way: the bytes, and when it is due again (0 = now)."""

    portion: Portion
    payload: bytes
    due: float = 0.0
    wait_s: float = ANSWER_S


class Drain:
    """Sends what is owed while the control plane is up.

    Args:
        booth: Who we are.
        open_outbox: Makes what is owed ready to be read; raises ``E_DISK`` while the disk cannot.
        signer: The device key.
        collectors: Whose acknowledgements count, None while nothing is known.
    """

    def __init__(
        self,
        booth: BoothId,
        open_outbox: Callable[[], Outbox],
        signer: Signer,
        collectors: Callable[[], Delegated | None],
    ) -> None:
        self._booth = booth
        self._open_outbox = open_outbox
        self._signer = signer
        self._collectors = collectors
        self._flights: dict[str, _Flight] = {}
        self._numbers: set[int] = set()
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._before: int | None = None
        self._subscribe = False
        self._up = False
        self._silent_until = 0.0
        self._silence_s = DEAF_S
        self._poll_at = 0.0
        self._tidy_at = 0.0
        self._freed = 0
        self._again_at = 0.0

    def take(self, event: Incoming, now: float) -> None:
        """Take what concerns the outbox of an event; the rest is for others.

        Raises:
            RefusedError: ``E_ACK``; the word of no collector, or on nothing that was sent. It changed nothing.
            DeviceError: ``E_DISK``; the batch is sent again.
        """
        match event:
            case Connected(Plane.CONTROL):
                self._connected(now)
            case Disconnected(Plane.CONTROL):
                self._up = False
            case Delivered(Plane.CONTROL):
                self._delivered(event, now)
            case Arrived(Plane.CONTROL) if topics.ACK.match(event.topic) == {"booth": self._booth}:
                self._acknowledge(event.payload, now)
            case _:
                pass

    def _connected(self, now: float) -> None:
        self._up = self._subscribe = True
        self._silent_until, self._silence_s, self._poll_at = now, DEAF_S, now
        self._numbers.clear()
        for flight in self._flights.values():
            flight.due = now

    def next_deadline(self) -> float | None:
        """When :meth:`outgoing` is due at the latest."""
        if not self._up:
            return None
        due = [flight.due for flight in self._flights.values()]
        if len(self._flights) < IN_FLIGHT:
            due.append(self._poll_at)
        return max(self._silent_until, min(due))

    def outgoing(self, now: float) -> list[Publish | Subscribe]:
        """Return the batches that are to be sent now.

        Raises:
            DeviceError: ``E_DISK``; the outbox cannot be read now. Ask again at the next deadline.
        """
        if not self._up or now < self._silent_until:
            return []
        if now >= self._poll_at:
            self._poll_at = now + POLL_S
            self._load()
            if now >= self._tidy_at or self._freed >= TIDY_ROWS:
                self._tidy_at, self._freed = now + TIDY_S, 0
                self._open_outbox().tidy()
        messages: list[Publish | Subscribe] = []
        if self._subscribe:
            self._subscribe = False
            messages.append(Subscribe(Plane.CONTROL, (topics.ACK.filter(booth=self._booth),)))
        for flight in self._flights.values():
            if now >= flight.due:
                flight.due = now + flight.wait_s
                flight.wait_s = min(2 * flight.wait_s, LONGEST_ANSWER_S)
                address = topics.EVENTS.at(booth=self._booth, priority=flight.portion.priority)
                messages.append(Publish(Plane.CONTROL, address, flight.payload, topics.EVENTS.qos, retain=False))
        return messages

    def sent(self, message: Outgoing, number: int) -> None:
        """The link has given a message this number, under which the broker will answer."""
        if isinstance(message, Publish) and message.plane is Plane.CONTROL and topics.EVENTS.match(message.topic):
            self._numbers.add(number)

    def _delivered(self, event: Delivered, now: float) -> None:
        """The broker has answered: it took the batch, has nobody for it, or refuses it."""
        if event.number not in self._numbers:
            return
        self._numbers.discard(event.number)
        if event.taken:
            self._silence_s = DEAF_S
        elif now >= self._silent_until:  # all that was in flight is answered alike: one silence for them
            self._silent_until = now + self._silence_s
            self._silence_s = min(2 * self._silence_s, LONGEST_ANSWER_S)
            for flight in self._flights.values():
                flight.due = self._silent_until

    def _acknowledge(self, data: bytes, now: float) -> None:
        collectors = self._collectors()
        if collectors is None:
            return  # the regulation has not arrived yet; the batch is sent again, and so is the word on it
        ack = self._believed(data, collectors)
        if ack.batch == NOTHING_RECEIVED:
            self._again(ack, now)
            return
        flight = self._flights.get(ack.batch)
        if flight is None and self._late(ack):
            return
        if flight is None or (ack.stream, ack.through) != (flight.portion.stream, flight.portion.last):
            raise RefusedError(ErrorCode.ACK, f"of batch {ack.batch[:12]} through {ack.through}, which was not sent so")
        self._open_outbox().acknowledged(flight.portion)
        self._freed += len(flight.portion.records)
        del self._flights[ack.batch]
        self._known.append(ack.batch)
        self._poll_at = now

    def _late(self, ack: Ack) -> bool:
        """Whether it may be of a batch from before this start, or is one we have had."""
        return ack.batch in self._known or (self._before is None or ack.through <= self._before)

    def _believed(self, data: bytes, collectors: Delegated) -> Ack:
        try:
            payload = open_sealed(data, ACK_PAYLOAD_TYPE, collectors.keys, collectors.threshold, ACK_LIMIT)
            ack = decode(Ack, payload, ACK_LIMIT)
        except ContractError as error:
            raise RefusedError(ErrorCode.ACK, str(error)) from error
        if ack.booth != self._booth:
            raise RefusedError(ErrorCode.ACK, f"it is for {ack.booth}")
        return ack

    def _again(self, ack: Ack, now: float) -> None:
        """A restored office asks: what it had acknowledged is owed again."""
        if now < self._again_at:
            return
        if self._open_outbox().owe_again(ack.stream, ack.through):
            self._again_at = now + AGAIN_S
            self._flights.clear()
            self._poll_at = now

    def _load(self) -> None:
        """Fill the flights, most important first; no row is in two of them."""
        outbox = self._open_outbox()
        if self._before is None:
            self._before = outbox.newest
        for priority in Priority:
            while len(self._flights) < IN_FLIGHT:
                flying = [one.portion for one in self._flights.values() if one.portion.priority is priority]
                after = max((record.sequence for one in flying for record in one.records), default=0)
                if flying and after == 0:
                    break  # gaps alone are flying; rows follow with the next portion
                portion = outbox.portion(priority, after, PORTION_BYTES)
                if portion is None:
                    break
                payload = self._batch(portion)
                self._flights[sha256(payload).hexdigest()] = _Flight(portion, payload)

    def _batch(self, portion: Portion) -> bytes:
        batch = Batch(
            booth=self._booth,
            stream=portion.stream,
            priority=portion.priority,
            first=portion.first,
            last=portion.last,
            records=portion.records,
            gaps=portion.gaps,
        )
        return seal(encode(batch), BATCH_PAYLOAD_TYPE, [self._signer])
