"""Files of the office that survive a power cut and never show a secret, not even for a moment.

A private file is born with mode 0600; it is never written first and closed to others afterwards.
"""

import os
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
PRIVATE_FOLDER: Final = 0o700


def create(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a file that does not exist yet, durably.

    Raises:
        FileExistsError: There is one already; it was not touched.
        OSError: The disk is full or read-only; nothing is left behind under this name.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)  # a umask may have taken more than asked
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def replace(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Replace a file's content as one step, durably.

    Raises:
        OSError: The old content is still there; the disk is full or read-only.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    create(draft, data, mode)
    draft.replace(path)
    sync_folder(path.parent)


def make_private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may enter.

    Raises:
        FileExistsError: There is one already.
    """
    folder.mkdir(mode=PRIVATE_FOLDER)
    return folder


def settle(draft: Path, place: Path) -> None:
    """Give a finished folder its name as one step, durably, with everything in it.

    Raises:
        OSError: ``place`` is there already and not empty; the draft stays.
    """
    for folder in (*(path for path in draft.rglob("*") if path.is_dir()), draft):
        sync_folder(folder)
    draft.rename(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
