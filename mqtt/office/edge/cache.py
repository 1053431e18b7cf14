"""What an edge answers from its disk, and what it asks the office for: the shelf of a chunk server without a database.

    want of a booth ─┬─ here ───────────────► piece to send
                     ├─ not here ───────────► transfer ─► want of the edge ─► frame ─► verified ─► kept
                     └─ index unknown ──────► asked for on the control broker; after a second passed on as it is

A frame that comes from the office has gone to the booths already: the cache only listens. What it cannot verify, for
want of the index, it lets pass and does not keep.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mqtt.bulk.transfer import Transfer
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import unpack
from mqtt.contract.releases import INLINE_LIMIT, BlobRef
from mqtt.contract.transfer import Want
from mqtt.office.chunks.shelf import CREDIT_LIMIT, within
from mqtt.office.chunks.turns import Piece
from mqtt.office.edge.indexes import Indexes
from mqtt.office.edge.store import ChunkStore

INLINE_S: Final = 1.0
"""How long to wait for an index on the control broker."""
INTEREST_S: Final = 150.0
"""What no booth has asked for so long is no longer fetched: the longest pause between two requests, twice."""
WAITING_LIMIT: Final = 1024
"""Requests that may wait for indexes; what goes beyond is left out, the booth will ask again."""


@dataclass(frozen=True)
class _Waiting:
    since: float
    want: Want


class Cache:
    """Shelf and upstream of the edge's chunk server.

    Args:
        chunks: Chunks on disk.
        indexes: How blobs are cut.
        clock: Monotonic seconds.
    """

    def __init__(self, chunks: ChunkStore, indexes: Indexes, clock: Callable[[], float]) -> None:
        self._chunks = chunks
        self._indexes = indexes
        self._clock = clock
        self._transfer = Transfer()
        self._fetching: dict[str, tuple[str | None, ChunkIndex]] = {}
        self._asked_at: dict[str, float] = {}
        self._waiting: dict[str, list[_Waiting]] = {}
        self._relayed: deque[Want] = deque()
        self.unknown: deque[str] = deque()
        """Digests of indexes to be asked for on the control broker."""

    def pieces(self, want: Want) -> list[Piece]:
        """Return what can be sent of a request now; the rest of it is asked for.

        Raises:
            ContractError: ``E_SIZE``, ``E_FRAME`` or that of a wrong index: ignore the request.
        """
        index = self._indexes.find(want)
        if index is None:
            self._wait_for_index(want)
            return []
        last = max(wanted.last for wanted in want.ranges)
        if last >= len(index.chunks):
            raise ContractError(ErrorCode.FRAME, f"chunk {last} of {len(index.chunks)} of {want.blob[:12]}")
        asked = within(index, want, min(want.credit, CREDIT_LIMIT))
        here = [piece for piece in asked if piece.digest is not None and piece.digest.hex() in self._chunks]
        missing = {piece.number for piece in asked} - {piece.number for piece in here}
        if missing:
            self._fetch(want, index, missing)
        return here

    def read(self, piece: Piece) -> bytes:
        """Return the bytes of a piece.

        Raises:
            ContractError: ``E_MISSING``; it has left the cache since: the booth asks again, and then it is fetched.
        """
        data = self._chunks.read(piece.digest.hex()) if piece.digest else None
        if data is None:
            raise ContractError(ErrorCode.MISSING, f"chunk {piece.number} of {piece.blob[:12]} has left the cache")
        return data

    def frame(self, digest: str, payload: bytes) -> Piece | None:
        """Take a frame from the office; returns the piece it carried if it was asked for and is right.

        Raises:
            ContractError: ``E_FRAME``, ``E_DIGEST`` or ``E_MISSING``; it is asked for again by itself.
        """
        fetched = self._fetching.get(digest)
        if fetched is None:
            return None
        frame = unpack(payload, CHUNK_LIMIT)
        if not self._transfer.arrived(self._clock(), digest, frame):
            return None
        of_index, index = fetched
        chunk = index.chunks[frame.number]
        if self._transfer.complete(digest):
            self._drop(digest)
        self._keep(chunk.digest.hex(), frame.data)
        return Piece(digest, of_index, frame.number, chunk.offset, chunk.length, chunk.digest)

    def inline(self, digest: str, payload: bytes) -> list[Piece]:
        """Take an index from the control broker; returns what can be sent of the requests that waited for it.

        Raises:
            ContractError: ``E_FRAME`` or ``E_DIGEST``; the requests go on waiting.
        """
        if digest not in self._waiting:
            return []
        data = unpack(payload, INLINE_LIMIT).data
        if sha256(data).hexdigest() != digest:
            raise ContractError(ErrorCode.DIGEST, f"inline {digest[:12]} has another digest")
        self._keep(digest, data)
        return [piece for waiting in self._waiting.pop(digest) for piece in self.pieces(waiting.want)]

    def wants(self) -> list[Want]:
        """Return what to ask the office for now."""
        now = self._clock()
        for digest in [digest for digest, at in self._asked_at.items() if now - at > INTEREST_S]:
            self._drop(digest)
        for digest, waiting in list(self._waiting.items()):
            if now - waiting[0].since >= INLINE_S:
                self._relayed.extend(one.want for one in self._waiting.pop(digest))
        relayed = list(self._relayed)
        self._relayed.clear()
        return relayed + self._transfer.requests(now)

    def restart(self) -> None:
        """The line to the office is new: whatever was on its way is lost."""
        self._transfer.restart()

    def next_deadline(self) -> float | None:
        """When :meth:`wants` is due at the latest."""
        times = [waiting[0].since + INLINE_S for waiting in self._waiting.values()]
        if (due := self._transfer.next_deadline()) is not None:
            times.append(due)
        return min(times, default=None)

    def _fetch(self, want: Want, index: ChunkIndex, missing: set[int]) -> None:
        before = self._fetching.get(want.blob)
        if before is not None and before[0] == want.index:
            self._transfer.also(want.blob, missing)
        else:
            of_index = BlobRef(sha256=want.index, size=len(index.to_bytes())) if want.index else None
            self._transfer.add(BlobRef(sha256=want.blob, size=want.size, index=of_index), index, missing)
            self._fetching[want.blob] = (want.index, index)
        self._asked_at[want.blob] = self._clock()

    def _wait_for_index(self, want: Want) -> None:
        if want.index is None or sum(map(len, self._waiting.values())) >= WAITING_LIMIT:
            return
        if want.index not in self._waiting:
            self._waiting[want.index] = []
            self.unknown.append(want.index)
        self._waiting[want.index].append(_Waiting(self._clock(), want))

    def _keep(self, digest: str, data: bytes) -> None:
        self._chunks.keep(digest, data)

    def _drop(self, digest: str) -> None:
        self._transfer.drop(digest)
        del self._fetching[digest], self._asked_at[digest]
