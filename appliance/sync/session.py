"""The booth's side of the wire: messages in, messages out, and in between trust and the streams.

    repo/meta, root, assign ─► trust ─► view ─┐
    inline, blob ─► fetch ─► objects ─────────┴─► streams ─► the switch

Pure towards the network: a test is the office by calling :meth:`Session.take` and reading :meth:`Session.outgoing`.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final, Protocol

from appliance.content.store import Store
from appliance.errors import DeviceError, LinkError
from appliance.identity import Identity
from appliance.sync.drain import Drain
from appliance.sync.fetch import Fetch
from appliance.sync.journal import Journal
from appliance.sync.messages import Arrived, Connected, Delivered, Disconnected, Incoming, Outgoing, Publish, Subscribe
from appliance.sync.refusals import Refusals
from appliance.sync.report import Condition, Reporter
from appliance.sync.streams import Streams
from appliance.trust.time import Belief, Witness
from appliance.trust.verifier import Trust
from appliance.trust.view import View
from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Conn, DiskReport
from mqtt.contract.topics import Plane

RETRY_S: Final = 30.0
"""How long to wait before trying again what this device could not do (disk)."""
REFRESH_S: Final = 3600.0
"""Signatures are judged anew after this time, so that none is believed beyond its expiry."""
CLOCK_MOVED: Final = timedelta(minutes=1)

_META: Final = "repo/meta"
_ASSIGN: Final = "assign"
_ACK: Final = "ack"
_OUTBOX: Final = "outbox"
_ROOT_DIGITS: Final = 6


class Time(Protocol):
    """What the session needs of the clock."""

    def now(self) -> Belief:
        """Return the time believed."""

    def hear(self, witness: Witness, at: datetime) -> None:
        """Take a signed time as evidence."""

    def new_epoch(self, epoch: int) -> None:
        """Follow a newer root's clock epoch."""


class Session:
    """Follows what the office has assigned to this booth.

    Args:
        identity: Who we are.
        trust: What may be believed.
        store: Content on disk.
        time: Trusted time.
        reporter: Composes what we say of ourselves.
        drain: Carries the outbox to the office.
        journal: Puts into the outbox what happened here.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the booth that meet here
        self,
        identity: Identity,
        trust: Trust,
        store: Store,
        time: Time,
        reporter: Reporter,
        drain: Drain,
        journal: Journal,
    ) -> None:
        self._identity = identity
        self._trust = trust
        self._store = store
        self._time = time
        self._reporter = reporter
        self._drain = drain
        self._journal = journal
        self._refusals = Refusals(lambda: time.now().now)
        self._fetch = Fetch(store, identity.booth, identity.gate)
        self._streams = Streams(identity.gate, store, self._fetch, self._refusals)
        self._view: View | None = None
        self._retry_at: float | None = None
        self._refresh_at: float | None = None
        self._outgoing: deque[Outgoing] = deque()

    def start(self, now: float) -> None:
        """Believe what is on disk already, before any link."""
        self._refresh(now)

    def take(self, event: Incoming, now: float) -> None:
        """Take one event; ``now`` in seconds of a clock that never steps."""
        match event:
            case Connected(plane):
                self._connected(plane, now)
            case Disconnected():
                self._disconnected(event, now)
            case Arrived():
                self._arrived(event, now)
            case Delivered():
                self._drain.delivered(event, now)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self._refresh_at is not None and now >= self._refresh_at:
            self._refresh(now)
        elif self._retry_at is not None and now >= self._retry_at and self._view is not None:
            self._advance(self._view, now)
        self._fetch.tick(now)

    def next_deadline(self) -> float | None:
        """When :meth:`tick` and :meth:`outgoing` are due at the latest."""
        due = (
            self._retry_at,
            self._refresh_at,
            self._fetch.next_deadline(),
            self._report_at,
            self._drain.next_deadline(),
        )
        return min((time for time in due if time is not None), default=None)

    def outgoing(self, now: float) -> list[Outgoing]:
        """Return what is to be sent now, once."""
        messages = [*self._outgoing, *self._fetch.outgoing]
        self._outgoing.clear()
        self._fetch.outgoing.clear()
        try:
            messages += self._drain.outgoing(now)
        except ContractError as error:
            self._refuse(_OUTBOX, error, now)
        if (report_at := self._report_at) is not None and now >= report_at:
            messages += self._reporter.report(now, self._condition())
        return messages

    def sent(self, message: Outgoing, number: int) -> None:
        """The link has given a message this number, under which the broker will answer."""
        if isinstance(message, Publish):
            self._drain.sent(message, number)

    def close(self) -> None:
        """Make everything that has arrived safe."""
        self._fetch.close()

    def _connected(self, plane: Plane, now: float) -> None:
        if plane is Plane.CONTROL:
            gate, booth = self._identity.gate, self._identity.booth
            wanted = (
                topics.ROOT.filter(),
                topics.META.filter(),
                topics.ASSIGN.filter(gate=gate),
                topics.CONN.filter(booth=booth),
                topics.ACK.filter(booth=booth),
            )
            self._outgoing.append(Subscribe(plane, wanted))
            self._outgoing.extend(self._reporter.birth(now))
            self._drain.connected(now)
        self._refusals.clear(f"link/{plane}")
        self._fetch.connected(plane)

    def _disconnected(self, event: Disconnected, now: float) -> None:
        if event.plane is Plane.CONTROL:
            self._reporter.death()
            self._drain.disconnected()
        self._fetch.disconnected(event.plane)
        if event.code is not ErrorCode.LINK:
            self._refuse(f"link/{event.plane}", LinkError(event.code, event.reason), now)

    def _arrived(self, event: Arrived, now: float) -> None:
        subject = event.topic.removeprefix(topics.PREFIX)
        try:
            if topics.META.match(event.topic) is not None:
                subject = _META
                self._trust.offer_meta(event.payload)
                self._refresh(now)
            elif (found := topics.ROOT.match(event.topic)) and len(found["number"]) <= _ROOT_DIGITS:
                self._trust.offer_root(int(found["number"]), event.payload)
                self._refresh(now)
            elif topics.ASSIGN.match(event.topic) == {"gate": self._identity.gate}:
                subject = _ASSIGN
                self._trust.offer_assignment(event.payload)
                self._refresh(now)
            elif found := topics.INLINE.match(event.topic):
                subject = f"inline/{found['digest'][:12]}"
                self._fetch.inline(found["digest"], event.payload)
            elif found := topics.BLOB.match(event.topic):
                subject = f"blob/{found['digest'][:12]}"
                self._fetch.frame(now, found["digest"], event.payload)
            elif topics.ACK.match(event.topic) == {"booth": self._identity.booth}:
                subject = _ACK
                self._drain.acknowledge(event.payload, now)
                self._refusals.clear(_ACK)
            elif topics.CONN.match(event.topic) and event.payload:
                said = decode(Conn, event.payload, topics.CONN.limit_bytes)
                self._outgoing.extend(self._reporter.correct(said))
        except ContractError as error:
            self._refuse(subject, error, now)
        if self._fetch.done and self._view is not None:
            self._streams.blobs_landed(self._view)
            self._looked(now)

    def _refresh(self, now: float) -> None:
        self._refresh_at = now + REFRESH_S
        try:
            view = self._believed()
        except ContractError as error:
            self._refuse(_META, error, now)
            return
        if view is None:
            return
        if not self._trust.refuses_newest:
            self._refusals.clear(_META)
        self._view = view
        try:
            assignment = self._trust.assignment(view, self._identity.gate)
            if assignment is not None:
                self._streams.assign(assignment.streams_of(self._identity.booth), assignment.order)
            self._refusals.clear(_ASSIGN)
        except ContractError as error:
            self._refuse(_ASSIGN, error, now)
        self._advance(view, now)

    def _believed(self) -> View | None:
        """Verify at trusted time; again when what was verified moves that time."""
        at = self._time.now().now
        view = self._trust.refresh(at)
        if view is None:
            return None
        self._time.new_epoch(view.epoch)
        if view.issued is not None:
            self._time.hear(Witness.TIMESTAMP, view.issued)
        moved = self._time.now().now
        return view if abs(moved - at) < CLOCK_MOVED else self._trust.refresh(moved)

    def _advance(self, view: View, now: float) -> None:
        self._retry_at = None
        self._streams.advance(view)
        self._looked(now)

    def _looked(self, now: float) -> None:
        shown = {name: report.shown for name, report in self._streams.reports.items()}
        self._journal.shows(self._streams.content_set, shown)
        self._reporter.touch(now)
        if self._streams.hindered and self._retry_at is None:
            self._retry_at = now + RETRY_S

    def _refuse(self, subject: str, error: ContractError, now: float) -> None:
        if self._refusals.add(subject, error):
            self._journal.refused(subject, error, now)
            self._reporter.touch(now)
        if isinstance(error, DeviceError) and self._retry_at is None:
            self._retry_at = now + RETRY_S

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
        )
