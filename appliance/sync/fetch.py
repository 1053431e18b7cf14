"""Fetching blobs over both planes: small ones by subscription, large ones in chunks, into the store.

want(blobs) ──► inline queue ──(10 s)──► bulk transfer ──► partial ──► object ──► done(digest)
"""

from collections import deque
from collections.abc import Container, Iterable
from contextlib import ExitStack
from typing import Final

from appliance.content.partial import Partial
from appliance.content.store import Store
from appliance.errors import DeviceError, RefusedError
from appliance.sticks import Part
from appliance.sync.inline import InlineQueue
from appliance.sync.messages import Outgoing, Publish, Subscribe, Unsubscribe
from mqtt.bulk.transfer import Transfer
from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import unpack
from mqtt.contract.names import BoothId, GateId
from mqtt.contract.releases import INLINE_LIMIT, BlobRef
from mqtt.contract.topics import Plane

DISK_PAUSE_S: Final = 30.0
"""How long to leave a blob when the disk is full."""


class Fetch:
    """Keeps fetching until the wanted blobs are objects.

    Args:
        store: Where they go.
        booth: Who asks.
        gate: Whose group topic carries the answers.
        disk_pause_s: How long to leave a blob when the disk is full.
    """

    def __init__(self, store: Store, booth: BoothId, gate: GateId, disk_pause_s: float = DISK_PAUSE_S) -> None:
        self._store = store
        self._booth = booth
        self._gate = gate
        self._disk_pause_s = disk_pause_s
        self._wanted: dict[str, BlobRef] = {}
        self._partials: dict[str, Partial] = {}
        self._inline = InlineQueue()
        self._transfer = Transfer()
        self._up: set[Plane] = set()
        self.outgoing: deque[Outgoing] = deque()
        self.done: deque[str] = deque()

    @property
    def wanted(self) -> frozenset[str]:
        """Digests on their way: not garbage."""
        return frozenset(self._wanted)

    def have(self, digest: str) -> int:
        """Bytes of a blob on its way that are here and verified."""
        partial = self._partials.get(digest)
        return partial.have_bytes if partial else 0

    def only(self, digests: Iterable[str]) -> None:
        """Stop fetching everything but these; what was verified of the others stays until it is collected."""
        for digest in self._wanted.keys() - set(digests):
            self._forget(digest)

    def want(self, blob: BlobRef) -> None:
        """Fetch a blob whose index, if it has one, is an object already.

        Raises:
            ContractError: ``E_DISK``, or an index that is not of its blob; the blob is not fetched.
        """
        if blob.sha256 in self._wanted:
            return
        self._wanted[blob.sha256] = blob
        if blob.index is None and blob.size <= INLINE_LIMIT:
            self._inline.add(blob.sha256)
            return
        try:
            self._start_bulk(blob)
        except ContractError:
            self._forget(blob.sha256)
            raise

    def connected(self, plane: Plane) -> None:
        """A broker is there again: listen and ask anew."""
        self._up.add(plane)
        if plane is Plane.CONTROL:
            self._inline.restart()
        else:
            self._transfer.restart()
            if self._partials:
                self.outgoing.append(Subscribe(plane, tuple(self._blob_topic(digest) for digest in self._partials)))

    def disconnected(self, plane: Plane) -> None:
        """A broker is gone: what is here stays; make it safe.

        Raises:
            DeviceError: ``E_DISK``; nothing that was verified is forgotten.
        """
        self._up.discard(plane)
        self.flush()

    def flush(self) -> None:
        """Make everything that has arrived safe."""
        for partial in self._partials.values():
            partial.flush()

    def inline(self, digest: str, payload: bytes) -> None:
        """Take a blob from the control plane.

        Raises:
            ContractError: It is not what was signed; the bulk side is asked instead.
        """
        blob = self._wanted.get(digest)
        if blob is None:
            return
        try:
            self._store.put(blob, unpack(payload, INLINE_LIMIT).data)
        except RefusedError:
            self._to_bulk(digest)
            raise
        self._finish(digest)

    def frame(self, now: float, digest: str, payload: bytes) -> None:
        """Take a chunk from the bulk plane.

        Raises:
            ContractError: Not a chunk we asked for; asked for again by itself.
            DeviceError: ``E_DISK``; asked for again by itself, a blob that only lacked its end by :meth:`want`.
        """
        partial = self._partials.get(digest)
        if partial is None:
            return
        frame = unpack(payload, CHUNK_LIMIT)
        if self._transfer.arrived(now, digest, frame):
            self._keep(now, partial, frame.number, frame.data)

    # another source than the wire

    @property
    def blobs(self) -> tuple[BlobRef, ...]:
        """What is wanted, in the order it was asked for."""
        return tuple(self._wanted.values())

    @property
    def digests(self) -> Iterable[str]:
        """Digests of what is wanted."""
        return self._wanted.keys()

    def wants(self, digest: str) -> bool:
        """Whether a blob is still wanted."""
        return digest in self._wanted

    def missing(self, digest: str, limit: int, credit: int, asked: Container[int]) -> tuple[Part, ...]:
        """Return parts of a wanted blob that another source may give, not those ``asked`` for already.

        Args:
            digest: Of the blob.
            limit: How many at most.
            credit: About how many bytes.
            asked: Numbers to leave out.
        """
        if partial := self._partials.get(digest):
            chunks = partial.index.chunks
            numbers = self._transfer.spare(digest, limit, credit, asked)
            return tuple(Part(number, chunks[number].offset, chunks[number].length) for number in numbers)
        return () if 0 in asked else (Part(0, 0, self._wanted[digest].size),)

    def missing_bytes(self, digest: str) -> int:
        """Bytes of a wanted blob that are not here yet."""
        return self._transfer.missing_bytes(digest) if digest in self._partials else self._wanted[digest].size

    def given(self, now: float, digest: str, number: int, data: bytes) -> None:
        """Take a part from another source.

        Raises:
            ContractError: It is not what was signed; that source is no good for this blob.
            DeviceError: ``E_DISK``; nothing is lost.
        """
        if digest not in self._wanted:
            return
        if (partial := self._partials.get(digest)) is None:
            self._store.put(self._wanted[digest], data)
            self._finish(digest)
        elif self._transfer.given(digest, number, data):
            self._keep(now, partial, number, data)

    def tick(self, now: float) -> None:
        """Ask for what may be asked for now."""
        if Plane.CONTROL in self._up:
            for digest in self._inline.overdue(now):
                self._to_bulk(digest)
            if started := self._inline.start(now):
                found = tuple(topics.INLINE.at(digest=digest) for digest in started)
                self.outgoing.append(Subscribe(Plane.CONTROL, found))
        if Plane.BULK in self._up:
            topic = topics.WANT.at(gate=self._gate, booth=self._booth)
            for want in self._transfer.requests(now):
                self.outgoing.append(
                    Publish(Plane.BULK, topic, encode(want), topics.WANT.qos, retain=False, expiry_s=30)
                )

    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due at the latest."""
        both = (self._inline.next_deadline(), self._transfer.next_deadline())
        return min((time for time in both if time is not None), default=None)

    def limit(self, now: float, rate: float | None) -> None:
        """Fetch at most so many bytes per second of large blobs; None for no limit, 0 to pause them."""
        self._transfer.limit(now, rate)

    def close(self) -> None:
        """Make everything that has arrived safe.

        Raises:
            DeviceError: ``E_DISK``, after all the others are safe.
        """
        with ExitStack() as closing:
            for partial in self._partials.values():
                closing.callback(partial.close)

    def _to_bulk(self, digest: str) -> None:
        self._inline.drop(digest)
        self.outgoing.append(Unsubscribe(Plane.CONTROL, (topics.INLINE.at(digest=digest),)))
        self._start_bulk(self._wanted[digest])

    def _start_bulk(self, blob: BlobRef) -> None:
        if blob.index is not None:
            index = ChunkIndex.parse(self._store.read(blob.index.sha256), blob.size)
        elif blob.size <= CHUNK_LIMIT:
            index = ChunkIndex.whole(blob.size, blob.sha256)
        else:
            raise RefusedError(ErrorCode.SIZE, f"{blob.sha256[:12]}: {blob.size} bytes without an index")
        partial = self._store.open_partial(blob, index)
        self._partials[blob.sha256] = partial
        self._transfer.add(blob, index, partial.missing)
        if Plane.BULK in self._up:
            self.outgoing.append(Subscribe(Plane.BULK, (self._blob_topic(blob.sha256),)))
        if not partial.missing:
            self._complete(partial)

    def _keep(self, now: float, partial: Partial, number: int, data: bytes) -> None:
        digest = partial.blob.sha256
        try:
            partial.write(number, data)
        except DeviceError:
            self._transfer.put_back(digest, number, now + self._disk_pause_s)
            raise
        if self._transfer.complete(digest):
            self._complete(partial)

    def _complete(self, partial: Partial) -> None:
        digest = partial.blob.sha256
        try:
            finished = self._store.finish(partial)
        except DeviceError:
            self._forget(digest)  # whoever wants it again finds every chunk here, and only the end is tried again
            raise
        if finished:
            self._finish(digest)
        else:
            self._transfer.add(partial.blob, partial.index, partial.missing)

    def _finish(self, digest: str) -> None:
        self._forget(digest)
        self.done.append(digest)

    def _forget(self, digest: str) -> None:
        del self._wanted[digest]
        if self._inline.drop(digest):
            self.outgoing.append(Unsubscribe(Plane.CONTROL, (topics.INLINE.at(digest=digest),)))
        if partial := self._partials.pop(digest, None):
            self._transfer.drop(digest)
            self.outgoing.append(Unsubscribe(Plane.BULK, (self._blob_topic(digest),)))
            partial.close()

    def _blob_topic(self, digest: str) -> str:
        return topics.BLOB.at(gate=self._gate, digest=digest)
