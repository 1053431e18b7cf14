"""Makes the outbox file, and sets a damaged one aside; the agent alone does this, before anyone else appends.

outbox/                    set-gid, group-owned: every service of the booth may append
├── outbox.db              0660; born under another name, so that it is whole or not there
└── outbox.db.damaged     set aside, for a person to look at; the newest only
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from appliance.errors import DeviceError, ErrorCode
from appliance.lib import clock, files
from appliance.outbox.policy import Caps
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import SCHEMA, Moment
from mqtt.contract.records import Priority

FOLDER_MODE: Final = 0o2770
FILE_MODE: Final = 0o660
_PRIMARY: Final = 0xFF
"""SQLite's extended result codes carry the primary one in these bits."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""A table is missing, pages are wrong, it is no database; everything else may be different a moment later."""
NEW_STREAM: Final = "outbox-begun"
"""Kind of the first record of every stream; its body says why the one before ended."""


def path_of(state: Path) -> Path:
    """Return where the outbox lies on the data partition."""
    return state / "outbox" / "outbox.db"


def clocks(fact: Path) -> Callable[[], Moment]:
    """Return what stamps the rows: trusted time from the agent's fact, and this boot's own clock."""
    trusted_time, boot = clock.Clock(fact), clock.boot_id()

    def read() -> Moment:
        now, trusted = trusted_time.read()
        return Moment(now, trusted, boot, clock.boottime_ns())

    return read


def appender(state: Path, fact: Path) -> Callable[[str, dict[str, Any]], None]:
    """Return what puts a record of operation into the outbox, for every process but the agent.

    Args:
        state: ``/var/lib/booth``.
        fact: Path of ``clock.json``.

    Raises (what is returned): DeviceError ``E_DISK``; it is not kept, try again later.
    """
    outbox = Outbox(path_of(state), clocks(fact))

    def append(kind: str, body: dict[str, Any]) -> None:
        outbox.append(kind, body, Priority.OPERATION)

    return append


def prepare(path: Path, read_clocks: Callable[[], Moment], caps: Caps | None = None) -> Outbox:
    """Return a sound outbox: the one that is there, or a new stream whose first record says why.

    Raises:
        DeviceError: ``E_DISK``; the data partition is full or read-only.
    """
    outbox = Outbox(path, read_clocks, caps)
    try:
        files.make_folder(path.parent)
        path.parent.chmod(FOLDER_MODE)
        reason = _damage(path)
        if reason is not None:
            draft = _make(path)
            _set_aside(path)
            draft.replace(path)
            files.sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise DeviceError(ErrorCode.DISK, f"outbox: {error}") from error
    if reason is not None:
        outbox.append(NEW_STREAM, {"reason": reason}, Priority.AUDIT)
    return outbox


def _damage(path: Path) -> str | None:
    """Say what is wrong with the file, None if it is sound.

    Raises:
        sqlite3.Error: It cannot be read now (full, read-only, locked): that says nothing about it.
    """
    if not path.exists():
        return "missing"
    try:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA synchronous = FULL")
            found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            db.execute("SELECT stream FROM about").fetchone()[0].encode()
            db.execute("SELECT COUNT(*) FROM usage, gaps, (SELECT seq FROM rows LIMIT 1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & _PRIMARY not in _DAMAGED:
            raise
        return f"damaged: {error}"[:200]
    except (TypeError, AttributeError):
        return "damaged: it says nothing of itself"
    return None if found == "ok" else f"damaged: {found}"[:200]


def _set_aside(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.replace(path.with_name(f"{path.name}.damaged{suffix}"))
    files.sync_folder(path.parent)


def _make(path: Path) -> Path:
    draft = path.with_name(path.name + files.DRAFT_SUFFIX)
    for suffix in ("-wal", "-shm", "-journal", ""):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)
    with closing(sqlite3.connect(draft)) as db:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)
        with db:
            db.execute("INSERT INTO about VALUES (?)", (str(uuid4()),))
            db.executemany("INSERT INTO usage VALUES (?, 0)", [(priority.value,) for priority in Priority])
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    draft.chmod(FILE_MODE)
    files.sync_file(draft)
    return draft
