"""What a booth should have and what it says it has: drift, key by key where it can be told."""

from enum import StrEnum

import msgspec
from sqlalchemy import Connection, select

from mqtt.contract.configuration import Configuration
from mqtt.contract.documents import decode
from mqtt.contract.envelopes import peek
from mqtt.contract.layers import CONFIG_PAYLOAD_TYPE, SEALED, KeyRefusal, Layer, Merged, merge
from mqtt.contract.state import CommitState
from mqtt.office.configuration.assigning import layers_for
from mqtt.office.configuration.rolling import reported
from mqtt.office.database import booths
from mqtt.office.spelling import unknown_booth


class Standing(StrEnum):
    """How a booth stands to what the office wants."""

    SAME = "same"
    BEHIND = "behind"
    REFUSED = "refused"
    ON_TRIAL = "on-trial"
    REVERTED = "reverted"
    UNHEARD = "unheard"


class BoothConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One booth: revisions wanted and reported by layer, and what it has refused."""

    booth: str
    gate: str
    standing: Standing
    wanted: dict[str, int]
    has: dict[str, int]
    refused: tuple[KeyRefusal, ...]


def standings(connection: Connection) -> list[BoothConfig]:
    """Return how every booth in service stands."""
    rows = connection.execute(select(booths).where(booths.c.revoked.is_(False)).order_by(booths.c.gate, booths.c.booth))
    return [standing_of(connection, row.booth, row.gate) for row in rows.all()]


def standing_of(connection: Connection, booth: str, gate: str) -> BoothConfig:
    """Return how a booth stands."""
    wanted = {name: layer.revision for name, layer in _layers(connection, booth, gate).items()}
    report = reported(connection, booth)
    said = report.configuration if report else None
    return BoothConfig(
        booth=booth,
        gate=gate,
        standing=_standing(wanted, said.revisions if said else None, said.refused if said else (),
                           said.commit if said else None),
        wanted=wanted,
        has=said.revisions if said else {},
        refused=said.refused if said else (),
    )  # fmt: skip


def merged_for(connection: Connection, booth: str) -> Merged:
    """Return what the office wants of a booth, over the defaults; the booth's own identity is not known here.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such booth.
    """
    gate = connection.scalar(select(booths.c.gate).where(booths.c.booth == booth))
    if gate is None:
        raise unknown_booth(connection, booth)
    found = _layers(connection, booth, gate)
    return merge(Configuration(), [(layer, name.endswith("/sealed")) for name, layer in found.items()])


def _layers(connection: Connection, booth: str, gate: str) -> dict[str, Layer]:
    assigned = layers_for(connection, gate, [booth])
    found = {layer.label: layer for layer in assigned.layers}
    for envelope in assigned.sealed:
        payload = peek(envelope.encode(), CONFIG_PAYLOAD_TYPE, SEALED.limit_bytes)
        layer = decode(Layer, payload, SEALED.limit_bytes)
        found[f"{layer.label}/sealed"] = layer
    return found


def _standing(
    wanted: dict[str, int], has: dict[str, int] | None, refused: tuple[KeyRefusal, ...], commit: CommitState | None
) -> Standing:
    if has is None:
        return Standing.UNHEARD
    if any(has.get(name) != revision for name, revision in wanted.items()):
        return Standing.BEHIND
    match commit:
        case CommitState.ON_TRIAL:
            return Standing.ON_TRIAL
        case CommitState.REVERTED:
            return Standing.REVERTED
        case _:
            return Standing.REFUSED if refused else Standing.SAME
