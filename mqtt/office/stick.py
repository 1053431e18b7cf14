"""Writes a stick: everything a booth of one gate needs, for booths without a line (:mod:`mqtt.contract.stick`).

    blobs ─► states/{n}.draft ─► states/{n} ─► current.json (one rename: now it counts) ─► old states, old blobs leave

Pulled out at any moment, a stick carries what it carried before or the new state, whole. Run it again to go on: blobs
that are there are verified, not written again. Works on FAT: no links, no permissions.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import MetaSet
from mqtt.contract.stick import (
    ASSIGN_FILE,
    CURRENT_FILE,
    FOLDER,
    FORMAT,
    FORMAT_FILE,
    META_FILE,
    OBJECTS,
    ROOTS_LIMIT,
    STATES,
    Stick,
    object_path,
    root_file,
)
from mqtt.office.assign import newest_heads
from mqtt.office.database import assignments, blobs, gates
from mqtt.office.files import sync_folder
from mqtt.office.objects import PIECE_BYTES, Objects
from mqtt.office.signed import current_meta, current_revision, roots
from mqtt.office.spelling import unknown_gate

DRAFT: Final = ".draft"
_OF_THE_SYSTEM: Final = frozenset(
    {"lost+found", "System Volume Information", ".Trashes", ".Spotlight-V100", ".fseventsd", "$RECYCLE.BIN"}
)
"""Folders that operating systems put on a stick by themselves."""

Progress = Callable[[int, int], None]
"""Told bytes verified so far, and bytes in all."""


@dataclass(frozen=True)
class Cargo:
    """What goes onto the stick of one gate; ``blobs`` is size by digest."""

    gate: str
    revision: int
    meta: MetaSet
    roots: Mapping[int, bytes]
    assignment: bytes
    blobs: Mapping[str, int]


def cargo_for(engine: Engine, gate: str) -> Cargo:
    """Read one state of the office for a gate.

    Raises:
        ContractError: ``E_UNKNOWN``, there is no such gate; ``E_MISSING``, nothing is assigned to it yet; ``E_SIZE``.
    """
    with engine.begin() as connection:
        if connection.scalar(select(gates.c.gate).where(gates.c.gate == gate)) is None:
            raise unknown_gate(connection, gate)
        assigned = connection.scalar(select(assignments.c.body).where(assignments.c.gate == gate))
        if assigned is None:
            raise ContractError(ErrorCode.MISSING, f"nothing is assigned to {gate} yet")
        signed_roots = roots(connection)
        if sum(map(len, signed_roots.values())) > ROOTS_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"{len(signed_roots)} roots are more than a stick may carry")
        return Cargo(
            gate=gate,
            revision=current_revision(connection),
            meta=current_meta(connection),
            roots=signed_roots,
            assignment=assigned,
            blobs=_blobs_for(connection, gate),
        )


def write_stick(place: Path, cargo: Cargo, objects: Objects, now: datetime, progress: Progress) -> int:
    """Write a stick and verify every byte of it; returns the bytes of its blobs.

    Args:
        place: Where the stick is mounted; empty, or with a stick of ours.
        cargo: From :func:`cargo_for`.
        objects: The office's blobs.
        now: Moment of writing.
        progress: Told how far it is.

    Raises:
        ContractError: ``E_EXISTS``, there is something else in the folder; ``E_DIGEST``, the stick does not keep what
            was written to it; ``E_MISSING``. What the stick carried before still counts.
        OSError: The stick is full or gone; run it again.
    """
    root = _opened(place)
    for state in (root / STATES).glob(f"*{DRAFT}"):
        shutil.rmtree(state)
    total, done = sum(cargo.blobs.values()), 0
    for digest, size in sorted(cargo.blobs.items()):
        _put_blob(root, digest, objects)
        done += size
        progress(done, total)
    _put_state(root, cargo)
    current = Stick(gate=cargo.gate, state=cargo.revision, written=now, root_latest=cargo.meta.root_latest, size=total)
    _put(root / CURRENT_FILE, encode(current))
    _clear(root, cargo)
    return total


def _blobs_for(connection: Connection, gate: str) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for head in newest_heads(connection):
        if head.is_for(gate):
            of_release = select(blobs.c.sha256, blobs.c.size).where(
                blobs.c.category == head.category, blobs.c.agency == head.agency, blobs.c.number == head.number
            )
            wanted |= {row.sha256: row.size for row in connection.execute(of_release).all()}
    return wanted


def _opened(place: Path) -> Path:
    """Return our folder on the stick, made where there is none; refuse anybody else's."""
    root = place / FOLDER
    if root.is_symlink() or (root.exists() and not _is_ours(root)):
        raise ContractError(ErrorCode.EXISTS, f"{root} is not a folder of ours")
    if root.exists():
        return root
    draft = place / f"{FOLDER}{DRAFT}"
    foreign = [path.name for path in place.iterdir() if path.name not in _OF_THE_SYSTEM and path != draft]
    if foreign or draft.is_symlink():
        raise ContractError(ErrorCode.EXISTS, f"{place} holds other files, such as {(foreign or [draft.name])[0]!r}")
    draft.mkdir(exist_ok=True)
    _put(draft / FORMAT_FILE, FORMAT)
    draft.rename(root)
    sync_folder(place)
    return root


def _is_ours(root: Path) -> bool:
    file = root / FORMAT_FILE
    return file.is_file() and not file.is_symlink() and file.read_bytes() == FORMAT


def _put_blob(root: Path, digest: str, objects: Objects) -> None:
    path = root.joinpath(*object_path(digest))
    if path.is_file() and _digest(path) == digest:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with objects.open(digest) as source:
        _write(path, iter(lambda: source.read(PIECE_BYTES), b""))
    if _digest(path) != digest:
        raise ContractError(ErrorCode.DIGEST, f"the stick does not keep what is written to it: {digest[:12]}")


def _put_state(root: Path, cargo: Cargo) -> None:
    files = {root_file(number): body for number, body in cargo.roots.items()}
    files |= {META_FILE: cargo.meta.to_bytes(), ASSIGN_FILE: cargo.assignment}
    place = root / STATES / str(cargo.revision)
    if place.is_dir() and all(_holds(place / name, body) for name, body in files.items()):
        return
    draft = place.with_name(f"{place.name}{DRAFT}")
    draft.mkdir(parents=True)
    for name, body in files.items():
        _put(draft / name, body)
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)
    sync_folder(place.parent)
    wrong = [name for name, body in files.items() if not _holds(place / name, body)]
    if wrong:
        raise ContractError(ErrorCode.DIGEST, f"the stick does not keep what is written to it: {wrong[0]}")


def _holds(path: Path, body: bytes) -> bool:
    return path.is_file() and path.read_bytes() == body


def _clear(root: Path, cargo: Cargo) -> None:
    """Take away what the new state does not need; a cut in between leaves only waste."""
    for state in (root / STATES).iterdir():
        if state.name != str(cargo.revision):
            shutil.rmtree(state)
    for path in (root / OBJECTS).glob("*/*"):
        if path.name not in cargo.blobs:
            path.unlink()


def _put(path: Path, data: bytes) -> None:
    _write(path, iter([data]))


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """As :mod:`mqtt.office.files`, without permissions: FAT has none."""
    draft = path.with_name(f"{path.name}{DRAFT}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that verifying reads the stick itself
    draft.replace(path)
    sync_folder(path.parent)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, sha256).hexdigest()
