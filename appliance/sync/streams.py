"""All streams of a booth: what each of them waits for, and the switch when some are complete.

assignment ─► followers ─► pending blobs ─► fetch ─► landed ─► … ─► switch ─► trial ─► garbage
▲                                                    │
└──────────── refused for good, the set before is back
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from appliance.content.store import Store
from appliance.errors import DeviceError, ErrorCode, LinkError, RefusedError
from appliance.sync.fetch import Fetch
from appliance.sync.follower import Follower
from appliance.sync.messages import Evidence, Prepare, Prepared
from appliance.sync.refusals import Refusals
from appliance.sync.switch import Refused, Switch
from appliance.sync.trial import Trial
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
        self._trial = Trial(store)
        self._shown = store.shown()
        self._followers: dict[str, Follower] = {}
        self._quarantined: dict[str, frozenset[str]] = {}
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

    @property
    def held_up_by(self) -> ErrorCode | None:
        """Why some stream or the switch does not go on, None if all do."""
        codes = (self._refusals.code_of(subject) for subject in (*self._followers, _SWITCH))
        return next((code for code in codes if code), None)

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
        self._switch.resume()
        self._step(self._followers.values(), view)
        self.blobs_landed(view)

    def blobs_landed(self, view: View) -> None:
        """Take the next steps of the streams that waited for blobs that have come."""
        while self._fetch.done:
            digest = self._fetch.done.popleft()
            if ready := [follower for follower in self._followers.values() if follower.landed(digest)]:
                self._step(ready, view)

    def start(self, now: float) -> None:
        """A set that was on trial when the agent ended still is."""
        self._trial.begin(now)

    def tick(self, now: float) -> None:
        """Do what is due."""
        self._trial.tick(now)

    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due at the latest."""
        return self._trial.next_deadline

    @property
    def settling(self) -> bool:
        """Whether a set is being prepared: what will be shown is not decided yet."""
        return self._switch.preparing

    def take_asked(self) -> Prepare | None:
        """Return the preparation that is to be started now, once."""
        return self._switch.take_asked()

    def prepared(self, result: Prepared, now: float) -> None:
        """Take the end of a preparation: switch, or refuse who is to blame."""
        self._settle(partial(self._switch.prepared, result))
        if self._switch.switched:
            self._trial.begin(now)
        self._settle(self._switch.run)

    def hear(self, evidence: Evidence) -> bool:
        """Take what a process says of the set it shows; True when the set before it is shown again."""
        for item in evidence.quarantined:
            self._refusals.add(item, RefusedError(ErrorCode.QUARANTINE, f"skipped by the {evidence.process}"))
        for item in self._quarantined.get(evidence.process, frozenset()).difference(evidence.quarantined):
            self._refusals.clear(item)
        self._quarantined[evidence.process] = frozenset(evidence.quarantined)
        verdict = self._trial.hear(evidence)
        if verdict is None:
            return False
        error = RefusedError(ErrorCode.HEALTH, f"{evidence.process}: {evidence.detail}")
        for name, number in verdict.blamed.items():
            self._refuse_for_good(name, number, error)
        if verdict.back_to is None:
            for name in verdict.blamed:
                self._switch.bar(name)
            self._settle(self._switch.run)
        else:
            self._settle(partial(self._return_to, verdict.back_to.number))
        return verdict.back_to is not None

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
        self._settle(self._switch.run)

    def _settle(self, step: Callable[[], Mapping[str, Refused]]) -> None:
        try:
            refused = step()
            self._refusals.clear(_SWITCH)
        except DeviceError as error:
            self.hindered = True
            self._refusals.add(_SWITCH, error)
            return
        for name, (number, reason) in refused.items():
            self._refuse_for_good(name, number, reason)
        if self._switch.switched:
            self._now_shown()
            pinned = {digest for follower in self._followers.values() for digest in follower.pinned}
            self._store.collect_garbage(self._fetch.wanted | pinned, self._switch.waiting)

    def _now_shown(self) -> None:
        self._shown = self._store.shown()
        _log.info("content set %s is shown", self.content_set)
        for name, follower in self._followers.items():
            follower.shown = self._number(name)

    def _return_to(self, number: int) -> Mapping[str, Refused]:
        self._store.sets.show(number)
        _log.error("content set %s does not hold: back to %s", self.content_set, number)
        self._switch.switched = False
        self._now_shown()
        return {}

    def _refuse_for_good(self, name: str, number: int, error: ContractError) -> None:
        try:
            self._store.refuse(name, number, error)
        except DeviceError as unwritten:
            self._refusals.add(_SWITCH, unwritten)
        if name in self._followers:
            self._followers[name].refuse()
        self._refusals.add(name, error)

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
