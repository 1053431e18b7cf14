"""Plays the programme: one queue, one thread that decides, one window.

    Started ─ is there a picture? state it, set the time      Failed, or no picture ─┐
    Ended, TimeUp ───────────────→ next item ←── skip it ────────────────────────────┘
    ContentChanged ─ news? show it now : go on

What is about to be loaded is written durably first; what is on the glass is stated when it is there.
"""

import logging
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.player.content import Content
from appliance.player.events import (
    Configured,
    ContentChanged,
    Ended,
    Event,
    Failed,
    Started,
    Stop,
    TimeUp,
    Told,
    WindowLost,
)
from appliance.player.facts import Ledger, Outcome
from appliance.player.health import PlayerHealth
from appliance.player.programme import Programme
from appliance.player.quarantine import Quarantine
from appliance.player.sign import Sign
from appliance.player.window import Window
from mqtt.contract.items import Kind

PATIENCE_S: Final = 10.0
"""A file that has given no picture after this time has failed."""
LEAST_S: Final = 1.0
"""Nothing is on the glass for less: a video of one frame must not spin."""
LONGEST_VIDEO_S: Final = 3600.0
"""A video that has not ended by then is left: its decoder hangs."""
READ_EVERY_S: Final = 60.0
"""The programme is read again after this time: what it says may have ended by now."""

_log = logging.getLogger(__name__)


class Player:
    """The loop of the player.

    Args:
        events: Where the window, the watch and signals post.
        window: Shows files.
        programme: Where to begin: nothing but a slate.
        read: Reads the content set that is shown now.
        draw_slate: Makes sure that the slate's file is there.
        ledger: States what is loaded and shown.
        quarantine: Remembers what the player died with.
        health: States whether what is played holds.
        sign: Says below the picture what is announced and what becomes of a stick.
        configure: Lets the window follow the configuration.
    """

    def __init__(  # noqa: PLR0913 - everything a player needs, wired once
        self,
        events: "SimpleQueue[Event]",
        window: Window,
        programme: Programme,
        *,
        read: Callable[[], Content],
        draw_slate: Callable[[], None],
        ledger: Ledger,
        quarantine: Quarantine,
        health: PlayerHealth,
        sign: Sign,
        configure: Callable[[], None],
    ) -> None:
        self._events = events
        self._window = window
        self._programme = programme
        self._read = read
        self._draw_slate = draw_slate
        self._ledger = ledger
        self._quarantine = quarantine
        self._health = health
        self._sign = sign
        self._configure = configure
        self._read_at = float("-inf")
        self._set: int | None = None
        self._ticket = 0
        self._shown_at: float | None = None
        self._deadline = 0.0

    def run(self) -> None:
        """Play until told to stop.

        Raises:
            DeviceError: The window is gone; end the process and start it again.
        """
        if killed := self._ledger.died_with():
            self._quarantine.died_with(killed.item or "", killed.stamp)
        self._take_over()
        if before := self._ledger.before():
            _log.info("the player was last at %s of set %s", before.item or "the slate", before.set)
            self._programme = self._programme.resumed_after(before.item)
        self._configure()
        self._load()
        self._sign.look()
        while self._decide(self._next_event()):
            pass

    def _next_event(self) -> Event:
        until = self._deadline if self._sign.until is None else min(self._deadline, self._sign.until)
        try:
            return self._events.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return TimeUp() if time.monotonic() >= self._deadline else Told()

    def _decide(self, event: Event) -> bool:
        match event:
            case Started(self._ticket) if self._shown_at is None and self._window.has_picture:
                self._on_glass()
            case Ended(self._ticket) if self._shown_at is not None:
                self._deadline = min(self._deadline, max(time.monotonic(), self._shown_at + LEAST_S))
            case TimeUp() if self._shown_at is not None or self._programme.on_slate:
                self._advance()
            case Ended(self._ticket) | Failed(self._ticket) | TimeUp():
                self._skip()
            case ContentChanged():
                self._follow()
            case Told():
                self._sign.look()
            case Configured():
                self._configure()
            case WindowLost():
                self._ledger.stopped()
                raise DeviceError(ErrorCode.CONFIG, "the compositor closed the window")
            case Stop():
                self._ledger.stopped()
                return False
        return True

    def _load(self) -> None:
        entry = self._programme.entry
        if self._programme.on_slate:
            self._draw_slate()
        self._ledger.loading(self._item, self._set, entry.stamp)
        self._shown_at = None
        self._deadline = time.monotonic() + (entry.frame.seconds if self._programme.on_slate else PATIENCE_S)
        self._ticket = self._window.show(entry.frame.file)

    def _on_glass(self) -> None:
        frame = self._programme.entry.frame
        self._shown_at = time.monotonic()
        self._deadline = self._shown_at + (LONGEST_VIDEO_S if frame.kind is Kind.VIDEO else max(LEAST_S, frame.seconds))
        self._ledger.on_glass(self._item, self._set, Outcome.SHOWN)
        if not self._programme.on_slate:
            self._health.shows(self._set)

    def _advance(self) -> None:
        was = self._programme.entry
        self._quarantine.played(was)
        if time.monotonic() >= self._read_at + READ_EVERY_S:
            self._take_over()
        if self._programme.entry.identity == was.identity:
            self._programme = self._programme.advanced()
        if self._programme.entry.identity == was.identity and was.frame.kind is Kind.PICTURE and self._shown_at:
            self._deadline = time.monotonic() + max(LEAST_S, was.frame.seconds)
        else:
            self._load()

    def _skip(self) -> None:
        entry = self._programme.entry
        _log.warning("%s of set %s gives no picture: %s", self._item or "the slate", self._set, entry.frame.file)
        self._ledger.on_glass(self._item, self._set, Outcome.FAILED)
        if not self._programme.on_slate:
            self._health.fails(self._set, entry.frame)
        self._programme = self._programme.failed()
        if self._programme.entry is not entry:
            self._load()

    def _follow(self) -> None:
        was = self._programme.entry
        if not self._take_over():
            return
        if self._programme.entry.identity != was.identity:
            self._load()
        elif self._shown_at is not None:
            self._ledger.carried_over(self._set)

    def _take_over(self) -> bool:
        try:
            content = self._read()
        except RefusedError as error:
            _log.error("%s: the programme stays as it was", error)
            return False
        if content.number != self._set:
            _log.info("content set %s: %d items on the screen", content.number, len(content.entries))
        self._set = content.number
        self._read_at = time.monotonic()
        skipped = tuple(entry for entry in content.entries if self._quarantine.holds(entry))
        self._health.quarantines(tuple(entry.frame.item for entry in skipped))
        self._programme = self._programme.carried_over(tuple(e for e in content.entries if e not in skipped))
        return True

    @property
    def _item(self) -> str | None:
        return None if self._programme.on_slate else self._programme.entry.frame.id
