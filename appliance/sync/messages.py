"""What the link hands to the session, and what the session wants done: plain values, so that a test can be the wire."""

from dataclasses import dataclass
from typing import Final

from mqtt.contract.errors import ErrorCode
from mqtt.contract.topics import Plane

NO_SUBSCRIBERS: Final = 0x10
"""MQTT 5 reason: accepted, and nobody is there to hear it."""
REFUSED: Final = 0x80
"""MQTT 5: reasons from here on are failures."""


@dataclass(frozen=True)
class Connected:
    """A broker accepted us; sessions start clean as far as we are concerned."""

    plane: Plane


@dataclass(frozen=True)
class Disconnected:
    """The link of a plane is down."""

    plane: Plane
    reason: str
    code: ErrorCode = ErrorCode.LINK


@dataclass(frozen=True)
class Arrived:
    """A message came in."""

    plane: Plane
    topic: str
    payload: bytes


@dataclass(frozen=True)
class Delivered:
    """The broker has answered a message of ours; ``number`` is what the link gave it, ``code`` MQTT's reason."""

    plane: Plane
    number: int
    code: int

    @property
    def taken(self) -> bool:
        """Whether it went to somebody."""
        return self.code < REFUSED and self.code != NO_SUBSCRIBERS


@dataclass(frozen=True)
class Subscribe:
    """Listen to exactly these topics."""

    plane: Plane
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Unsubscribe:
    """Stop listening."""

    plane: Plane
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Publish:
    """Say something."""

    plane: Plane
    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry_s: int | None = None


Incoming = Connected | Disconnected | Arrived | Delivered
Outgoing = Subscribe | Unsubscribe | Publish
