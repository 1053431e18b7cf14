"""Whether what a booth says of itself is well-formed, its own, and newer than what is known; pure.

same boot:     a smaller connection (or sequence) is late        →  dropped
               equal connection, offline                         →  the will of that connection
another boot:  a birth                                           →  a new start of the agent
               a will of the boot before the known one           →  late, dropped
               a will of a boot never heard of                   →  born and gone while we were away
"""

from dataclasses import dataclass
from typing import Final

from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Conn, Info, Reported
from mqtt.contract.topics import Topic

State = Reported | Info | Conn
_KINDS: Final[tuple[tuple[Topic, type[Reported] | type[Info] | type[Conn]], ...]] = (
    (topics.REPORTED, Reported),
    (topics.INFO, Info),
    (topics.CONN, Conn),
)
FOLLOWED: Final = tuple(topic for topic, _ in _KINDS)
"""What the collector listens to."""
BEFORE: Final = "conn-before"
"""Under this kind the last ``conn`` of the boot before is kept, to tell a late will from news."""


@dataclass(frozen=True)
class Saying:
    """A document that is well-formed and its speaker's own."""

    booth: str
    kind: str
    state: State
    body: bytes


def read(topic: str, payload: bytes) -> Saying | None:
    """Read a message, None for a topic that is none of ours, or an emptied one.

    Raises:
        ContractError: ``E_SIZE``, ``E_SCHEMA``, ``E_MALFORMED``, or ``E_AUTHORITY``; a booth speaks for another.
    """
    for followed, kind in _KINDS:
        place = followed.match(topic)
        if place is None or not payload:
            continue
        state = decode(kind, payload, followed.limit_bytes)
        if state.booth != place["booth"]:
            raise ContractError(ErrorCode.AUTHORITY, f"{place['booth']} speaks as {state.booth}")
        return Saying(state.booth, followed.name, state, payload)
    return None


def is_news(new: State, known: State | None, before: Conn | None = None) -> bool:
    """Whether ``new`` replaces ``known``; ``before`` is the last connection of the boot before the known one."""
    match new, known:
        case Reported(), Reported():
            return new.boot != known.boot or new.sequence >= known.sequence
        case Conn(), Conn():
            if new.boot == known.boot:
                return (new.connection, not new.online) >= (known.connection, not known.online)
            return new.online or before is None or new.boot != before.boot
        case _:
            return True
