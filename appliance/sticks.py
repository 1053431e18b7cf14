"""Sticks in plain values: what the reader of sticks says, what it is asked, and what people are told.

    appliance.usb ── StickFound · StickRefused · StickPiece · StickLacks · StickGone ──► appliance.sync
    appliance.usb ◄───────────────────── ReadStick ───────────────────────────────────── appliance.sync
                                    usb.json (UsbFact) ──► StickNotice ──► the page, the screen

Siblings never import each other; both sides know these words, and a test can be a stick.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from mqtt.contract.errors import ErrorCode

USB_FACT: Final = "usb.json"
"""Name of the fact under ``/run/booth``; written by the agent."""


@dataclass(frozen=True)
class Offer:
    """The metadata of a repository as it came, in one piece, none of it verified."""

    meta: bytes
    assignment: bytes
    roots: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class StickFound:
    """A stick is there and says it is for ``gate``; ``stick`` names this one plugging in."""

    stick: str
    gate: str
    offer: Offer


@dataclass(frozen=True)
class StickRefused:
    """A stick is there that cannot be one of ours."""

    stick: str
    code: ErrorCode
    detail: str


@dataclass(frozen=True)
class StickPiece:
    """Bytes read from a stick, not verified."""

    stick: str
    digest: str
    number: int
    data: bytes


@dataclass(frozen=True)
class StickLacks:
    """A stick cannot give a blob: it is not there, not a plain file, of another size, or cannot be read."""

    stick: str
    digest: str
    code: ErrorCode


@dataclass(frozen=True)
class StickGone:
    """A stick was pulled out."""

    stick: str


@dataclass(frozen=True)
class Part:
    """A piece of a blob: number of the chunk, and where it lies (bytes)."""

    number: int
    offset: int
    length: int


@dataclass(frozen=True)
class ReadStick:
    """Read these parts of a blob of ``size`` bytes: each is answered by a piece, or all by one ``StickLacks``."""

    stick: str
    digest: str
    size: int
    parts: tuple[Part, ...]


FromStick = StickFound | StickRefused | StickPiece | StickLacks | StickGone


class UsbState(StrEnum):
    """What is the matter with the stick that was plugged in last."""

    IMPORTING = "importing"
    DONE = "done"
    CURRENT = "current"
    REFUSED = "refused"
    REMOVED = "removed"


class UsbFact(msgspec.Struct, frozen=True, kw_only=True):
    """``usb.json``. ``total`` grows while the lists on the stick are being read; bytes.

    Attributes:
        code: Why it was refused.
        since: When this state began (``CLOCK_BOOTTIME``, nanoseconds).
    """

    stick: str
    state: UsbState
    done: int = 0
    total: int = 0
    code: ErrorCode | None = None
    since: int = 0

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0


SHOWN_S: Final = 90
"""How long an outcome stands on page and screen."""
STEP_PERCENT: Final = 5
"""Nothing is drawn anew for less."""

_WHY: Final = {
    ErrorCode.ROLLBACK: "old",
    ErrorCode.EXPIRED: "expired",
    ErrorCode.SIGNATURE: "stranger",
    ErrorCode.AUTHORITY: "stranger",
    ErrorCode.AUDIENCE: "gate",
    ErrorCode.SCHEMA: "foreign",
    ErrorCode.DISK: "space",
    ErrorCode.DIGEST: "damaged",
    ErrorCode.MISSING: "damaged",
    ErrorCode.MALFORMED: "damaged",
    ErrorCode.SIZE: "damaged",
    ErrorCode.FRAME: "damaged",
}


@dataclass(frozen=True)
class StickNotice:
    """What is to be said now: a key of ``[usb]`` in the words, and what stands in its places."""

    key: str
    percent: int = 0
    code: str = ""

    @property
    def version(self) -> str:
        """Changes when something else should be said."""
        return f"{self.key}{self.percent}{self.code}"

    def said(self, say: Callable[..., str]) -> str:
        """Return the sentence; ``say`` gives the words of a key in some language."""
        sentence = say(f"usb.{self.key}", percent=self.percent)
        return f"{sentence} ({self.code})" if self.code else sentence


def notice_of(fact: UsbFact | None, boottime_ns: int) -> StickNotice | None:
    """Decide what to say; None when there is nothing, or it is long ago."""
    if fact is None:
        return None
    if fact.state is UsbState.IMPORTING:
        return StickNotice("importing", fact.percent // STEP_PERCENT * STEP_PERCENT)
    if boottime_ns - fact.since > SHOWN_S * 1_000_000_000:
        return None
    if fact.state is UsbState.REFUSED:
        code = fact.code or ErrorCode.MALFORMED
        return StickNotice(_WHY.get(code, "refused"), code=code.value)
    return StickNotice(fact.state.value)
