"""Bulk transfer, driven by the receiver: which chunks to ask for now, and what to make of a frame.

    small blobs, smallest first ──(window)────────────────┐
    large blobs, smallest first ──(window, rate limit)────┴─► want

Pure: no sockets, no files, no clock. A lost, repeated, reordered or corrupt frame changes nothing but time. Small
blobs (texts, heads, lists) wait for no video: neither its chunks on their way nor a limit count against them.
"""

from array import array
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Final

from mqtt.bulk.limit import Limit
from mqtt.bulk.numbers import Numbers
from mqtt.bulk.window import Sent, Window
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import Frame
from mqtt.contract.releases import BlobRef
from mqtt.contract.transfer import Want, ranges_of

REFILL: Final = 0.75
"""Ask for more when what is on its way falls below this share of the window."""
GONE_PAUSE_S: Final = 30.0
"""How long to leave a blob that the sender does not have."""
SMALL_BYTES: Final = CHUNK_LIMIT
"""Blobs up to this size are asked for first and never limited."""


@dataclass
class _Blob:
    blob: BlobRef
    index: ChunkIndex
    missing: Numbers
    waiting: "array[int]" = field(default_factory=lambda: array("I"))
    sent: dict[int, Sent] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    paused_until: float = 0.0
    missing_bytes: int = 0

    def __post_init__(self) -> None:
        self.missing_bytes = sum(self.index.chunks[number].length for number in self.missing)
        self.wait()

    def wait(self) -> None:
        """Everything missing is to be asked for."""
        self.waiting = array("I", self.missing.descending())

    def have(self, number: int) -> None:
        """Take note that a missing chunk is here."""
        self.missing.discard(number)
        self.missing_bytes -= self.index.chunks[number].length

    def lose(self, number: int) -> None:
        """Take note that a chunk is missing after all."""
        self.missing.add(number)
        self.missing_bytes += self.index.chunks[number].length

    @property
    def small(self) -> bool:
        return self.blob.size <= SMALL_BYTES

    @property
    def flying(self) -> int:
        return sum(sent.length for sent in self.sent.values())


class Transfer:
    """All blobs that are being fetched over one bulk connection, the smallest first."""

    def __init__(self) -> None:
        self._blobs: dict[str, _Blob] = {}
        self._window = Window()
        self._limit = Limit()
        self._sorted = True

    def add(self, blob: BlobRef, index: ChunkIndex, missing: Iterable[int]) -> None:
        """Fetch these chunks of a blob, and no others of it."""
        self._blobs[blob.sha256] = _Blob(blob, index, Numbers(len(index.chunks), missing))
        self._sorted = False

    def also(self, digest: str, numbers: Iterable[int]) -> None:
        """Fetch these chunks of a blob too, after those that are waiting."""
        blob = self._blobs[digest]
        new = sorted(number for number in set(numbers) if number not in blob.missing)
        for number in new:
            blob.lose(number)
        blob.waiting[:0] = array("I", new[::-1])

    def limit(self, now: float, rate: float | None) -> None:
        """Ask for at most so many bytes per second of large blobs; None for no limit, 0 to pause them."""
        self._limit.set(now, rate)

    def drop(self, digest: str) -> None:
        """Stop fetching a blob."""
        self._blobs.pop(digest, None)

    def __contains__(self, digest: str) -> bool:
        return digest in self._blobs

    def complete(self, digest: str) -> bool:
        """Whether nothing of this blob is missing any more."""
        return not self._blobs[digest].missing

    def restart(self) -> None:
        """The connection is new: whatever was on its way is lost."""
        self._window = Window()
        for blob in self._blobs.values():
            blob.wait()
            blob.sent.clear()
            blob.paused_until = 0.0

    def requests(self, now: float) -> list[Want]:
        """Return what to ask for now; empty while enough is on its way."""
        self._give_up(now)
        if not self._sorted:
            self._blobs = dict(sorted(self._blobs.items(), key=lambda item: item[1].blob.size))
            self._sorted = True
        blobs = [blob for blob in self._blobs.values() if not blob.paused_until]
        flying_small = sum(blob.flying for blob in self._blobs.values() if blob.small)
        flying = sum(blob.flying for blob in self._blobs.values())
        wants = self._ask(now, (blob for blob in blobs if blob.small), self._credit(flying_small))
        flying += sum(want.credit for want in wants)
        credit = min(self._credit(flying), self._limit.room(now))
        large = self._ask(now, (blob for blob in blobs if not blob.small), credit)
        self._limit.take(now, sum(want.credit for want in large))
        return wants + large

    def next_deadline(self) -> float | None:
        """When :meth:`requests` should be asked again at the latest, None if nothing is on its way."""
        times = [sent.at + self._window.patience(sent) for blob in self._blobs.values() for sent in blob.sent.values()]
        times += [blob.paused_until for blob in self._blobs.values() if blob.paused_until]
        if (opens := self._limit.opens()) is not None and any(
            blob.waiting for blob in self._blobs.values() if not blob.small and not blob.paused_until
        ):
            times.append(opens)
        return min(times, default=None)

    def _credit(self, flying: int) -> float:
        """Bytes to ask for when so many are on their way."""
        window = self._window.size
        return 0 if flying > window * REFILL else window - flying

    def _ask(self, now: float, blobs: Iterable[_Blob], credit: float) -> list[Want]:
        wants: list[Want] = []
        for blob in blobs:
            if credit <= 0:
                break
            numbers: list[int] = []
            taken = 0
            while blob.waiting and taken < credit:
                number = blob.waiting.pop()
                if number not in blob.missing:
                    continue  # a neighbour at the gate asked for it and we heard the answer
                length = blob.index.chunks[number].length
                blob.sent[number] = self._window.send(now, length, blob.tries.get(number, 0))
                numbers.append(number)
                taken += length
            if numbers:
                index = blob.blob.index.sha256 if blob.blob.index else None
                ranges = ranges_of(sorted(numbers))
                wants.append(Want(blob=blob.blob.sha256, size=blob.blob.size, index=index, ranges=ranges, credit=taken))
                credit -= taken
        return wants

    def arrived(self, now: float, digest: str, frame: Frame) -> bool:
        """Judge a frame: True for a chunk that was missing and is right, False for a repetition.

        Raises:
            ContractError: ``E_FRAME``, ``E_DIGEST`` or ``E_MISSING``; the chunk is asked for again by itself.
        """
        blob = self._blobs.get(digest)
        if blob is None:
            return False
        if frame.gone:
            blob.wait()
            blob.sent.clear()
            blob.paused_until = now + GONE_PAUSE_S
            raise ContractError(ErrorCode.MISSING, f"the office does not have {digest[:12]}")
        if frame.number >= len(blob.index.chunks):
            raise ContractError(ErrorCode.FRAME, f"chunk {frame.number} of {len(blob.index.chunks)}")
        if frame.number not in blob.missing:
            return False
        chunk = blob.index.chunks[frame.number]
        sent = blob.sent.pop(frame.number, None)
        if sent:
            self._window.arrive(now, sent)
        if len(frame.data) != chunk.length or sha256(frame.data).digest() != chunk.digest:
            self._again(blob, frame.number)
            raise ContractError(ErrorCode.DIGEST, f"chunk {frame.number} of {digest[:12]} is corrupt")
        blob.have(frame.number)
        return True

    def spare(self, digest: str, limit: int, credit: int, asked: Container[int]) -> list[int]:
        """Return numbers of missing chunks from the end of a blob, ascending, for another source.

        At most ``limit`` of them and about ``credit`` bytes. Chunks ``asked`` for already are left out; those on their
        way over the wire come last, should the line be dead.
        """
        blob = self._blobs[digest]
        free = (number for number in blob.missing.descending() if number not in asked)
        numbers = list(islice((number for number in free if number not in blob.sent), limit))
        if not numbers:
            numbers = [number for number in sorted(blob.sent, reverse=True) if number not in asked][:limit]
        found: list[int] = []
        for number in numbers:
            if credit <= 0:
                break
            found.append(number)
            credit -= blob.index.chunks[number].length
        return found[::-1]

    def missing_bytes(self, digest: str) -> int:
        """Bytes of a blob that are not here yet."""
        return self._blobs[digest].missing_bytes

    def given(self, digest: str, number: int, data: bytes) -> bool:
        """Judge a chunk from another source: True for one that was missing and is right, False for a repetition.

        Raises:
            ContractError: ``E_DIGEST``; the chunk is still missing.
        """
        blob = self._blobs[digest]
        if number not in blob.missing:
            return False
        chunk = blob.index.chunks[number]
        if len(data) != chunk.length or sha256(data).digest() != chunk.digest:
            raise ContractError(ErrorCode.DIGEST, f"chunk {number} of {digest[:12]} is corrupt")
        blob.have(number)
        blob.sent.pop(number, None)
        return True

    def put_back(self, digest: str, number: int, until: float) -> None:
        """A chunk that arrived could not be kept: it is missing again; ask for nothing of its blob before ``until``."""
        blob = self._blobs[digest]
        blob.lose(number)
        self._again(blob, number)
        blob.paused_until = until

    def _give_up(self, now: float) -> None:
        for blob in self._blobs.values():
            if blob.paused_until <= now:
                blob.paused_until = 0.0
            late = [number for number, sent in blob.sent.items() if now >= sent.at + self._window.patience(sent)]
            for number in sorted(late, reverse=True):
                del blob.sent[number]
                self._again(blob, number)

    @staticmethod
    def _again(blob: _Blob, number: int) -> None:
        blob.tries[number] = blob.tries.get(number, 0) + 1
        if number in blob.missing and number not in blob.waiting:
            blob.waiting.append(number)
