"""All streams of a booth: what each of them waits for, and the switch when some are complete.

assignment ─► followers ─► pending blobs ─► fetch ─► landed ─► … ─► switch ─► garbage
"""

import logging
from collections.abc import Iterable

import msgspec

from appliance.content.store import Store
from appliance.errors import DeviceError, LinkError
from appliance.sync.fetch import Fetch
from appliance.sync.follower import Follower
from appliance.sync.refusals import Refusals
from appliance.sync.switch import Switch
from appliance.trust.view import View
from mqtt.contract.errors import ContractError
from mqtt.contract.names import Agency, GateId
from mqtt.contract.repository import Stream
from mqtt.contract.state import StreamReport, StreamState

_SWITCH = "content"
_log = logging.getLogger(__name__)


class Streams:
    """Follows what is assigned; keeps nothing that a restart would lose.

    Args:
        gate: Where this booth stands.
        store: Content on disk.
        fetch: Brings blobs.
        refusals: Told what is not accepted.
    """

    def __init__(self, gate: GateId, store: Store, fetch: Fetch, refusals: Refusals) -> None:
        self._gate = gate
        self._store = store
        self._fetch = fetch
        self._refusals = refusals
        self._switch = Switch(store)
        self._shown = store.shown()
        self._followers: dict[str, Follower] = {}
        self.hindered = False
        """Whether this device could not do something (disk): advance again in a while."""

    @property
    def content_set(self) -> int | None:
        """Number of the content set that is shown."""
        return self._shown.number if self._shown else None

    @property
    def reports(self) -> dict[str, StreamReport]:
        """Where each stream stands; before anything is assigned, what is shown."""
        releases = self._shown.releases if self._shown else {}
        shown = {name: StreamReport(state=StreamState.SHOWN, shown=number) for name, number in releases.items()}
        return shown | {name: self._report(follower) for name, follower in self._followers.items()}

    def assign(self, streams: Iterable[Stream], order: tuple[Agency, ...]) -> None:
        """Follow these streams and no others."""
        wanted = {stream.name: stream for stream in streams}
        for name in self._followers.keys() - wanted.keys():
            del self._followers[name]
            self._refusals.clear(name)
        for name, stream in wanted.items():
            if name not in self._followers:
                self._followers[name] = Follower(stream, self._gate, self._store, self._number(name))
        self._switch.assigned(tuple(wanted), order)

    def advance(self, view: View) -> None:
        """Take the next step of every stream."""
        self.hindered = False
        self._step(self._followers.values(), view)
        self.blobs_landed(view)

    def blobs_landed(self, view: View) -> None:
        """Take the next steps of the streams that waited for blobs that have come."""
        while self._fetch.done:
            digest = self._fetch.done.popleft()
            if ready := [follower for follower in self._followers.values() if follower.landed(digest)]:
                self._step(ready, view)

    def _step(self, followers: Iterable[Follower], view: View) -> None:
        for follower in followers:
            try:
                if head := follower.advance(view):
                    self._switch.ready(head)
                self._refusals.clear(follower.stream.name)
            except ContractError as error:
                self._fail(follower, error)
        self._fetch.only(digest for follower in self._followers.values() for digest in follower.pending)
        for follower in self._followers.values():
            try:
                for blob in sorted(follower.pending.values(), key=lambda blob: blob.size):
                    self._fetch.want(blob)
            except ContractError as error:
                self._fail(follower, error)
        self._show()

    def _show(self) -> None:
        try:
            refused = self._switch.run()
            self._refusals.clear(_SWITCH)
        except DeviceError as error:
            self.hindered = True
            self._refusals.add(_SWITCH, error)
            return
        for name, reason in refused.items():
            self._fail(self._followers[name], reason)
        if self._switch.switched:
            self._shown = self._store.shown()
            _log.info("content set %s is shown", self.content_set)
            for name, follower in self._followers.items():
                follower.shown = self._number(name)
            pinned = {digest for follower in self._followers.values() for digest in follower.pinned}
            self._store.collect_garbage(self._fetch.wanted | pinned)

    def _report(self, follower: Follower) -> StreamReport:
        """What a follower says, with the verified chunks of what has not come whole."""
        report = follower.report
        have = report.have + sum(self._fetch.have(digest) for digest in follower.pending)
        return msgspec.structs.replace(report, have=min(have, report.need))

    def _fail(self, follower: Follower, error: ContractError) -> None:
        if isinstance(error, DeviceError):
            self.hindered = True
        elif not isinstance(error, LinkError):
            follower.refuse()
        self._refusals.add(follower.stream.name, error)

    def _number(self, name: str) -> int | None:
        return self._shown.releases.get(name) if self._shown else None
