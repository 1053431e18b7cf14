"""The chain of the audit log: every line holds the digest of the one before, and what is wrong in it can be named.

{"number":7,…,"previous":"sha256 of line 6"}  ◄── {"number":8,…,"previous":"sha256 of line 7"}  ◄── head: 8, its digest

Nothing here reads or writes; :mod:`mqtt.office.audit` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.errors import ContractError, ErrorCode

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


@dataclass(frozen=True)
class Ending:
    """How the file ends, where it may end so.

    Attributes:
        last: The last whole line.
        torn: Bytes behind it, which a power cut has left there.
        completed: What the torn line is once it gets its line feed; None if more than that is missing.
    """

    last: Head
    torn: int = 0
    completed: Head | None = None


def line_of(entry: Entry) -> bytes:
    """Return an entry as it is written."""
    return msgspec.json.encode(entry) + b"\n"


def head_of(line: bytes, number: int) -> Head:
    """Return what is remembered of a line."""
    return Head(number, sha256(line).hexdigest())


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
        end = head_of(line, entry.number)
        if end.number == head.number:
            known = end.digest == head.digest
            if not known:
                raise ContractError(ErrorCode.AUDIT, f"line {end.number} is not the one that was written")
    if not known or end.number > head.number + 1:
        raise ContractError(ErrorCode.AUDIT, f"there are {end.number} lines, the database knows of {head.number}")
    return end


def ending(tail: bytes, head: Head) -> Ending:
    """Judge the end of the log before a line is added.

    Args:
        tail: The last two lines at least, from the beginning of a line on.
        head: The last line that the database knows.

    Raises:
        ContractError: ``E_AUDIT``; the log is shorter than it was, or its end is another. Keep the file as it is.
    """
    *whole, torn = tail.split(b"\n")
    ends = [Head(0, BEGINNING), *(head_of(line + b"\n", _entry(line, 0).number) for line in whole[-2:])]
    last = ends[-1]
    if head not in ends[-2:] or last.number not in {head.number, head.number + 1}:
        raise ContractError(ErrorCode.AUDIT, f"the log ends with line {last.number}, it should with {head.number}")
    return Ending(last, len(torn), _completed(torn, last))


def _completed(torn: bytes, last: Head) -> Head | None:
    try:
        entry = _entry(torn, last.number + 1)
    except ContractError:
        return None
    follows = entry.number == last.number + 1 and entry.previous == last.digest
    return head_of(torn + b"\n", entry.number) if follows else None


def _entry(line: bytes, number: int) -> Entry:
    try:
        return msgspec.json.decode(line, type=Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(ErrorCode.AUDIT, f"line {number} cannot be read: {error}") from error
