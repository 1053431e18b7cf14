"""The programme as a place in a ring: what is on, what comes next, what a new content set changes. Pure.

    entries   A ─ B ─ C ─ D ─┐      after each item the next that is not broken
              ↑     news    │      a new set: the first new or changed entry at once ("news first"),
              └─────────────┘      else the one that is on goes on, else (it is gone) the first

There is always something to show: the slate when there are no entries, or when all of them are broken. After the
slate's time broken entries get another chance, so a screen never stays on the slate for want of trying.
"""

from dataclasses import dataclass, replace
from typing import Self

from appliance.content.catalogue import Frame

Stamp = tuple[int, ...]
"""What a file's bytes are, without reading them: releases share unchanged files by hard links."""


@dataclass(frozen=True)
class Entry:
    """A frame of the programme together with the stamp of its bytes."""

    frame: Frame
    stamp: Stamp

    @property
    def identity(self) -> tuple[str, Stamp]:
        """Equal for two entries that look the same on the glass, whatever release they lie in."""
        return self.frame.id, self.stamp


@dataclass(frozen=True)
class Programme:
    """Entries and the place in them; a value, every step gives a new one.

    Attributes:
        slate: Shown when nothing else can be.
        entries: In the order they play.
        place: Index into ``entries`` of what is on, None for the slate.
        broken: Identities that could not be played, skipped until the content changes.
    """

    slate: Entry
    entries: tuple[Entry, ...] = ()
    place: int | None = None
    broken: frozenset[tuple[str, Stamp]] = frozenset()

    @property
    def entry(self) -> Entry:
        """What is on."""
        return self.slate if self.place is None else self.entries[self.place]

    @property
    def on_slate(self) -> bool:
        """Whether there is nothing better than the slate."""
        return self.place is None

    def advanced(self) -> Self:
        """Go on to the next entry that is not broken; from the slate, to the first entry, broken or not."""
        if self.place is None:
            return replace(self, place=0 if self.entries else None, broken=frozenset())
        count = len(self.entries)
        ring = (position % count for position in range(self.place + 1, self.place + 1 + count))
        playable = (place for place in ring if self.entries[place].identity not in self.broken)
        return replace(self, place=next(playable, None))

    def failed(self) -> Self:
        """Skip what is on for as long as this content is shown; a slate that fails stays the slate."""
        if self.place is None:
            return self
        return replace(self, broken=self.broken | {self.entry.identity}).advanced()

    def carried_over(self, entries: tuple[Entry, ...]) -> Self:
        """Take over a new content set: news first, else go on with what is on, else begin anew."""
        known = {entry.identity for entry in self.entries}
        news = (place for place, entry in enumerate(entries) if entry.identity not in known)
        same = (place for place, entry in enumerate(entries) if entry.identity == self.entry.identity)
        place = next(news, next(same, 0 if entries else None))
        broken = self.broken & {entry.identity for entry in entries}
        moved = replace(self, entries=entries, place=place, broken=broken)
        return moved.advanced() if moved.entry.identity in broken else moved

    def resumed_after(self, item: str | None) -> Self:
        """Begin after the item that was on when the player went away: if it was the killer, others come first."""
        place = next((place for place, entry in enumerate(self.entries) if entry.frame.id == item), None)
        return self if place is None else replace(self, place=place).advanced()
