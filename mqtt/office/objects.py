"""Every published file's bytes, once, under their digest.

    objects/ab/{sha256}

Only appended to: an object is complete, on the disk and never changed, or it is not there. Files go through in
pieces, a video is never in memory as a whole.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from typing import BinaryIO, Final

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import SHA256_PATTERN

PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Stored:
    """An object: its digest and size in bytes, and whether it was not there before."""

    sha256: str
    size: int
    is_new: bool


class Objects:
    """The content-addressed store of the office. Several processes may write at the same time.

    Args:
        root: ``objects/`` of the office's home; made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, digest: str) -> Path:
        """Where the object with this digest lies, or would lie.

        Raises:
            ContractError: ``E_MALFORMED``; not a digest.
        """
        if not fullmatch(SHA256_PATTERN, digest):
            raise ContractError(ErrorCode.MALFORMED, f"not a digest: {digest[:80]!r}")
        return self._root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Whether the object is here."""
        return self.path(digest).is_file()

    def put(self, data: bytes) -> Stored:
        """Keep bytes.

        Raises:
            OSError: The disk is full or read-only; nothing was kept.
        """
        digest = sha256(data).hexdigest()
        return self._known(digest) or self._write([data])

    def put_file(self, source: Path) -> Stored:
        """Keep a copy of a file, read in pieces.

        Raises:
            OSError: It cannot be read, or the disk is full; nothing was kept.
        """
        with source.open("rb") as file:
            seen = sha256()
            for piece in _pieces(file):
                seen.update(piece)
            if known := self._known(seen.hexdigest()):
                return known
            file.seek(0)
            return self._write(_pieces(file))

    def open(self, digest: str) -> BinaryIO:
        """Open an object for reading.

        Raises:
            ContractError: ``E_MISSING``; nobody has published it here.
        """
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError as error:
            raise ContractError(ErrorCode.MISSING, f"no object {digest}") from error

    def read(self, digest: str) -> bytes:
        """Return a small object whole.

        Raises:
            ContractError: ``E_MISSING``.
        """
        with self.open(digest) as file:
            return file.read()

    def read_range(self, digest: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer where the object ends before.

        Raises:
            ContractError: ``E_MISSING``.
        """
        with self.open(digest) as file:
            return os.pread(file.fileno(), length, offset)

    def _known(self, digest: str) -> Stored | None:
        with suppress(FileNotFoundError):
            return Stored(digest, self.path(digest).stat().st_size, is_new=False)
        return None

    def _write(self, pieces: Iterable[bytes]) -> Stored:
        self._root.mkdir(parents=True, exist_ok=True)
        seen, size = sha256(), 0
        handle, draft = tempfile.mkstemp(suffix=".draft", dir=self._root)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), 0o644)
                for piece in pieces:
                    file.write(piece)
                    seen.update(piece)
                    size += len(piece)
                file.flush()
                os.fsync(file.fileno())
            path = self.path(seen.hexdigest())
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                _sync(self._root)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return Stored(path.name, size, is_new=True)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
