"""Chunk indexes at the edge: found among its chunks, put together from them, or heard on the control broker.

A request names an index by its digest only. An index that travelled whole is itself a chunk of that digest; of a
larger one the edge remembers how it was cut, since booths asked for it before they asked for its blob.
"""

from collections import OrderedDict
from hashlib import sha256
from pathlib import Path
from typing import Final

from mqtt.contract.chunks import CHUNK_LIMIT, INDEX_LIMIT, ChunkIndex
from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.transfer import WANT_LIMIT, Range, Want
from mqtt.office.edge.store import ChunkStore
from mqtt.office.files import replace

KEPT: Final = 64
"""Indexes held in memory."""
RECIPES_KEPT: Final = 1024
"""Large indexes whose cut is remembered on disk."""


class Indexes:
    """How blobs are cut, as far as it is known here.

    Args:
        chunks: Where indexes lie as chunks.
        recipes: Folder that remembers how large indexes are cut; made when missing.
    """

    def __init__(self, chunks: ChunkStore, recipes: Path) -> None:
        self._chunks = chunks
        self._recipes = recipes
        self._known: OrderedDict[tuple[str, str], ChunkIndex] = OrderedDict()
        recipes.mkdir(parents=True, exist_ok=True)
        self._count = sum(1 for _ in recipes.iterdir())

    def find(self, want: Want) -> ChunkIndex | None:
        """Return the index that a request names, None if it is not here.

        Raises:
            ContractError: ``E_SIZE`` or ``E_MALFORMED``; it is not the index of that blob, ignore the request.
        """
        if want.index is None:
            if want.size > CHUNK_LIMIT:
                raise ContractError(ErrorCode.SIZE, f"{want.blob[:12]}: {want.size} bytes do not travel whole")
            return ChunkIndex.whole(want.size, want.blob)
        key = (want.blob, want.index)
        found = self._known.get(key)
        if found is None:
            data = self._chunks.read(want.index) or self._assembled(want.index)
            if data is None:
                return None
            found = ChunkIndex.parse(data, want.size)
            self._known[key] = found
            if want.size <= INDEX_LIMIT:
                self._remember(want)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return found

    def _remember(self, want: Want) -> None:
        """Keep how a blob is cut that may be an index itself."""
        path = self._recipes / want.blob
        if self._count < RECIPES_KEPT and not path.exists():
            recipe = Want(blob=want.blob, size=want.size, index=want.index, ranges=(Range(0, 0),), credit=0)
            replace(path, encode(recipe))
            self._count += 1

    def _assembled(self, digest: str) -> bytes | None:
        try:
            recipe = decode(Want, (self._recipes / digest).read_bytes(), WANT_LIMIT)
            index = self.find(recipe) if recipe.blob == digest else None
        except (OSError, ContractError, RecursionError):
            return None
        parts = [self._chunks.read(chunk.digest.hex()) for chunk in index.chunks] if index else []
        whole = b"".join(part for part in parts if part is not None)
        return whole if sha256(whole).hexdigest() == digest else None
