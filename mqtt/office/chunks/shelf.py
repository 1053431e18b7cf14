"""Published blobs on disk, cut as their indexes say. A request is hostile until it fits.

Only blobs of published releases are served; every piece is checked against the digest in its index before it leaves,
so an index of another blob, or a disk that has lost bits, troubles nobody.
"""

import zlib
from collections import OrderedDict
from hashlib import sha256
from typing import Final, TypeVar

from sqlalchemy import Engine, select

from mqtt.contract.chunks import CHUNK_LIMIT, INDEX_LIMIT, ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.transfer import Want
from mqtt.office.chunks.turns import Piece
from mqtt.office.database import blobs
from mqtt.office.objects import Objects

CREDIT_LIMIT: Final = 1024 * 1024 + CHUNK_LIMIT
"""The most one request is answered with, bytes: the widest window of a booth."""
INDEXES_KEPT: Final = 16
SIZES_KEPT: Final = 4096

_SAMPLE: Final = 1024
K = TypeVar("K")
V = TypeVar("V")


class Shelf:
    """What can be served.

    Args:
        engine: The office's database, asked once per blob.
        objects: The bytes.
    """

    def __init__(self, engine: Engine, objects: Objects) -> None:
        self._engine = engine
        self._objects = objects
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._indexes: OrderedDict[tuple[str, str], ChunkIndex] = OrderedDict()

    def pieces(self, want: Want) -> list[Piece]:
        """Return what answers a request, at most its credit; one piece without a digest if the blob is not here.

        Raises:
            ContractError: ``E_SIZE``, ``E_FRAME`` or that of a wrong index: ignore the request.
        """
        size = self._size(want.blob)
        if size is None or not self._objects.has(want.blob):
            return [Piece(want.blob, None, 0)]
        if size != want.size:
            raise ContractError(ErrorCode.SIZE, f"{want.blob[:12]} has {size} bytes, {want.size} are asked for")
        index = self._index(want)
        last = max(wanted.last for wanted in want.ranges)
        if last >= len(index.chunks):
            raise ContractError(ErrorCode.FRAME, f"chunk {last} of {len(index.chunks)} of {want.blob[:12]}")
        return within(index, want, min(want.credit, CREDIT_LIMIT))

    def read(self, piece: Piece) -> bytes:
        """Return the bytes of a piece.

        Raises:
            ContractError: ``E_DIGEST`` or ``E_MISSING``: do not send it.
        """
        data = self._objects.read_range(piece.blob, piece.offset, piece.length)
        if sha256(data).digest() != piece.digest:
            raise ContractError(
                ErrorCode.DIGEST, f"chunk {piece.number} of {piece.blob[:12]} is not what its index says"
            )
        return data

    def _size(self, digest: str) -> int | None:
        known = self._sizes.get(digest)
        if known is None:
            with self._engine.connect() as connection:
                found: int | None = connection.execute(
                    select(blobs.c.size).where(blobs.c.sha256 == digest).limit(1)
                ).scalar()
            if found is None:
                return None
            known = _keep(self._sizes, digest, found, SIZES_KEPT)
        return known

    def _index(self, want: Want) -> ChunkIndex:
        if want.index is None:
            if want.size > CHUNK_LIMIT:
                raise ContractError(ErrorCode.SIZE, f"{want.blob[:12]}: {want.size} bytes do not travel whole")
            return ChunkIndex.whole(want.size, want.blob)
        key = (want.blob, want.index)
        known = self._indexes.get(key)
        if known is not None:
            self._indexes.move_to_end(key)
            return known
        size = self._size(want.index)
        if size is None:
            raise ContractError(ErrorCode.UNKNOWN, f"index {want.index[:12]} is of no release")
        if size > INDEX_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"index {want.index[:12]} has {size} bytes")
        index = ChunkIndex.parse(self._objects.read(want.index), want.size)
        return _keep(self._indexes, key, index, INDEXES_KEPT)


def worth_deflating(data: bytes) -> bool:
    """Whether deflating may save something: a guess from three samples, far cheaper than trying."""
    middle = len(data) // 2
    sample = data if len(data) <= 4 * _SAMPLE else data[:_SAMPLE] + data[middle : middle + _SAMPLE] + data[-_SAMPLE:]
    return len(zlib.compress(sample, 1)) < len(sample) * 0.97


def within(index: ChunkIndex, want: Want, credit: int) -> list[Piece]:
    """Return the pieces of a request, in the order asked, as far as ``credit`` bytes go."""
    pieces: list[Piece] = []
    for wanted in want.ranges:
        for number in range(wanted.first, wanted.last + 1):
            chunk = index.chunks[number]
            credit -= chunk.length
            if credit < 0:
                return pieces
            pieces.append(Piece(want.blob, want.index, number, chunk.offset, chunk.length, chunk.digest))
    return pieces


def _keep(cache: OrderedDict[K, V], key: K, value: V, most: int) -> V:
    cache[key] = value
    while len(cache) > most:
        cache.popitem(last=False)
    return value
