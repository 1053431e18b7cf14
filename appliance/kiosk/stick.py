"""What the page says of a stick, in the reader's language; where none is chosen yet, one line in each."""

from dataclasses import dataclass
from pathlib import Path

from appliance.kiosk.reader import Reader
from appliance.lib import clock, facts
from appliance.sticks import StickNotice, UsbFact, notice_of


@dataclass(frozen=True)
class Line:
    """One sentence in one language."""

    language: str
    text: str


def lines(notice: StickNotice, readers: tuple[Reader, ...]) -> tuple[Line, ...]:
    """Say it to these readers."""
    return tuple(Line(reader.language, notice.said(reader.say)) for reader in readers)


class UsbSign:
    """Reads the agent's fact.

    Args:
        fact: Path of ``usb.json``.
    """

    def __init__(self, fact: Path) -> None:
        self._fact = fact

    def notice(self) -> StickNotice | None:
        """Return what is to be said at this moment."""
        return notice_of(facts.read(self._fact, UsbFact), clock.boottime_ns())
