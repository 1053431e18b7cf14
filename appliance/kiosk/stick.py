"""What the page says of a stick: while it is being read, and for a while how that ended.

usb.json (agent) ─► Notice ─► a line above every page; where no language is chosen yet, one in each language
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.kiosk.reader import Reader
from appliance.lib import clock, facts
from appliance.sticks import UsbFact, UsbState
from mqtt.contract.errors import ErrorCode

SHOWN_S: Final = 90
"""How long an outcome stands on the page."""
STEP_PERCENT: Final = 5
"""The page is not drawn anew for less."""

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
class Line:
    """One sentence in one language."""

    language: str
    text: str


@dataclass(frozen=True)
class Notice:
    """What is to be said now."""

    key: str
    percent: int = 0
    code: str = ""

    @property
    def version(self) -> str:
        """Changes when the page should say something else."""
        return f"{self.key}{self.percent}{self.code}"

    def lines(self, readers: tuple[Reader, ...]) -> tuple[Line, ...]:
        """Say it to these readers."""
        return tuple(Line(reader.language, self._say(reader)) for reader in readers)

    def _say(self, reader: Reader) -> str:
        said = reader.say(f"usb.{self.key}", percent=self.percent)
        return f"{said} ({self.code})" if self.code else said


def notice_of(fact: UsbFact | None, boottime_ns: int) -> Notice | None:
    """Decide what to say; None when there is nothing, or it is long ago."""
    if fact is None:
        return None
    if fact.state is UsbState.IMPORTING:
        return Notice("importing", fact.percent // STEP_PERCENT * STEP_PERCENT)
    if boottime_ns - fact.since > SHOWN_S * 1_000_000_000:
        return None
    if fact.state is UsbState.REFUSED:
        code = fact.code or ErrorCode.MALFORMED
        return Notice(_WHY.get(code, "refused"), code=code.value)
    return Notice(fact.state.value)


class UsbSign:
    """Reads the agent's fact.

    Args:
        fact: Path of ``usb.json``.
    """

    def __init__(self, fact: Path) -> None:
        self._fact = fact

    def notice(self) -> Notice | None:
        """Return what is to be said at this moment."""
        return notice_of(facts.read(self._fact, UsbFact), clock.boottime_ns())
