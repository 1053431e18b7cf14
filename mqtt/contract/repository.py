"""TUF metadata as one atomic set, and who gets what.

TUF files never mix: a booth sees a timestamp and everything it vouches for at once, or nothing.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document, decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import pack, unpack
from mqtt.contract.layers import Layer
from mqtt.contract.names import Agency, BoothId, Category, GateId, Instant, Name

META_LIMIT: Final = 512 * 1024
"""Packed ``repo/meta``, bytes."""
META_RAW_LIMIT: Final = 4 * 1024 * 1024
ROOT_LIMIT: Final = 512_000
"""As python-tuf's ``root_max_length``."""
ASSIGN_LIMIT: Final = 64 * 1024
ISSUED_FIELD: Final = "x-gatebooth-issued"
"""Signed extra field of the timestamp role: the moment of signing, RFC 3339. A lower bound of the time it is now."""
EPOCH_FIELD: Final = "x-gatebooth-clock-epoch"
"""Signed extra field of the root: an integer; a greater one makes booths start their clock floor again."""
Place = Annotated[int, Meta(ge=0, le=1023)]
RoleFile = Annotated[
    str,
    Meta(
        pattern=r"^([1-9][0-9]{0,9}\.)?[a-z0-9][a-z0-9-]{1,47}\.json$(?!\n)",
        description="TUF metadata file name",
    ),
]


class MetaSet(Document, frozen=True, kw_only=True, tag="meta/1"):
    """Everything but the roots: ``timestamp.json``, ``N.snapshot.json``, ``N.{role}.json``.

    ``root_latest`` lets a booth tell "there is no newer root" from "it has not arrived yet".
    """

    root_latest: Annotated[int, Meta(ge=1, le=100_000)]
    files: dict[RoleFile, str]

    def to_bytes(self) -> bytes:
        """Return the packed wire form."""
        return pack(encode(self))

    @classmethod
    def parse(cls, payload: bytes) -> "MetaSet":
        """Read the packed wire form.

        Raises:
            ContractError: ``E_SIZE``, ``E_FRAME``, ``E_SCHEMA`` or ``E_MALFORMED``; keep the set you have.
        """
        if len(payload) > META_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"{len(payload)} bytes of metadata, at most {META_LIMIT}")
        return decode(cls, unpack(payload, META_RAW_LIMIT).data, META_RAW_LIMIT)


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One agency's part of one category: what a booth follows."""

    category: Category
    agency: Agency

    @property
    def name(self) -> str:
        """``category/agency``."""
        return f"{self.category}/{self.agency}"


class BoothAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """The streams one booth shows, and its layers of configuration.

    Attributes:
        layers: Places in the assignment's ``layers``; booths of one gate may have different revisions.
        sealed: Places in its ``sealed``.
    """

    booth: BoothId
    streams: tuple[Stream, ...]
    layers: tuple[Place, ...] = ()
    sealed: tuple[Place, ...] = ()


class Assignment(Document, frozen=True, kw_only=True, tag="assign/1"):
    """Who at a gate shows which streams, configured how. TUF target ``assign/{gate}.json``, retained as signed.

    Attributes:
        layers: Of the configuration, without protected keys.
        sealed: Layers with protected keys, each an envelope by ``operations``, as JSON.
        officers: Names under which officers may speak at the gate's own broker.
    """

    gate: GateId
    issued: Instant
    order: tuple[Agency, ...]
    booths: tuple[BoothAssignment, ...]
    layers: tuple[Layer, ...] = ()
    sealed: tuple[str, ...] = ()
    officers: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        for booth in self.booths:
            for places, given in ((booth.layers, self.layers), (booth.sealed, self.sealed)):
                if any(place >= len(given) for place in places):
                    message = f"assignment: {booth.booth} has a layer that is not there"
                    raise ValueError(message)

    def configuration_of(self, booth: BoothId) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """Layers of one booth, open and sealed; none for a booth that is not listed."""
        entry = next((entry for entry in self.booths if entry.booth == booth), None)
        if entry is None:
            return (), ()
        return tuple(self.layers[place] for place in entry.layers), tuple(self.sealed[place] for place in entry.sealed)

    def streams_of(self, booth: BoothId) -> tuple[Stream, ...]:
        """Streams of one booth; empty for a booth that is not listed."""
        return next((entry.streams for entry in self.booths if entry.booth == booth), ())
