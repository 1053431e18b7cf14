"""What the link hands to the session, and what the session wants done: plain values, so that a test can be the wire."""

from dataclasses import dataclass

from appliance.sticks import FromStick, ReadStick
from mqtt.contract.errors import ErrorCode
from mqtt.contract.topics import Plane


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


ToBroker = Subscribe | Unsubscribe | Publish
Incoming = Connected | Disconnected | Arrived | FromStick
Outgoing = ToBroker | ReadStick
