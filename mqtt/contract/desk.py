"""A traveller calls for help, a person at the counter answers; and what a gate says of itself."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import BoothId, GateId, Instant, Language

DESK_LIMIT: Final = 8 * 1024

CallId = Annotated[str, Meta(min_length=8, max_length=64, description="random, one per call; names nobody")]


class CallState(StrEnum):
    """What the traveller is told."""

    SEEN = "seen"
    COMING = "coming"
    DONE = "done"
    UNSTAFFED = "unstaffed"


class Call(Document, frozen=True, kw_only=True, tag="call/1"):
    """Help wanted at a booth, in the traveller's language; ``withdrawn`` takes it back."""

    id: CallId
    booth: BoothId
    language: Language
    at: Instant
    withdrawn: bool = False


class Answer(Document, frozen=True, kw_only=True, tag="answer/1"):
    """The counter has seen the call, and what happens next."""

    call: CallId
    state: CallState
    at: Instant


class CounterHours(msgspec.Struct, frozen=True, kw_only=True):
    """When the counter is staffed, local time ``HH:MM``."""

    opens: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
    closes: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$(?!\n)")]


class GateStatus(Document, frozen=True, kw_only=True, tag="gate/1"):
    """Whether the office can be reached from the gate, and whether the counter is staffed."""

    gate: GateId
    office_reachable: bool
    counter_staffed: bool
    hours: tuple[CounterHours, ...] = ()
