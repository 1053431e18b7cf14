"""What the preparation says on its way, one JSON object a line: where it is, and at last how it went.

{"type":"at","item":"city/dic/port/cover.png"}        before each item, so that a killer can be named
{"type":"verdict","ok":true}
"""

from typing import Final

import msgspec

from mqtt.contract.errors import DETAIL_LIMIT, ErrorCode

LINE_LIMIT: Final = 8192
"""Bytes of a line; more is not ours."""


class At(msgspec.Struct, frozen=True, kw_only=True, tag="at"):
    """The item that is looked at now: ``category/agency/path``."""

    item: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True, tag="verdict"):
    """How it went.

    Attributes:
        code: None when the set may be shown; ``E_PREPARE`` refuses the item, ``E_DISK`` may be tried again.
        item: ``category/agency/path`` of what is to blame, None if that is nothing in particular.
    """

    code: ErrorCode | None = None
    item: str | None = None
    detail: str = ""


_DECODER: Final = msgspec.json.Decoder(At | Verdict)


def to_line(said: At | Verdict) -> bytes:
    """Encode one line."""
    return msgspec.json.encode(said) + b"\n"


def of_line(line: bytes) -> At | Verdict | None:
    """Decode one line; None when it is not one of ours."""
    try:
        return _DECODER.decode(line) if len(line) <= LINE_LIMIT else None
    except msgspec.MsgspecError:
        return None


def refusal(item: str, detail: str) -> Verdict:
    """Blame an item."""
    return Verdict(code=ErrorCode.PREPARE, item=item, detail=detail[:DETAIL_LIMIT])


def stream_of(item: str | None) -> str | None:
    """Return ``category/agency`` of an item."""
    parts = (item or "").split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else None  # noqa: PLR2004 - two names and what lies below them
