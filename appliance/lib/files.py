"""Writes that survive a power cut: draft, flush, fsync, rename, fsync the folder. Here and nowhere else.

A reader finds the old bytes or the new ones, never a mixture, whenever the power goes.
"""

import os
import shutil
from pathlib import Path

DRAFT_SUFFIX = ".draft"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> Path:
    """Create a folder and its parents, durably; an existing one is fine."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    return folder


def write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace a file's content as one step.

    Raises:
        OSError: The old content is still there; the disk is full or read-only.
    """
    draft = path.with_name(path.name + DRAFT_SUFFIX)
    try:
        with draft.open("wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_volatile(path: Path, data: bytes) -> None:
    """Replace a file's content as one step for readers, not waiting for the disk (``/run``, or bytes proven later)."""
    draft = path.with_name(path.name + DRAFT_SUFFIX)
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def point(link: Path, target: str) -> None:
    """Let a symbolic link point to ``target`` (relative to the link's folder) as one step."""
    draft = link.with_name(link.name + DRAFT_SUFFIX)
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
    sync_folder(link.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder so that a power cut leaves it whole or under a name nobody reads."""
    if not folder.exists():
        return
    grave = folder.with_name(folder.name + DRAFT_SUFFIX)
    shutil.rmtree(grave, ignore_errors=True)
    folder.replace(grave)
    shutil.rmtree(grave)
