"""The office's audit log: every act of a person, one line of JSON each, chained by digests; nothing is ever taken out.

    home/audit/audit.jsonl     {"number":7,…,"previous":"sha256 of line 6"}
    database: audit_head       number and digest of the last line: a tail that was cut off is seen as well

A line is durable before the head follows, and the head follows before the next line: a power cut leaves at most one
line more than the head knows. That line counts. A line that was torn by the cut gets the line feed it lacks or is taken
away by the next who writes; a log whose end is not as it should be is left exactly as it is.
"""

import fcntl
import getpass
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Engine, delete, insert, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.chain import BEGINNING, Act, Entry, Head, ending, head_of, line_of, verify
from mqtt.office.database import audit_head
from mqtt.office.files import PRIVATE_FOLDER, create, sync_folder
from mqtt.office.home import Home

FOLDER: Final = "audit"
FILE: Final = "audit.jsonl"
HEAD_SUFFIX: Final = ".head"
"""Beside a copy of the log: number and digest of its last line."""
TAIL: Final = 64 * 1024
"""Bytes of many lines."""


def append(  # noqa: PLR0913 - one line has these parts
    home: Home,
    engine: Engine,
    act: Act,
    subject: str,
    *,
    officers: Collection[str] = (),
    detail: Mapping[str, str] | None = None,
    code: ErrorCode | None = None,
    now: datetime | None = None,
) -> Entry:
    """Write a line, durably.

    Raises:
        ContractError: ``E_AUDIT``; the log is shorter than it was, or its end is another. Nothing is written.
        OSError: The disk is full or read-only.
    """
    with _alone(home) as path:
        last = _mended(path, engine)
        entry = Entry(
            number=last.number + 1,
            at=(now or datetime.now(UTC)).astimezone(UTC),
            who=",".join(officers) or f"os:{_login()}",
            act=act,
            subject=subject[:200],
            detail={key: value[:500] for key, value in (detail or {}).items()},
            code=code.value if code else None,
            previous=last.digest,
        )
        line = line_of(entry)
        _write(path, line)
        _remember(engine, head_of(line, entry.number))
    return entry


def check(home: Home, engine: Engine) -> Head:
    """Verify the whole log of an office; returns its end.

    Raises:
        ContractError: ``E_AUDIT``.
    """
    with _alone(home) as path:
        return verify(_lines(path), _head(engine))


def copy(home: Home, engine: Engine, file: Path) -> Head:
    """Write the log into a new file, its end beside it (:data:`HEAD_SUFFIX`), and verify what was written.

    Raises:
        ContractError: ``E_AUDIT``; nothing is left of the copy.
        FileExistsError: One of the two files is there already; neither was touched.
        OSError: The disk is full or read-only.
    """
    beside = file.with_name(f"{file.name}{HEAD_SUFFIX}")
    if beside.exists():
        raise FileExistsError(beside)
    with _alone(home) as path:
        with file.open("xb") as out:
            for line in _lines(path):
                if line.endswith(b"\n"):
                    out.write(line)
            out.flush()
            os.fsync(out.fileno())
        try:
            end = verify(_lines(file), _head(engine))
        except ContractError:
            file.unlink()
            raise
    create(beside, msgspec.json.encode(end) + b"\n")
    sync_folder(file.absolute().parent)
    return end


def entries(home: Home) -> Iterator[Entry]:
    """Yield what is written, oldest first; what cannot be read is passed over, :func:`check` tells of it."""
    for line in _lines(home.root / FOLDER / FILE):
        with suppress(msgspec.MsgspecError):
            yield msgspec.json.decode(line, type=Entry)


def _mended(path: Path, engine: Engine) -> Head:
    """Bring file and head together after a power cut; returns the last line."""
    head = _head(engine)
    end = ending(_tail(path), head)
    if end.last != head:
        _remember(engine, end.last)
    if end.completed is not None:
        _write(path, b"\n")
        _remember(engine, end.completed)
        return end.completed
    if end.torn:
        os.truncate(path, path.stat().st_size - end.torn)
    return end.last


def _write(path: Path, data: bytes) -> None:
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def _tail(path: Path) -> bytes:
    """The last two lines and a torn one at least, from the beginning of a line on."""
    try:
        with path.open("rb") as file:
            begin = max(0, path.stat().st_size - TAIL)
            file.seek(begin)
            data = file.read()
    except FileNotFoundError:
        return b""
    return data.partition(b"\n")[2] if begin else data


def _lines(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from file


def _head(engine: Engine) -> Head:
    with engine.connect() as connection:
        row = connection.execute(select(audit_head)).one_or_none()
    return Head(row.number, row.digest) if row else Head(0, BEGINNING)


def _remember(engine: Engine, head: Head) -> None:
    with engine.begin() as connection:
        connection.execute(delete(audit_head))
        connection.execute(insert(audit_head).values(only=1, number=head.number, digest=head.digest))


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


@contextmanager
def _alone(home: Home) -> Iterator[Path]:
    folder = home.root / FOLDER
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE_FOLDER)
        sync_folder(home.root)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder / FILE
    finally:
        os.close(handle)
