"""As whom a broker runs: mosquitto drops root's rights before it opens its files, which must then be readable.

started by root, and the user ``mosquitto`` can reach the folder   →  mosquitto
started by root, below a folder that only root may enter           →  root (a practice office in root's home)
started by anybody else                                            →  that user
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

UNPRIVILEGED: Final = "mosquitto"


@dataclass(frozen=True)
class Account:
    """A user of the system who runs a broker and owns its files; ``name`` None is the calling user."""

    name: str | None
    uid: int
    gid: int

    @classmethod
    def for_folder(cls, folder: Path) -> Self:
        """Return who can run a broker whose files lie in ``folder``."""
        if os.geteuid() != 0:
            return cls(None, os.geteuid(), os.getegid())
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            return cls("root", 0, 0)
        if all(_may_enter(parent, entry.pw_uid, entry.pw_gid) for parent in folder.resolve().parents):
            return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)
        return cls("root", 0, 0)


def _may_enter(folder: Path, uid: int, gid: int) -> bool:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True  # still to be made, by us
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
