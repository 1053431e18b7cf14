"""Cuts a stored blob where its content says so, so that an edit changes few pieces (FastCDC).

blob > 32 KiB → index (small pieces again) → … → an index that travels whole
"""

import mmap
from typing import Final

from fastcdc import fastcdc

from mqtt.contract.chunks import LIST_CHUNKS, MEDIA_CHUNKS, ChunkIndex
from mqtt.contract.releases import INLINE_LIMIT, BlobRef
from mqtt.office.objects import Objects, Stored

MEDIA: Final = MEDIA_CHUNKS
LISTS: Final = LIST_CHUNKS


class Indexer:
    """Gives every blob the chunk index it needs, and keeps account of what a release consists of."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.sizes: dict[str, int] = {}
        """Size in bytes of every blob seen, by digest, indexes included."""
        self.new_bytes = 0
        """Bytes that were not in the store before."""

    def index(self, stored: Stored, chunks: tuple[int, int, int]) -> BlobRef:
        """Return the reference to a stored blob, with an index where it is too large to travel whole.

        Args:
            stored: What is in the store.
            chunks: Minimum, average and maximum chunk, bytes.
        """
        if stored.sha256 not in self.sizes:
            self.sizes[stored.sha256] = stored.size
            self.new_bytes += stored.size * stored.is_new
        if stored.size <= INLINE_LIMIT:
            return BlobRef(sha256=stored.sha256, size=stored.size)
        index = self._objects.put(self._cut(stored.sha256, chunks).to_bytes())
        return BlobRef(sha256=stored.sha256, size=stored.size, index=self.index(index, LISTS))

    def _cut(self, digest: str, chunks: tuple[int, int, int]) -> ChunkIndex:
        with self._objects.open(digest) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            lengths = [piece.length for piece in fastcdc(data, *chunks)]
            with memoryview(data) as view:
                return ChunkIndex.of_lengths(view, lengths)
