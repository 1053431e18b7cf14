"""The office's audit log: every act of a person, one line of JSON each, chained by digests; nothing is ever taken out.

    home/audit/audit.jsonl     {"number":7,…,"previous":"sha256 of line 6"}
    database: audit_head       number and digest of the last line: a tail that was cut off is seen as well

A line is durable before the head follows, so that a power cut leaves at most one line more than the head knows. That
line counts; a line that was torn by the cut is taken away by the next who writes.
"""

import fcntl
import getpass
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Engine, delete, insert, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.database import audit_head
from mqtt.office.home import Home

FOLDER: Final = "audit"
FILE: Final = "audit.jsonl"
TAIL: Final = 64 * 1024
"""Bytes of many lines."""
BEGINNING: Final = "0" * 64
"""Instead of a digest before the first line."""


class Act(StrEnum):
    """What a person can do at the office."""

    FOUNDED = "authority-founded"
    REGULATED = "regulation-applied"
    RENEWED = "signed-again"
    OFFICER_REVOKED = "officer-revoked"
    KEY_ROTATED = "key-rotated"
    ROOT_ROTATED = "root-rotated"
    BOOTH_ADDED = "booth-added"
    BOOTH_REVOKED = "booth-revoked"
    RECORDS_ASKED = "records-asked"
    EDGE_ADDED = "edge-added"
    EDGE_REMOVED = "edge-removed"
    PUBLISHED = "content-published"
    EXPORTED = "content-exported"
    COSIGNED = "content-cosigned"
    REQUESTED = "signature-requested"
    KIT_ISSUED = "kit-issued"
    APPROVED = "approved"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    NOTICE_RAISED = "notice-raised"
    NOTICE_UPDATED = "notice-updated"
    NOTICE_CANCELLED = "notice-cancelled"
    NOTICE_MERGED = "notice-merged"
    CONFIG_EDITED = "config-edited"
    CONFIG_PUSHED = "config-pushed"
    CONFIG_ROLLED_BACK = "config-rolled-back"
    COMMANDED = "command-sent"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line.

    Attributes:
        who: Officers who signed, else the account on this machine as ``os:{login}``.
        code: Why it was refused; None: it was done.
        previous: SHA-256 of the line before, as written.
    """

    number: Annotated[int, Meta(ge=1)]
    at: datetime
    who: str
    act: Act
    subject: str
    detail: dict[str, str] = {}
    code: str | None = None
    previous: str


class Head(msgspec.Struct, frozen=True):
    """The last line that is known: its number and digest."""

    number: int
    digest: str


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
        head = _head(engine)
        last = _mended(path, head)
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
        line = msgspec.json.encode(entry) + b"\n"
        with path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        _remember(engine, Head(entry.number, _digest(line)))
    return entry


def verify(lines: Iterable[bytes], head: Head) -> Head:
    """Follow the chain; returns its end.

    Args:
        lines: As written, each with its line feed.
        head: The last line that the database knows.

    Raises:
        ContractError: ``E_AUDIT`` naming the first line that is wrong.
    """
    end = Head(0, BEGINNING)
    known = head.number == 0
    for line in lines:
        if not line.endswith(b"\n") and end.number >= head.number:
            break  # torn by a power cut before it counted
        entry = _entry(line, end.number + 1)
        if entry.number != end.number + 1 or entry.previous != end.digest:
            raise ContractError(ErrorCode.AUDIT, f"line {end.number + 1} does not follow the line before it")
        end = Head(entry.number, _digest(line))
        if end.number == head.number:
            known = end.digest == head.digest
            if not known:
                raise ContractError(ErrorCode.AUDIT, f"line {end.number} is not the one that was written")
    if not known or end.number > head.number + 1:
        raise ContractError(ErrorCode.AUDIT, f"there are {end.number} lines, the database knows of {head.number}")
    return end


def check(home: Home, engine: Engine) -> Head:
    """Verify the whole log of an office; returns its end.

    Raises:
        ContractError: ``E_AUDIT``.
    """
    with _alone(home) as path:
        return verify(_lines(path), _head(engine))


def entries(home: Home) -> Iterator[Entry]:
    """Yield what is written, oldest first; what cannot be read is passed over, :func:`check` tells of it."""
    for line in _lines(home.root / FOLDER / FILE):
        with suppress(msgspec.MsgspecError):
            yield msgspec.json.decode(line, type=Entry)


def _mended(path: Path, head: Head) -> Head:
    """Return the last line of the file, which is that of the head or the one after; a torn one is taken away."""
    *whole, torn = _tail(path).split(b"\n")
    if torn:
        os.truncate(path, path.stat().st_size - len(torn))
    ends = [Head(0, BEGINNING), *(_end(line + b"\n") for line in whole[-2:])]
    last = ends[-1]
    if head not in ends[-2:] or last.number not in {head.number, head.number + 1}:
        raise ContractError(ErrorCode.AUDIT, f"the log ends with line {last.number}, it should with {head.number}")
    return last


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


def _end(line: bytes) -> Head:
    return Head(_entry(line, 0).number, _digest(line))


def _entry(line: bytes, number: int) -> Entry:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(ErrorCode.AUDIT, f"line {number} cannot be read: {error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        yield from file


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()


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
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder / FILE
    finally:
        os.close(handle)
