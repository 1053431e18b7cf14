"""Chunks on the edge's disk by digest, bounded: what was not used for longest leaves first.

    cache/ab/{sha256}

Nothing is synced: a chunk is proven by its digest each time it is read, and one that a power cut spoilt is fetched
again. After a restart the order of use begins with the order of arrival.
"""

from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mqtt.contract.chunks import CHUNK_LIMIT

LEAST_BYTES: Final = 64 * CHUNK_LIMIT
"""A smaller cache would lose chunks while it still hands them out."""
_DRAFT: Final = ".draft"


class ChunkStore:
    """A bounded folder of chunks; it is its only writer.

    Args:
        root: Made when missing.
        limit_bytes: Most bytes of chunks to keep, at least :data:`LEAST_BYTES`.
    """

    def __init__(self, root: Path, limit_bytes: int) -> None:
        self._root = root
        self._limit = max(limit_bytes, LEAST_BYTES)
        self._sizes: OrderedDict[str, int] = OrderedDict()
        root.mkdir(parents=True, exist_ok=True)
        self._remember()

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._bytes

    def __contains__(self, digest: str) -> bool:
        return digest in self._sizes

    def read(self, digest: str) -> bytes | None:
        """Return the bytes of a chunk; None if it is not here, or no longer what it was."""
        if digest not in self._sizes:
            return None
        try:
            data = self._path(digest).read_bytes()
        except OSError:
            data = b""
        if sha256(data).hexdigest() != digest:
            self._forget(digest)
            return None
        self._sizes.move_to_end(digest)
        return data

    def keep(self, digest: str, data: bytes) -> None:
        """Keep a chunk that was verified.

        Raises:
            OSError: The disk is full or read-only; it is not kept, everything else is as it was.
        """
        if digest in self._sizes:
            return
        path = self._path(digest)
        path.parent.mkdir(exist_ok=True)
        draft = path.with_name(path.name + _DRAFT)
        try:
            draft.write_bytes(data)
            draft.replace(path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        self._sizes[digest] = len(data)
        self._bytes += len(data)
        while self._bytes > self._limit:
            self._forget(next(iter(self._sizes)))

    def _remember(self) -> None:
        found: list[tuple[float, str, int]] = []
        for path in self._root.glob("??/*"):
            if path.name.endswith(_DRAFT):
                path.unlink()
                continue
            status = path.stat()
            found.append((status.st_mtime, path.name, status.st_size))
        self._sizes.update((name, size) for _, name, size in sorted(found))
        self._bytes = sum(self._sizes.values())
        while self._bytes > self._limit:
            self._forget(next(iter(self._sizes)))

    def _forget(self, digest: str) -> None:
        self._bytes -= self._sizes.pop(digest)
        with suppress(OSError):
            self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest
