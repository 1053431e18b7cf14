"""What the screen says of a stick, below the picture: for whoever has plugged it in and looks up.

usb.json (agent) ─► StickNotice ─► two lines, Vietnamese first ─► mpv's overlay
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from appliance.lib import clock, facts
from appliance.lib.words import Words
from appliance.sticks import SHOWN_S, StickNotice, UsbFact, UsbState, notice_of

LANGUAGES: Final = ("vi", "en")
"""Those of the people who carry sticks; the page beside it says it in every language."""


class StickSign:
    """Keeps the overlay at what the agent's fact says.

    Args:
        fact: Path of ``usb.json``.
        write: Shows these lines until others come; none shows nothing.
    """

    def __init__(self, fact: Path, write: Callable[[tuple[str, ...]], None]) -> None:
        self._fact = fact
        self._write = write
        self._words = Words.load()
        self._shown: StickNotice | None = None
        self.until: float | None = None
        """When to look again although the fact has not changed, on the monotonic clock."""

    def look(self) -> None:
        """Read the fact, and say something else if that is due."""
        fact = facts.read(self._fact, UsbFact)
        notice = notice_of(fact, clock.boottime_ns())
        lasts = notice is not None and fact is not None and fact.state is not UsbState.IMPORTING
        self.until = time.monotonic() + SHOWN_S if lasts else None
        if notice != self._shown:
            self._shown = notice
            self._write(said(notice, self._words))


def said(notice: StickNotice | None, words: Words) -> tuple[str, ...]:
    """Return the lines; empty when there is nothing to say."""
    return tuple(notice.said(partial(words.say, language)) for language in LANGUAGES) if notice else ()
