"""What the screen says below the picture: what is announced, and what becomes of a stick.

notices/, clock.json ─► in force ─► one text at a time, every language in turn ─┐
usb.json (agent) ─► StickNotice ─► two lines, Vietnamese first ─────────────────┴─► the strip

"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from appliance.commands.identify import shown
from appliance.lib import clock, facts
from appliance.lib.clock import Clock
from appliance.lib.words import Words
from appliance.notices.folder import Folder
from appliance.notices.force import in_force
from appliance.notices.seen import Seen
from appliance.player.strip import Line
from appliance.sticks import SHOWN_S, StickNotice, UsbFact, UsbState, notice_of
from mqtt.contract.names import LANGUAGES as ALL
from mqtt.contract.notices import Notice, Status, Urgency

LANGUAGES: Final = ("vi", "en")
"""Those of the people who carry sticks; the page beside it says it in every language."""
LOOK_S: Final = 2.0
"""How often to look at the time while anything is kept: a notice begins and ends by it."""


class StickSign:
    """Says what the agent's fact says.

    Args:
        fact: Path of ``usb.json``.
        words: Of the booth.
    """

    def __init__(self, fact: Path, words: Words) -> None:
        self._fact = fact
        self._words = words
        self.until: float | None = None
        """When to look again although the fact has not changed, on the monotonic clock."""

    def look(self) -> tuple[Line, ...]:
        """Return what is to be said now."""
        fact = facts.read(self._fact, UsbFact)
        notice = notice_of(fact, clock.boottime_ns())
        lasts = notice is not None and fact is not None and fact.state is not UsbState.IMPORTING
        self.until = time.monotonic() + SHOWN_S if lasts else None
        return said(notice, self._words)


class NoticeSign:
    """Says one text of what is announced, and then the next.

    Args:
        folder: What is kept.
        clock: Trusted time.
        gate: Where the booth stands.
        words: Of the booth.
        seen: Told what is on the glass.
        text_s: How long one text stands.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all that decides what is said
        self, folder: Folder, clock: Clock, gate: str, words: Words, seen: Seen, text_s: Callable[[], float]
    ) -> None:
        self._text_s = text_s
        self._folder = folder
        self._clock = clock
        self._gate = gate
        self._words = words
        self._seen = seen
        self._turn = -1
        self._turned_at = float("-inf")
        self._shown: tuple[Notice, ...] = ()
        self.until: float | None = None
        """When to look again, on the monotonic clock; None while nothing is kept."""

    def look(self) -> tuple[Line, ...]:
        """Return what is to be said now."""
        kept = self._folder.notices()
        now, trusted = self._clock.read()
        counts = in_force(kept, self._gate, now, trusted=trusted)
        at = time.monotonic()
        if counts != self._shown:
            self._shown, self._turn, self._turned_at = counts, -1, float("-inf")
        if at >= self._turned_at + self._text_s():
            self._turn, self._turned_at = self._turn + 1, at
        self.until = at + LOOK_S if kept else None
        texts = turns(counts, self._words)
        if not texts:
            return ()
        notice, line = texts[self._turn % len(texts)]
        self._seen.shows((notice,))
        return (line,)


class Sign:
    """Keeps the strip at what there is to say.

    Args:
        notices: What is announced.
        stick: What becomes of a stick.
        identify: Path of ``identify.json``.
        write: Shows these lines until others come; none shows nothing.
    """

    def __init__(
        self, notices: NoticeSign, stick: StickSign, identify: Path, write: Callable[[tuple[Line, ...]], None]
    ) -> None:
        self._identify = identify
        self._name: str | None = None
        self._notices = notices
        self._stick = stick
        self._write = write
        self._shown: tuple[Line, ...] = ()

    @property
    def until(self) -> float | None:
        """When to look again although nothing has been told, on the monotonic clock."""
        named = time.monotonic() + LOOK_S if self._name else None
        return min((at for at in (named, self._notices.until, self._stick.until) if at is not None), default=None)

    def look(self) -> None:
        """Say something else if that is due."""
        self._name = shown(self._identify)
        name = (Line(self._name, "urgent"),) if self._name else ()
        lines = (*name, *self._notices.look(), *self._stick.look())
        if lines != self._shown:
            self._shown = lines
            self._write(lines)


def said(notice: StickNotice | None, words: Words) -> tuple[Line, ...]:
    """Return the lines about a stick; empty when there is nothing to say."""
    if notice is None:
        return ()
    return tuple(Line(notice.said(partial(words.say, language)), "device") for language in LANGUAGES)


def turns(notices: Iterable[Notice], words: Words) -> list[tuple[Notice, Line]]:
    """Return the texts in the order in which they have their turn: notice by notice, Vietnamese first."""
    return [
        (notice, Line(_headline(notice, language, words), _tone(notice)))
        for notice in notices
        for language in sorted(notice.texts, key=_place)
    ]


def _headline(notice: Notice, language: str, words: Words) -> str:
    headline = notice.texts[language].headline
    if notice.status is Status.ACTUAL:
        return headline
    return f"{words.say(language if language in ALL else 'en', 'notices.exercise')}: {headline}"


def _tone(notice: Notice) -> str:
    if notice.status is not Status.ACTUAL:
        return "exercise"
    return "urgent" if notice.urgency is Urgency.URGENT else "normal"


def _place(language: str) -> int:
    return ALL.index(language) if language in ALL else len(ALL)
