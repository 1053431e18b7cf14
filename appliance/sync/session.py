"""The booth's side of the wire: messages in, messages out, and in between trust, store and the switch.

    repo/meta ─► trust ─► assignment ─► followers ─► pending blobs ─► fetch ─► landed ─► … ─► switch

Pure towards the network: a test is the office by calling :meth:`Session.take` and reading :meth:`Session.outgoing`.
"""

import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

from appliance.content.store import Store
from appliance.errors import DeviceError, LinkError
from appliance.identity import Identity
from appliance.sync.fetch import Fetch
from appliance.sync.follower import Follower
from appliance.sync.messages import Arrived, Connected, Disconnected, Incoming, Outgoing, Subscribe
from appliance.sync.refusals import Refusals
from appliance.sync.report import Condition, Reporter
from appliance.sync.switch import Switch
from appliance.trust.time import Belief, Witness
from appliance.trust.verifier import Trust, View
from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Conn, DiskReport, StreamReport, StreamState
from mqtt.contract.topics import Plane

RETRY_S: Final = 30.0
"""How long to wait before trying again what this device could not do (disk)."""
REFRESH_S: Final = 3600.0
"""Signatures are judged anew after this time, so that none is believed beyond its expiry."""
CLOCK_MOVED: Final = timedelta(minutes=1)

_META: Final = "repo/meta"
_ASSIGN: Final = "assign"
_log = logging.getLogger(__name__)


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
    """

    def __init__(self, identity: Identity, trust: Trust, store: Store, time: Time, reporter: Reporter) -> None:
        self._identity = identity
        self._trust = trust
        self._store = store
        self._time = time
        self._reporter = reporter
        self._refusals = Refusals()
        self._fetch = Fetch(store, identity.booth, identity.gate)
        self._switch = Switch(store)
        self._followers: dict[str, Follower] = {}
        self._shown = store.shown()
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
        self.tick(now)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self._retry_at is not None and now >= self._retry_at:
            self._retry_at = None
            self._advance(self._followers.values(), now)
        if self._refresh_at is not None and now >= self._refresh_at:
            self._refresh(now)
        self._fetch.tick(now)

    def next_deadline(self) -> float | None:
        """When :meth:`tick` and :meth:`outgoing` are due at the latest."""
        report_at = self._reporter.next_deadline(fetching=bool(self._fetch.wanted))
        due = (self._retry_at, self._refresh_at, self._fetch.next_deadline(), report_at)
        return min((time for time in due if time is not None), default=None)

    def outgoing(self, now: float) -> list[Outgoing]:
        """Return what is to be sent now, once."""
        messages = [*self._outgoing, *self._fetch.outgoing]
        self._outgoing.clear()
        self._fetch.outgoing.clear()
        report_at = self._reporter.next_deadline(fetching=bool(self._fetch.wanted))
        if report_at is not None and now >= report_at:
            messages += self._reporter.report(now, self._condition())
        return messages

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
            )
            self._outgoing.append(Subscribe(plane, wanted))
            self._outgoing.extend(self._reporter.birth(now))
        self._refusals.clear(f"link/{plane}")
        self._fetch.connected(plane)

    def _disconnected(self, event: Disconnected, now: float) -> None:
        if event.plane is Plane.CONTROL:
            self._reporter.death()
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
            elif found := topics.ROOT.match(event.topic):
                self._trust.offer_root(_number(found["number"]), event.payload)
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
            elif topics.CONN.match(event.topic) and event.payload:
                said = decode(Conn, event.payload, topics.CONN.limit_bytes)
                self._outgoing.extend(self._reporter.correct(said))
        except ContractError as error:
            self._refuse(subject, error, now)
        self._blobs_landed(now)

    def _refresh(self, now: float) -> None:
        self._refresh_at = now + REFRESH_S
        try:
            view = self._believed()
        except ContractError as error:
            self._refuse(_META, error, now)
            return
        if view is None:
            return
        self._refusals.clear(_META)
        self._view = view
        try:
            self._assign(view)
            self._refusals.clear(_ASSIGN)
        except ContractError as error:
            self._refuse(_ASSIGN, error, now)
        self._advance(self._followers.values(), now)

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

    def _assign(self, view: View) -> None:
        assignment = self._trust.assignment(view, self._identity.gate)
        if assignment is None:
            return
        streams = {stream.name: stream for stream in assignment.streams_of(self._identity.booth)}
        for name in self._followers.keys() - streams.keys():
            del self._followers[name]
            self._refusals.clear(name)
        for name, stream in streams.items():
            if name not in self._followers:
                number = self._shown.releases.get(name) if self._shown else None
                self._followers[name] = Follower(stream, self._identity.gate, self._store, number)
        self._switch.assigned(tuple(streams), assignment.order)

    def _blobs_landed(self, now: float) -> None:
        while self._fetch.done:
            digest = self._fetch.done.popleft()
            self._advance([follower for follower in self._followers.values() if follower.landed(digest)], now)

    def _advance(self, followers: Iterable[Follower], now: float) -> None:
        if self._view is None:
            return
        self._reporter.touch(now)
        for follower in followers:
            name = follower.stream.name
            try:
                if head := follower.advance(self._view):
                    self._switch.ready(head)
                self._refusals.clear(name)
            except ContractError as error:
                self._fail(follower, error, now)
        self._fetch.only(digest for follower in self._followers.values() for digest in follower.pending)
        for follower in self._followers.values():
            for blob in sorted(follower.pending.values(), key=lambda blob: blob.size):
                try:
                    self._fetch.want(blob)
                except ContractError as error:
                    self._fail(follower, error, now)
                    break
        self._show(now)

    def _show(self, now: float) -> None:
        try:
            refused = self._switch.run()
        except DeviceError as error:
            self._refuse("content", error, now)
            return
        self._refusals.clear("content")
        for name, reason in refused.items():
            self._fail(self._followers[name], reason, now)
        if self._switch.switched:
            self._shown = self._store.shown()
            _log.info("content set %s is shown", self._shown.number if self._shown else None)
            for name, follower in self._followers.items():
                follower.shown = self._shown.releases.get(name) if self._shown else None
            pinned = {digest for follower in self._followers.values() for digest in follower.pinned}
            self._store.collect_garbage(self._fetch.wanted | pinned)

    def _fail(self, follower: Follower, error: ContractError, now: float) -> None:
        if not isinstance(error, (DeviceError, LinkError)):
            follower.refuse()
        self._refuse(follower.stream.name, error, now)

    def _refuse(self, subject: str, error: ContractError, now: float) -> None:
        if self._refusals.add(subject, error, self._time.now().now):
            _log.warning("%s refused: %s", subject, error)
            self._reporter.touch(now)
        if isinstance(error, DeviceError):
            self._retry_at = now + RETRY_S

    def _condition(self) -> Condition:
        releases = self._shown.releases if self._shown else {}
        shown = {name: StreamReport(state=StreamState.SHOWN, shown=number) for name, number in releases.items()}
        return Condition(
            belief=self._time.now(),
            versions=self._trust.versions,
            content_set=self._shown.number if self._shown else None,
            streams=shown | {name: follower.report for name, follower in self._followers.items()},
            errors=self._refusals.all,
            disk=DiskReport(free=self._store.free_bytes, content=self._store.content_bytes),
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 2**31  # noqa: PLR2004 - six digits are more roots than there will be
