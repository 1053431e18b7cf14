"""One stream on its way from a signed head to a release on disk, a step at a time.

    signed target → head → (index of the list) → list → co-signature → (indexes) → files → installed

:meth:`Follower.advance` looks at what is here and answers what is missing for the next step. It keeps nothing that
a restart would lose: the disk is the memory.
"""

from appliance.content.store import Store
from appliance.errors import ErrorCode, RefusedError
from appliance.trust.view import SignedTarget, View
from mqtt.contract.documents import decode
from mqtt.contract.names import GateId
from mqtt.contract.releases import HEAD_LIMIT, LIST_LIMIT, BlobRef, FileList, ReleaseHead, indexes_of
from mqtt.contract.repository import Stream
from mqtt.contract.state import StreamReport, StreamState


class Follower:
    """Follows one stream.

    Args:
        stream: ``category/agency``.
        gate: Where this booth stands.
        store: Content on disk.
        shown: Number of the release shown now, None if there is none.
    """

    def __init__(self, stream: Stream, gate: GateId, store: Store, shown: int | None) -> None:
        self.stream = stream
        self.shown = shown
        self.pending: dict[str, BlobRef] = {}
        self._gate = gate
        self._store = store
        self._target: int | None = None
        self._need = 0
        self._closure: frozenset[str] = frozenset()
        self._refused = False

    @property
    def pinned(self) -> frozenset[str]:
        """Digests of the release that is on its way, whether here already or not: not garbage."""
        return self._closure | self.pending.keys()

    def landed(self, digest: str) -> bool:
        """Take note that a blob is here; True when nothing is pending any more and :meth:`advance` may go on."""
        return self.pending.pop(digest, None) is not None and not self.pending

    @property
    def report(self) -> StreamReport:
        """Where this stream stands."""
        state = StreamState.WAITING
        if self._refused:
            state = StreamState.REFUSED
        elif self.pending:
            state = StreamState.FETCHING
        elif self.shown is not None:
            state = StreamState.SHOWN
        missing = sum(blob.size for blob in self.pending.values())
        return StreamReport(
            state=state, shown=self.shown, target=self._target, have=max(self._need - missing, 0), need=self._need
        )

    def refuse(self) -> None:
        """The newest release is not accepted; what is shown stays."""
        self.pending = {}
        self._refused = True

    def advance(self, view: View) -> ReleaseHead | None:
        """Take the next step: return the release that lies complete on disk and waits for the switch, if there is one.

        Otherwise :attr:`pending` holds the blobs it waits for.

        Raises:
            RefusedError: The release is refused for good; report it and wait for another.
            DeviceError: ``E_DISK``; try again later.
            LinkError: A role's metadata has not arrived.
        """
        self.pending = {}
        self._refused = False
        signed = view.release(self.stream.category, self.stream.agency)
        if signed is None or (head := self._head(signed)) is None:
            return None
        self._target = head.number
        self._store.judgements.hear(head)
        if self.shown == head.number:
            self._closure = frozenset()
            return None
        self._store.judgements.require(head, signed.sha256)
        self._closure = frozenset({signed.sha256})
        if not self._store.installed(head):
            if not self._complete(view, signed, head):
                return None
            self._store.install(head, signed.sha256)
        return head

    def _head(self, signed: SignedTarget) -> ReleaseHead | None:
        blob = BlobRef(sha256=signed.sha256, size=signed.size)
        if signed.size > HEAD_LIMIT:
            raise RefusedError(ErrorCode.SIZE, f"release head of {signed.size} bytes, at most {HEAD_LIMIT}")
        if self._wait_for([blob]):
            return None
        head = decode(ReleaseHead, self._store.read(signed.sha256), HEAD_LIMIT)
        if head.stream != self.stream.name:
            raise RefusedError(ErrorCode.AUTHORITY, f"head of {head.stream} published as {self.stream.name}")
        if not head.is_for(self._gate):
            raise RefusedError(ErrorCode.AUDIENCE, f"release {head.number} is for {', '.join(head.gates)}")
        if self.shown is not None and head.number < self.shown:
            raise RefusedError(ErrorCode.ROLLBACK, f"release {head.number} after {self.shown}")
        if self.shown == head.number and not self._store.installed(head):
            raise RefusedError(ErrorCode.ROLLBACK, f"another release {head.number} than the one that is shown")
        return head

    def _complete(self, view: View, signed: SignedTarget, head: ReleaseHead) -> bool:
        if self._wait_for([head.list]):
            return False
        listing = decode(FileList, self._store.read(head.list.sha256), LIST_LIMIT)
        if head.territory or listing.territory:
            agreed = view.cosignature(self.stream.category, self.stream.agency)
            if agreed is None or agreed.sha256 != signed.sha256:
                raise RefusedError(ErrorCode.COSIGN, f"{head.stream} release {head.number}")
        self._need = sum(entry.size for entry in listing.files)
        blobs = [head.list, *(entry.blob for entry in listing.files)]
        indexes = [index for blob in blobs for index in indexes_of(blob)]
        self._closure = frozenset({signed.sha256, *(blob.sha256 for blob in (*blobs, *indexes))})
        missing = [entry.blob for entry in listing.files if not self._store.has(entry.blob)]
        self._store.require_space(missing)
        return not self._wait_for([*missing, *indexes])  # a power cut may take an index and leave its file

    def _wait_for(self, blobs: list[BlobRef]) -> bool:
        for blob in blobs:
            if (next_blob := self._next(blob)) is not None:
                self.pending[next_blob.sha256] = next_blob
        return bool(self.pending)

    def _next(self, blob: BlobRef) -> BlobRef | None:
        if self._store.has(blob):
            return None
        return (self._next(blob.index) if blob.index else None) or blob
