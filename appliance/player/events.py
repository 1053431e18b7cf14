"""What can happen to the player. Foreign threads post these; one thread takes them one at a time.

A *ticket* is given for each item shown, so that news of an item that was already left is told from news of this one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """Decoding has begun; there is a picture unless the file is broken."""

    ticket: int


@dataclass(frozen=True)
class Ended:
    """The last frame has been played and stays on the glass."""

    ticket: int


@dataclass(frozen=True)
class Failed:
    """The file could not be opened."""

    ticket: int


@dataclass(frozen=True)
class TimeUp:
    """The time that was set for this item is over."""


@dataclass(frozen=True)
class ContentChanged:
    """Another content set may be shown now."""


@dataclass(frozen=True)
class Told:
    """The agent says something of a stick or a notice, or it is time to say something else."""


@dataclass(frozen=True)
class Configured:
    """Another configuration counts."""


@dataclass(frozen=True)
class WindowLost:
    """The compositor took the window away; only a new process gets another."""


@dataclass(frozen=True)
class Stop:
    """Somebody asks the player to end."""


Event = Started | Ended | Failed | TimeUp | ContentChanged | Told | Configured | WindowLost | Stop
