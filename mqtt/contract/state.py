"""What a booth says of itself: retained, whole documents, so that the newest is always enough."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.errors import DETAIL_LIMIT, ErrorCode
from mqtt.contract.layers import KeyRefusal
from mqtt.contract.names import (
    BoothId,
    BootId,
    GateId,
    Instant,
    Language,
    ReleaseNumber,
    Sequence,
    SizeBytes,
    Version,
)

STATE_LIMIT: Final = 256 * 1024
ERRORS_KEPT: Final = 32
"""At most this many refusals stand in ``reported``; the oldest leave first."""


class StreamState(StrEnum):
    """Where a stream stands on a booth."""

    WAITING = "waiting"
    FETCHING = "fetching"
    SHOWN = "shown"
    REFUSED = "refused"


class StreamReport(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: what is shown, what is on its way, how much of it is here (bytes)."""

    state: StreamState
    shown: ReleaseNumber | None = None
    target: ReleaseNumber | None = None
    have: SizeBytes = 0
    need: SizeBytes = 0


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Something the booth did not accept: the code, what it was about, and why."""

    code: ErrorCode
    subject: Annotated[str, Meta(max_length=200)]
    detail: Annotated[str, Meta(max_length=DETAIL_LIMIT)]
    at: Instant


class ClockState(StrEnum):
    """How far a booth's clock is believed.

    ``ok``: a clock confirms the time. ``lower-bound``: no clock speaks, it is at least so late. ``suspect``: a clock
    speaks and is not believed; somebody should look at NTP or at the battery.
    """

    OK = "ok"
    LOWER_BOUND = "lower-bound"
    SUSPECT = "suspect"


class ClockReport(msgspec.Struct, frozen=True, kw_only=True):
    """The booth's trusted time, where it comes from, and whether it may be believed.

    ``state`` tells more than ``trusted``; booths that do not say it leave it out.
    """

    now: Instant
    source: str
    trusted: bool
    state: ClockState | None = None


class DiskReport(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes free on the data partition and bytes held in releases."""

    free: SizeBytes
    content: SizeBytes


class CommitState(StrEnum):
    """Where the booth stands with settings that could cut it off.

    ``settled``: those assigned are in use. ``on-trial``: they are tried, and taken back unless the office is reached.
    ``reverted``: they were taken back, the ones before are in use.
    """

    SETTLED = "settled"
    ON_TRIAL = "on-trial"
    REVERTED = "reverted"


class ConfigReport(msgspec.Struct, frozen=True, kw_only=True):
    """What of the configuration has arrived, and what came of it.

    Attributes:
        revisions: By ``scope/name`` of the layers that count; of a sealed one as ``scope/name/sealed``.
        fingerprint: Of the configuration that counts.
    """

    revisions: dict[str, int]
    fingerprint: str
    refused: Annotated[tuple[KeyRefusal, ...], Meta(max_length=ERRORS_KEPT)] = ()
    commit: CommitState = CommitState.SETTLED


class Reported(Document, frozen=True, kw_only=True, tag="reported/1"):
    """The state of a booth, retained at ``booth/{id}/reported``.

    Attributes:
        sequence: Grows with each report of one boot.
        metadata: Trusted version per TUF role.
        content_set: Number of the content set that readers see, None before the first.
        streams: By ``category/agency``.
    """

    booth: BoothId
    boot: BootId
    sequence: Sequence
    at: Instant
    metadata: dict[str, Version]
    clock: ClockReport
    content_set: int | None
    streams: dict[str, StreamReport]
    errors: tuple[Refusal, ...]
    disk: DiskReport
    configuration: ConfigReport | None = None


class Conn(Document, frozen=True, kw_only=True, tag="conn/1"):
    """Birth and will. A later ``connection`` of the same ``boot`` wins over a will that arrives late."""

    booth: BoothId
    online: bool
    boot: BootId
    connection: Sequence


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One display: pixels and diagonal."""

    output: str
    role: str
    width_px: Annotated[int, Meta(ge=320, le=8192)]
    height_px: Annotated[int, Meta(ge=240, le=8192)]
    diagonal_inch: Annotated[float, Meta(gt=1, le=120)]


class Info(Document, frozen=True, kw_only=True, tag="info/1"):
    """What a booth is: software, roles, panels, languages, and the documents it understands."""

    booth: BoothId
    gate: GateId
    software: str
    roles: tuple[str, ...]
    panels: tuple[Panel, ...]
    languages: tuple[Language, ...]
    schemas: tuple[str, ...]
