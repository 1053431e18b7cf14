"""What the player states: durably what it is about to load, and what is on the glass.

``state/player/now.json`` is written before an item is loaded, so that an item that kills the player can be named.
``runtime/glass.json`` follows the glass: the health check and the proof of play read it.
"""

import logging
from enum import StrEnum
from pathlib import Path

import msgspec

from appliance.lib import clock, facts

_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How the item that was loaded last went."""

    SHOWN = "shown"
    FAILED = "failed"


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """The item that is being loaded or played; ``item`` None is the built-in slate.

    Attributes:
        stamp: What its bytes are.
        boot: The start of the device in which this was written.
        stopped: The player ended in good order, or for no fault of the item.
    """

    item: str | None
    set: int | None
    stamp: tuple[int, ...] = ()
    boot: str = ""
    stopped: bool = False


class Glass(msgspec.Struct, frozen=True, kw_only=True):
    """What is on the glass.

    Attributes:
        item: Programme item, None for the built-in slate.
        set: Number of the content set it comes from, None before the first.
        since: ``CLOCK_BOOTTIME`` in nanoseconds at which this became true.
        outcome: ``failed`` means that the item was skipped; the picture before it stays until the next one.
    """

    item: str | None
    set: int | None
    since: int
    outcome: Outcome


class Ledger:
    """The writer of both facts. A full disk never stops the programme: it is said once, until writing works again.

    Args:
        now: Path of ``now.json``; its folder must exist.
        glass: Path of ``glass.json``; its folder must exist.
    """

    def __init__(self, now: Path, glass: Path) -> None:
        self._now_path = now
        self._glass_path = glass
        self._glass: Glass | None = None
        self._boot = clock.boot_id()
        self._now = facts.read(now, Now)
        self._writable = True

    def before(self) -> Now | None:
        """Return what was on when the player went away; None at the first start."""
        return self._now

    def died_with(self) -> Now | None:
        """Return the item that was on when the player died, None if it did not die or died with the device."""
        now = self._now
        return now if now and now.item and not now.stopped and now.boot == self._boot else None

    def loading(self, item: str | None, content_set: int | None, stamp: tuple[int, ...] = ()) -> None:
        """State durably what is about to be loaded."""
        self._write(Now(item=item, set=content_set, stamp=stamp, boot=self._boot))

    def stopped(self) -> None:
        """State durably that what comes now is no death."""
        if self._now is not None:
            self._write(msgspec.structs.replace(self._now, stopped=True))

    def _write(self, now: Now) -> None:
        self._now = now
        try:
            facts.write_durable(self._now_path, now)
        except OSError as error:
            if self._writable:
                _log.error("%s cannot be written: %s", self._now_path, error.strerror)
            self._writable = False
        else:
            self._writable = True

    def on_glass(self, item: str | None, content_set: int | None, outcome: Outcome) -> None:
        """State what came of it."""
        self._state(Glass(item=item, set=content_set, since=clock.boottime_ns(), outcome=outcome))

    def carried_over(self, content_set: int | None) -> None:
        """State that what is on belongs to another content set now."""
        if self._glass is not None:
            self._state(msgspec.structs.replace(self._glass, set=content_set))

    def _state(self, glass: Glass) -> None:
        self._glass = glass
        facts.write(self._glass_path, glass)
