"""One mounted stick, read as if somebody wanted us to trip.

Every name is ours (fixed, or a digest) and is opened step by step without following links. Only plain files of this
very file system are opened, never a device or a pipe; what is read is bounded by us, not by the stick. Folders are
never listed: their owner may have put a million files there.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.errors import ErrorCode, RefusedError
from appliance.sticks import Offer
from mqtt.contract.documents import decode
from mqtt.contract.repository import ASSIGN_LIMIT, META_LIMIT, ROOT_LIMIT
from mqtt.contract.stick import (
    ASSIGN_FILE,
    CURRENT_FILE,
    CURRENT_LIMIT,
    FOLDER,
    FORMAT,
    FORMAT_FILE,
    META_FILE,
    ROOTS_LIMIT,
    STATES,
    Stick,
    object_path,
    root_file,
)

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_ROOTS_SMALL: Final = 1000
"""More roots than this no repository has."""


class MountedStick:
    """Reads a stick.

    Args:
        root: Where it is mounted.

    Raises (all methods): RefusedError for what is wrong with it; OSError when it cannot be read, or is gone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def offer(self) -> tuple[str, Offer]:
        """Read the gate it is for, and its metadata.

        Raises:
            RefusedError: ``E_SCHEMA``, not a stick of ours or of a later format; ``E_MALFORMED`` or ``E_SIZE``.
        """
        try:
            version = self._small((FORMAT_FILE,), len(FORMAT))
        except RefusedError as error:
            raise RefusedError(ErrorCode.SCHEMA, f"no {FOLDER}/{FORMAT_FILE}: {error.detail}") from error
        if version != FORMAT:
            raise RefusedError(ErrorCode.SCHEMA, f"format {version!r}")
        current = decode(Stick, self._small((CURRENT_FILE,), CURRENT_LIMIT), CURRENT_LIMIT)
        state = (STATES, str(current.state))
        if current.root_latest > _ROOTS_SMALL:
            raise RefusedError(ErrorCode.SIZE, f"{current.root_latest} roots")
        roots: dict[int, bytes] = {}
        for number in range(1, current.root_latest + 1):
            roots[number] = self._small((*state, root_file(number)), ROOT_LIMIT)
            if sum(map(len, roots.values())) > ROOTS_LIMIT:
                raise RefusedError(ErrorCode.SIZE, f"more than {ROOTS_LIMIT} bytes of roots")
        meta = self._small((*state, META_FILE), META_LIMIT)
        return current.gate, Offer(meta, self._small((*state, ASSIGN_FILE), ASSIGN_LIMIT), roots)

    @contextmanager
    def blob(self, digest: str, size: int) -> Iterator[int]:
        """Open a blob; gives a file descriptor for ``pread``.

        Raises:
            RefusedError: ``E_MISSING``, it is not there; ``E_SIZE``, the file has another size; ``E_MALFORMED``.
        """
        with self._open(object_path(digest)) as (file, found):
            if found != size:
                raise RefusedError(ErrorCode.SIZE, f"{digest[:12]}: {found} bytes where {size} were signed")
            yield file

    def alive(self) -> bool:
        """Whether the stick can still be read at all."""
        try:
            return self._small((FORMAT_FILE,), len(FORMAT)) == FORMAT
        except (OSError, RefusedError):
            return False

    def _small(self, names: tuple[str, ...], limit: int) -> bytes:
        with self._open(names) as (file, size):
            if size > limit:
                raise RefusedError(ErrorCode.SIZE, f"{names[-1]}: {size} bytes, at most {limit}")
            return read_at(file, 0, size)

    @contextmanager
    def _open(self, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        folder = os.open(self._root, _FOLDER)
        try:
            device = os.fstat(folder).st_dev
            for name in (FOLDER, *names[:-1]):
                _require(folder, name, stat.S_ISDIR, device)
                inner = os.open(name, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            _require(folder, names[-1], stat.S_ISREG, device)
            file = os.open(names[-1], _FILE, dir_fd=folder)
        finally:
            os.close(folder)
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_dev != device:
                raise RefusedError(ErrorCode.MALFORMED, f"{names[-1]} is not a plain file")
            yield file, found.st_size
        finally:
            os.close(file)


def read_at(file: int, offset: int, length: int) -> bytes:
    """Read exactly what is asked, fewer bytes only where the file ends."""
    pieces = []
    while length and (piece := os.pread(file, length, offset)):
        pieces.append(piece)
        offset, length = offset + len(piece), length - len(piece)
    return b"".join(pieces)


def _require(folder: int, name: str, is_kind: Callable[[int], bool], device: int) -> None:
    """Look before opening: opening a device or a pipe can already do something."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError as error:
        raise RefusedError(ErrorCode.MISSING, f"{name} is not on the stick") from error
    if not is_kind(found.st_mode) or found.st_dev != device:
        raise RefusedError(ErrorCode.MALFORMED, f"{name} is not what it should be")
