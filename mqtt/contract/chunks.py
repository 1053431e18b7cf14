"""Chunk indexes: how a large blob is cut, and the digest of each piece.

    magic "GBI1" | count u32 | count × (length u32 | sha256 32 B)         big endian

The index's own digest stands beside the blob's in a signed document, so every chunk is verified on arrival.
"""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import Final, Self, overload

from mqtt.contract.errors import ContractError, ErrorCode

MAGIC: Final = b"GBI1"
CHUNK_LIMIT: Final = 128 * 1024
"""Largest chunk on the wire, bytes; a cut line wastes less than this."""
MEDIA_CHUNKS: Final = (32 * 1024, 64 * 1024, 128 * 1024)
"""Minimum, average and maximum chunk of media, bytes (measured: 64 KiB is on the plateau and survives cut lines)."""
LIST_CHUNKS: Final = (1 * 1024, 2 * 1024, 8 * 1024)
"""The same for lists and indexes: small, so that five edits of 2,400 files cost kilobytes."""
INDEX_LIMIT: Final = 4 * 1024 * 1024

_ENTRY: Final = struct.Struct(">I32s")
_HEAD: Final = struct.Struct(">4sI")


@dataclass(frozen=True)
class Chunk:
    """One piece of a blob: its place and its digest."""

    offset: int
    length: int
    digest: bytes


class Chunks(Sequence[Chunk]):
    """Chunks in order, without gaps, as packed as on the wire: a video of 2 GB has 32,000.

    Args:
        entries: ``length u32 | sha256`` of each.
    """

    def __init__(self, entries: bytes) -> None:
        self.entries = entries
        self._ends = array("Q", accumulate(length for length, _ in _ENTRY.iter_unpack(entries)))

    @property
    def size(self) -> int:
        """Size of all of them in bytes."""
        return self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, number: int) -> Chunk: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Chunk]: ...
    def __getitem__(self, number: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place = range(len(self._ends))[number]
        length, digest = _ENTRY.unpack_from(self.entries, place * _ENTRY.size)
        return Chunk(self._ends[place] - length, length, digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chunks) and self.entries == other.entries

    def __hash__(self) -> int:
        return hash(self.entries)


@dataclass(frozen=True)
class ChunkIndex:
    """All chunks of one blob."""

    chunks: Chunks

    @property
    def size(self) -> int:
        """Size of the whole blob in bytes."""
        return self.chunks.size

    def to_bytes(self) -> bytes:
        """Return the wire form."""
        return _HEAD.pack(MAGIC, len(self.chunks)) + self.chunks.entries

    @classmethod
    def of_lengths(cls, data: memoryview | bytes, lengths: list[int]) -> Self:
        """Index data already in memory that is cut into pieces of these lengths (bytes)."""
        view = memoryview(data)
        pairs = zip(accumulate(lengths, initial=0), lengths, strict=False)
        entries = (_ENTRY.pack(size, sha256(view[at : at + size]).digest()) for at, size in pairs)
        return cls(Chunks(b"".join(entries)))

    @classmethod
    def whole(cls, size: int, digest: str) -> Self:
        """Index of a blob that travels in one piece."""
        return cls(Chunks(_ENTRY.pack(size, bytes.fromhex(digest))))

    @classmethod
    def parse(cls, data: bytes, size: int) -> Self:
        """Read the wire form of the index of a blob of ``size`` bytes.

        Raises:
            ContractError: ``E_MALFORMED`` or ``E_SIZE``; the index is not of that blob.
        """
        if len(data) < _HEAD.size or len(data) > INDEX_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"chunk index of {len(data)} bytes")
        magic, count = _HEAD.unpack_from(data)
        if magic != MAGIC or len(data) != _HEAD.size + count * _ENTRY.size:
            raise ContractError(ErrorCode.MALFORMED, "chunk index: wrong magic or length")
        chunks = Chunks(data[_HEAD.size :])
        for length, _ in _ENTRY.iter_unpack(chunks.entries):
            if not 0 < length <= CHUNK_LIMIT:
                raise ContractError(ErrorCode.MALFORMED, f"chunk index: chunk of {length} bytes")
        if chunks.size != size:
            raise ContractError(ErrorCode.SIZE, f"chunk index covers {chunks.size} of {size} bytes")
        return cls(chunks)
