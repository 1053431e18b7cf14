"""The booth's side of the wire: messages in, messages out, and in between trust and the streams.

    repo/meta, root, assign ─► trust ─► view ─┐
    inline, blob ─► fetch ─► objects ─────────┴─► streams ─► the switch
    a stick: metadata ─► trust, pieces ─► fetch: one more source, believed no more than the wire

Pure towards the network: a test is the office by calling :meth:`Session.take` and reading :meth:`Session.outgoing`.
"""

from collections import deque
from typing import Final

from appliance.content.store import Store
from appliance.errors import DeviceError, LinkError
from appliance.identity import Identity
from appliance.sticks import FromStick, UsbFact
from appliance.sync.again import RETRY_S, Again
from appliance.sync.fetch import Fetch
from appliance.sync.importing import SUBJECT, StickImport
from appliance.sync.limits import Limits
from appliance.sync.listening import Listening
from appliance.sync.messages import (
    Arrived,
    Connected,
    Delivered,
    Did,
    Disconnected,
    Evidence,
    Incoming,
    Outgoing,
    Prepared,
)
from appliance.sync.metadata import Metadata
from appliance.sync.orders import Orders
from appliance.sync.owed import Owed
from appliance.sync.refusals import Refusals, subject_of
from appliance.sync.report import Condition, Reporter
from appliance.sync.streams import Streams
from appliance.trust.belief import believed
from appliance.trust.time import Time
from appliance.trust.verifier import Trust
from appliance.trust.view import View
from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Conn, DiskReport
from mqtt.contract.topics import Plane

_META: Final = subject_of(topics.META.at())
_ASSIGN: Final = "assign"
_DISK: Final = "disk"
_ACK: Final = "ack"
_OUTBOX: Final = "outbox"


class Session:
    """Follows what the office has assigned to this booth.

    Args:
        identity: Who we are.
        trust: What may be believed.
        store: Content on disk.
        time: Trusted time.
        reporter: Composes what we say of ourselves.
        owed: The outbox.
        orders: What is said besides content.
        retry_s: How long to wait before trying again what this device could not do (disk).
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a booth is made of
        self,
        identity: Identity,
        trust: Trust,
        store: Store,
        time: Time,
        reporter: Reporter,
        owed: Owed,
        orders: Orders,
        *,
        retry_s: float = RETRY_S,
    ) -> None:
        self._identity = identity
        self._trust = trust
        self._store = store
        self._time = time
        self._reporter = reporter
        self._owed = owed
        self._orders = orders
        self._refusals = Refusals(lambda: time.now().now)
        self._fetch = Fetch(store, identity.booth, identity.gate, retry_s)
        self._listening = Listening(identity)
        self._metadata = Metadata(identity.gate, trust, self._listening)
        self._limits = Limits(identity.zone, lambda: orders.transfer, time, self._fetch)
        self._streams = Streams(identity.gate, store, self._fetch, self._refusals)
        self._import = StickImport(identity.gate, trust, self._fetch, self._refusals)
        self._view: View | None = None
        self._again = Again(retry_s)
        self._outgoing: deque[Outgoing] = deque()

    def start(self, now: float) -> None:
        """Believe what is on disk already, before any link."""
        self._streams.start(now)
        self._refresh(now)

    def take(self, event: Incoming, now: float) -> None:
        """Take one event; ``now`` in seconds of a clock that never steps."""
        try:
            self._owed.take(event, now)
        except ContractError as error:
            self._refuse(_OUTBOX if isinstance(error, DeviceError) else _ACK, error, now)
        self._orders.hear(event)
        match event:
            case Delivered() | Did():
                pass
            case Connected(plane):
                self._connected(plane, now)
            case Disconnected():
                self._disconnected(event, now)
            case Arrived():
                self._arrived(event, now)
            case Prepared():
                self._streams.prepared(event, now)
                self._looked(now)
            case Evidence():
                self._hear(event, now)
            case _:
                self._stick(event, now)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self._again.due(now):
            self._outgoing.extend(self._listening.missed())
            self._refresh(now)
        self._outgoing.extend(self._listening.again(now))
        self._streams.tick(now)
        self._orders.tick(now)
        self._limits.tick(now)
        self._fetch.tick(now)
        self._outgoing.extend(self._import.requests())
        if not self._streams.settling and self._import.ended(self._streams.content_set, self._streams.held_up_by):
            self._reporter.touch(now)

    @property
    def usb(self) -> UsbFact | None:
        """What people are told of the stick that something happened to last."""
        return self._import.fact

    def next_deadline(self) -> float | None:
        """When :meth:`tick` and :meth:`outgoing` are due at the latest."""
        parts = (self._fetch, self._streams, self._owed, self._orders)
        due = (self._again.at, self._listening.at, self._report_at, *(part.next_deadline() for part in parts))
        return min((time for time in due if time is not None), default=None)

    def outgoing(self, now: float) -> list[Outgoing]:
        """Return what is to be sent now, once."""
        messages = [*self._outgoing, *self._fetch.outgoing, *self._orders.outgoing()]
        try:
            messages += self._owed.outgoing(now)
            self._refusals.clear(_OUTBOX)
        except ContractError as error:
            self._refuse(_OUTBOX, error, now)
        if asked := self._streams.take_asked():
            messages.append(asked)
        self._outgoing.clear()
        self._fetch.outgoing.clear()
        if (report_at := self._report_at) is not None and now >= report_at:
            messages += self._reporter.report(now, self._condition())
        return messages

    def sent(self, message: Outgoing, number: int) -> None:
        """The link has given a message this number, under which the broker will answer."""
        self._owed.sent(message, number)

    def close(self) -> None:
        """Make everything that has arrived safe.

        Raises:
            DeviceError: ``E_DISK``; what the disk did not take is fetched again after the next start.
        """
        self._fetch.close()

    def _connected(self, plane: Plane, now: float) -> None:
        if plane is Plane.CONTROL:
            self._outgoing.append(self._listening.connected(now))
            self._outgoing.extend(self._reporter.birth(now))
        self._refusals.clear(f"link/{plane}")
        self._reporter.touch(now)
        self._fetch.connected(plane)

    def _disconnected(self, event: Disconnected, now: float) -> None:
        if event.plane is Plane.CONTROL:
            self._listening.settled()
            self._reporter.death()
        try:
            self._fetch.disconnected(event.plane)
        except DeviceError as error:
            self._refuse(_DISK, error, now)
        if event.code is not ErrorCode.LINK:
            self._refuse(f"link/{event.plane}", LinkError(event.code, event.reason), now)

    def _arrived(self, event: Arrived, now: float) -> None:
        try:
            if self._orders.take(event):
                self._refusals.clear(subject_of(event.topic))
            elif self._metadata.take(event):
                if topics.ROOT.match(event.topic):
                    self._refusals.clear(_DISK)
                self._refresh(now)
            elif found := topics.INLINE.match(event.topic):
                self._fetch.inline(found["digest"], event.payload)
            elif found := topics.BLOB.match(event.topic):
                self._fetch.frame(now, found["digest"], event.payload)
            elif topics.CONN.match(event.topic) and event.payload:
                said = decode(Conn, event.payload, topics.CONN.limit_bytes)
                self._outgoing.extend(self._reporter.correct(said))
        except DeviceError as error:
            self._listening.miss(event.topic)
            self._refuse(_DISK, error, now)
        except ContractError as error:
            self._refuse(subject_of(event.topic), error, now)
        self._landed(now)

    def _landed(self, now: float) -> None:
        if self._fetch.done and self._view is not None:
            self._refusals.clear(_DISK)
            self._streams.blobs_landed(self._view)
            self._looked(now)

    def _hear(self, evidence: Evidence, now: float) -> None:
        if self._streams.hear(evidence) and self._view is not None:
            self._streams.advance(self._view)
        self._looked(now)

    def _stick(self, event: FromStick, now: float) -> None:
        try:
            if self._import.take(event, now, self._time.now().now, self._streams.content_set):
                self._refresh(now)
        except DeviceError as error:
            self._refuse(SUBJECT, error, now)
        self._landed(now)
        self._looked(now)

    def _refresh(self, now: float) -> None:
        self._again.looked(now)
        try:
            view = believed(self._trust, self._time)
        except ContractError as error:
            self._refuse(_META, error, now)
            return
        if view is None:
            return
        if not self._trust.refuses_newest:
            self._refusals.clear(_META)
        self._view = view
        self._orders.regulated(self._trust.versions.get("targets"))
        try:
            assignment = self._trust.assignment(view, self._identity.gate)
            if assignment is not None:
                self._orders.assigned(assignment)
                self._streams.assign(assignment.streams_of(self._identity.booth), assignment.order)
            self._refusals.clear(_ASSIGN)
        except ContractError as error:
            self._refuse(_ASSIGN, error, now)
        self._streams.advance(view)
        self._looked(now)

    def _looked(self, now: float) -> None:
        shown = {name: report.shown for name, report in self._streams.reports.items()}
        self._owed.shows(self._streams.content_set, shown)
        self._reporter.touch(now)
        if self._streams.hindered:
            self._again.soon(now)

    def _refuse(self, subject: str, error: ContractError, now: float) -> None:
        if self._refusals.add(subject, error):
            self._owed.refused(subject, error, now)
            self._reporter.touch(now)
        if isinstance(error, DeviceError):
            self._again.soon(now)

    @property
    def _report_at(self) -> float | None:
        return self._reporter.next_deadline(fetching=bool(self._fetch.wanted))

    def _condition(self) -> Condition:
        return Condition(
            belief=self._time.now(),
            versions=self._trust.versions,
            content_set=self._streams.content_set,
            streams=self._streams.reports,
            errors=self._refusals.all,
            disk=DiskReport(free=self._store.free_bytes, content=self._store.content_bytes),
            configuration=self._orders.report,
        )
