"""The office and the line, simulated around a real session: loses, repeats, reorders, corrupts, delays and cuts.

    Office (real signatures) ─► retained messages, chunks ─► dice ─► Session ─► Store on disk
                                                    simulated seconds

The control plane is what TCP and a broker make of it: in order, whole, or cut. The bulk plane may do anything.
"""

import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from appliance import identity
from appliance.commands.taken import FOLDER as COMMANDS
from appliance.commands.taken import TakenFolder
from appliance.config.files import ConfigFiles
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.notices.folder import FOLDER, Folder
from appliance.outbox.file import path_of, prepare
from appliance.outbox.rows import Moment
from appliance.sticks import ReadStick
from appliance.sync.commands import Commands
from appliance.sync.configured import Configured
from appliance.sync.messages import (
    Arrived,
    Connected,
    Disconnected,
    Incoming,
    Prepare,
    Prepared,
    Publish,
    Subscribe,
    Unsubscribe,
    UseBrokers,
)
from appliance.sync.notices import Notices
from appliance.sync.orders import Orders
from appliance.sync.owed import Owed
from appliance.sync.report import Reporter
from appliance.sync.session import Session
from appliance.trust.time import Belief, Witness
from appliance.trust.verifier import Trust
from mqtt.contract import topics
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.configuration import Broker
from mqtt.contract.documents import decode
from mqtt.contract.envelopes import signer_of
from mqtt.contract.frames import pack, pack_gone
from mqtt.contract.releases import INLINE_LIMIT
from mqtt.contract.state import Reported
from mqtt.contract.topics import Plane
from mqtt.contract.transfer import WANT_LIMIT, Want
from tests.practice_office import Office

DELAY_S: Final = 0.05
FRAME_S: Final = 0.01


@dataclass(frozen=True)
class Weather:
    """What the line does to each frame, as probabilities, and how often it breaks."""

    loss: float = 0.0
    repetition: float = 0.0
    corruption: float = 0.0
    reordering: float = 0.0
    cut_every_s: float | None = None


FAIR: Final = Weather()


class SimulatedClock:
    """Trusted time that follows simulated seconds."""

    def __init__(self, begin: datetime) -> None:
        self.base = begin
        self.seconds = 0.0
        self.heard: list[datetime] = []

    def now(self) -> Belief:
        return Belief(self.base + timedelta(seconds=self.seconds), "simulated", trusted=True)

    def moment(self) -> Moment:
        return Moment(self.now().now, trusted=True, boot="boot", boottime_ns=int(self.seconds * 1e9))

    def hear(self, witness: Witness, at: datetime) -> None:
        assert witness is Witness.TIMESTAMP
        self.heard.append(at)

    def new_epoch(self, epoch: int) -> None:
        assert epoch >= 0


class SimulatedBooth:
    """A session on a disk, which can be switched off and on, and the world it lives in.

    Args:
        office: Whose retained messages and chunks it gets.
        folder: The booth's data partition.
        identity_folder: From ``office.add_booth``.
        weather: What the line does.
        seed: Of the dice.
    """

    def __init__(
        self, office: Office, folder: Path, identity_folder: Path, weather: Weather = FAIR, seed: int = 0
    ) -> None:
        (folder / "identity").symlink_to(identity_folder)
        self.office = office
        self.folder = folder
        self.weather = weather
        self.asked: list[tuple[str, int]] = []
        self.reports: list[Reported] = []
        self.published: list[Publish] = []
        self.overrides: dict[str, bytes] = {}
        self.prepare: Callable[[int], Prepared] = Prepared
        self.prepare_s = 0.0
        self.preparations: list[int] = []
        self.reads: list[ReadStick] = []
        self.used: list[tuple[Broker, ...]] = []
        self.reachable: list[tuple[Broker, ...]] = [identity.read(folder).brokers]
        self._dice = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], Incoming | None]]] = []
        self._order = count()
        self._epoch = 0
        self._subscribed: dict[str, None] = {}
        self._retained: dict[str, bytes] = {}
        self._up = False
        self.clock = SimulatedClock(office.now)
        self.layout = Layout(folder / "content")
        self.power_on()

    @property
    def now(self) -> float:
        return self.clock.seconds

    def power_on(self) -> None:
        me = identity.read(self.folder)
        self.trust = Trust(self.folder / "trust", (self.folder / "identity/root.json").read_bytes())
        self.store = Store(self.layout)
        reporter = Reporter(me, "simulated-boot", "0")
        self.outbox = prepare(path_of(self.folder), self.clock.moment)
        signer = signer_of((self.folder / "identity/key.pem").read_bytes())
        owed = Owed(me.booth, lambda: self.outbox, self.clock.moment, signer, self.trust, "0")
        configured = Configured(me, ConfigFiles(self.folder), self.trust.delegated, self.clock)
        configured.begin()
        commands = Commands(me.booth, TakenFolder(self.folder / COMMANDS), self.trust.delegated, self.clock)
        notices = Notices(me.gate, Folder(self.folder / FOLDER), self.trust.delegated, self.clock, owed.happened)
        self.session = Session(
            me, self.trust, self.store, self.clock, reporter, owed, Orders(notices, configured, commands)
        )
        self.session.start(self.now)

    def power_off(self) -> None:
        """The plug is pulled: nothing is closed in good order."""
        self.disconnect(tell=False)

    def connect(self) -> None:
        self._up = True
        for plane in Plane:
            self._take(Connected(plane))
        if self.weather.cut_every_s:
            epoch = self._epoch
            self._at(self.now + self.weather.cut_every_s, lambda: self._cut(epoch))

    def disconnect(self, *, tell: bool = True) -> None:
        self._up = False
        self._epoch += 1
        self._subscribed.clear()
        for plane in Plane if tell else ():
            self._take(Disconnected(plane, "cut"))

    def follow_office(self) -> None:
        """The publisher sends what has changed."""
        for topic, payload in (self._of_office() | self.overrides).items():
            if self._retained.get(topic) != payload:
                self._retained[topic] = payload
                self._offer(topic)

    def inject(self, topic: str, payload: bytes, plane: Plane = Plane.CONTROL) -> None:
        """Somebody with a way into the broker sends this."""
        self._take(Arrived(plane, topic, payload))

    def run(self, seconds: float = 600.0, until: Callable[[], bool] = lambda: False) -> bool:
        """Let simulated time pass; True as soon as ``until`` holds."""
        end = self.now + seconds
        while not until():
            due = self.session.next_deadline()
            event_at = self._events[0][0] if self._events else float("inf")
            at = min(event_at, due if due is not None else float("inf"))
            if at > end:
                self.clock.seconds = end
                return until()
            self.clock.seconds = max(self.now, at)
            if event_at <= self.now:
                _, _, happen = heapq.heappop(self._events)
                if (event := happen()) is not None:
                    self._take(event)
            else:
                self.session.tick(self.now)
                self._pump()
                self.clock.seconds += 1e-4
        return True

    def shows(self, path: str) -> bytes | None:
        """The bytes of ``category/agency/path`` as readers see them now."""
        category, agency, name = path.split("/", 2)
        file = self.layout.current / category / agency / "files" / name
        return file.read_bytes() if file.is_file() else None

    def codes(self) -> dict[str, str]:
        """What the newest report says was refused: code by subject."""
        return {refusal.subject: refusal.code.value for refusal in self.reports[-1].errors} if self.reports else {}

    def take(self, event: Incoming) -> None:
        """Something happens that is not of the wire."""
        self._take(event)

    def _take(self, event: Incoming) -> None:
        self.session.take(event, self.now)
        self._pump()

    def _pump(self) -> None:  # noqa: C901 - one arm per kind of message
        for message in self.session.outgoing(self.now):
            if isinstance(message, Prepare):
                self._prepare(message.set)
            elif isinstance(message, ReadStick):
                self.reads.append(message)
            elif isinstance(message, UseBrokers):
                self._use(message)
            if not self._up:
                continue
            match message:
                case Subscribe(topics=filters):
                    for one in filters:
                        self._subscribed[one] = None
                        for topic in self._retained:
                            self._offer(topic, only=one)
                case Unsubscribe(topics=filters):
                    for one in filters:
                        self._subscribed.pop(one, None)
                case Publish():
                    self._published(message)

    def _use(self, order: UseBrokers) -> None:
        self.used.append(order.brokers)
        self.disconnect()
        if order.brokers in self.reachable:
            self._at(self.now + 1.0, self._reconnect)

    def _prepare(self, number: int) -> None:
        session = self.session
        self.preparations.append(number)
        self._at(self.now + self.prepare_s, lambda: self.prepare(number) if session is self.session else None)

    def _published(self, message: Publish) -> None:
        self.published.append(message)
        if topics.REPORTED.match(message.topic):
            self.reports.append(decode(Reported, message.payload, topics.REPORTED.limit_bytes))
        elif found := topics.WANT.match(message.topic):
            self._answer(found["gate"], decode(Want, message.payload, WANT_LIMIT))

    def _offer(self, topic: str, only: str | None = None) -> None:
        if any(_matches(one, topic) for one in ([only] if only else self._subscribed)):
            self._deliver(Plane.CONTROL, topic, self._retained[topic], DELAY_S)

    def _deliver(self, plane: Plane, topic: str, payload: bytes, delay: float) -> None:
        epoch = self._epoch
        self._at(self.now + delay, lambda: Arrived(plane, topic, payload) if epoch == self._epoch else None)

    def _answer(self, gate: str, want: Want) -> None:
        topic = topics.BLOB.at(gate=gate, digest=want.blob)
        delay = DELAY_S
        for number, data in self._chunks(want):
            if data is not None:
                self.asked.append((want.blob, number))
            frame = pack_gone() if data is None else pack(data, number)
            if self._dice.random() < self.weather.loss:
                continue
            if self._dice.random() < self.weather.corruption:
                spoilt = self._dice.randrange(len(frame))
                frame = frame[:spoilt] + bytes([frame[spoilt] ^ 0x41]) + frame[spoilt + 1 :]
            delay += FRAME_S
            late = self._dice.random() * 2 if self._dice.random() < self.weather.reordering else 0.0
            for _ in range(1 + (self._dice.random() < self.weather.repetition)):
                self._deliver(Plane.BULK, topic, frame, delay + late)

    def _chunks(self, want: Want) -> Iterable[tuple[int, bytes | None]]:
        if not self.office.objects.has(want.blob):
            return [(0, None)]
        data = self.office.object(want.blob)
        index = ChunkIndex.parse(self.office.object(want.index), want.size) if want.index else None
        chunks = (index or ChunkIndex.whole(len(data), want.blob)).chunks
        numbers = [number for span in want.ranges for number in range(span.first, span.last + 1)]
        return [(n, data[chunks[n].offset : chunks[n].offset + chunks[n].length]) for n in numbers]

    def _of_office(self) -> dict[str, bytes]:
        office = self.office
        retained = {topics.ROOT.at(number=number): body for number, body in office.roots().items()}
        for path in office.home.objects.glob("*/*"):
            if path.stat().st_size <= INLINE_LIMIT:
                retained[topics.INLINE.at(digest=path.name)] = pack(path.read_bytes())
        for gate in ("cat-bi", "hai-phong-port"):
            if body := office.assign(gate):
                retained[topics.ASSIGN.at(gate=gate)] = body
        retained[topics.META.at()] = office.meta().to_bytes()
        return retained | office.notices(self.clock.now().now)

    def _cut(self, epoch: int) -> Incoming | None:
        if epoch == self._epoch and self._up:
            self.disconnect()
            self._at(self.now + 1.0, self._reconnect)
        return None

    def _reconnect(self) -> Incoming | None:
        if not self._up:
            self.connect()
        return None

    def _at(self, when: float, happen: Callable[[], Incoming | None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), happen))


def _matches(subscription: str, topic: str) -> bool:
    wanted, given = subscription.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(one in ("+", other) for one, other in zip(wanted, given, strict=True))
