"""What the link hands to the session, and what the session wants done: plain values, so that a test can be the wire."""

from dataclasses import dataclass
from typing import Final

from appliance.sticks import FromStick, ReadStick
from mqtt.contract.commands import Command, Result
from mqtt.contract.configuration import Broker
from mqtt.contract.errors import ContractError, ErrorCode
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
    correlation: bytes | None = None


@dataclass(frozen=True)
class Do:
    """Do what a command orders, and answer with :class:`Did`, perhaps several times."""

    command: Command


@dataclass(frozen=True)
class Did:
    """What has become of a command so far."""

    command: Command
    result: Result


@dataclass(frozen=True)
class UseBrokers:
    """Leave the brokers in use and connect to these."""

    brokers: tuple[Broker, ...]


@dataclass(frozen=True)
class Prepare:
    """Make a staged content set ready to be shown (``booth prepare``), and answer with :class:`Prepared`."""

    set: int


@dataclass(frozen=True)
class Prepared:
    """A preparation has ended.

    Attributes:
        set: Its number.
        error: None when the set may be shown; a RefusedError if it never can be, any other if it may be tried again.
        stream: Whose release is to blame, None if that cannot be told.
    """

    set: int
    error: ContractError | None = None
    stream: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What a process says of the content set it shows.

    Attributes:
        process: ``kiosk`` or ``player``.
        set: Number of the set it speaks of, None before the first.
        holds: False is positive evidence of failure.
        stream: Whose content failed, None if that cannot be told.
        detail: What failed, for a person.
        quarantined: Programme items that are skipped because the player died with them.
    """

    process: str
    set: int | None
    holds: bool
    stream: str | None = None
    detail: str = ""
    quarantined: tuple[str, ...] = ()


Incoming = Connected | Disconnected | Arrived | Delivered | Prepared | Evidence | Did | FromStick
ToLink = Subscribe | Unsubscribe | Publish
Outgoing = ToLink | UseBrokers | Do | Prepare | ReadStick
