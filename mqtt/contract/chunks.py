"""Chunk indexes: how a large blob is cut, and the digest of each piece.

    magic "GBI1" | count u32 | count × (length u32 | sha256 32 B)         big endian

The index's own digest stands beside the blob's in a signed document, so every chunk is verified on arrival.
"""

import struct
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from typing import Final, Self

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


@dataclass(frozen=True)
class ChunkIndex:
    """All chunks of one blob in order, without gaps."""

    chunks: tuple[Chunk, ...]

    @cached_property
    def size(self) -> int:
        """Size of the whole blob in bytes."""
        return sum(chunk.length for chunk in self.chunks)

    def to_bytes(self) -> bytes:
        """Return the wire form."""
        entries = (_ENTRY.pack(chunk.length, chunk.digest) for chunk in self.chunks)
        return _HEAD.pack(MAGIC, len(self.chunks)) + b"".join(entries)

    @classmethod
    def of_lengths(cls, data: memoryview | bytes, lengths: list[int]) -> Self:
        """Index data already in memory that is cut into pieces of these lengths (bytes)."""
        view = memoryview(data)
        starts = accumulate(lengths, initial=0)
        pairs = zip(starts, lengths, strict=False)
        return cls(tuple(Chunk(at, size, sha256(view[at : at + size]).digest()) for at, size in pairs))

    @classmethod
    def whole(cls, size: int, digest: str) -> Self:
        """Index of a blob that travels in one piece."""
        return cls((Chunk(0, size, bytes.fromhex(digest)),))

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
        chunks: list[Chunk] = []
        offset = 0
        for length, digest in _ENTRY.iter_unpack(data[_HEAD.size :]):
            if not 0 < length <= CHUNK_LIMIT:
                raise ContractError(ErrorCode.MALFORMED, f"chunk index: chunk of {length} bytes")
            chunks.append(Chunk(offset, length, digest))
            offset += length
        if offset != size:
            raise ContractError(ErrorCode.SIZE, f"chunk index covers {offset} of {size} bytes")
        return cls(tuple(chunks))
