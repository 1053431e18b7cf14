"""Who shows what: every booth of a gate gets every stream whose newest release has the gate in its audience.

    releases × booths ──► Assignment per gate ──► role assignments, target assign/{gate}.json

An assignment is signed again only when it says something new.
"""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, delete, func, insert, select

from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead, assign_target
from mqtt.contract.repository import ASSIGN_LIMIT, Assignment, BoothAssignment, Stream
from mqtt.office.change import Change
from mqtt.office.configuration.assigning import Assigned, layers_for
from mqtt.office.database import assignments, booths, gates, releases

ROLE: Final = "assignments"
_NOTHING: Final = Assigned((), (), {})


def reassign(change: Change) -> tuple[str, ...]:
    """Bring the assignments of all gates up to date within a change; returns the gates that got a new one.

    Raises:
        ContractError: ``E_SIZE``; a gate has more booths and streams than one assignment holds. Nothing is changed.
    """
    connection = change.connection
    heads = newest_heads(connection)
    stored = {row.gate: row.body for row in connection.execute(select(assignments)).all()}
    renewed = []
    for gate in connection.scalars(select(gates.c.gate).order_by(gates.c.gate)).all():
        here = _booths(connection, gate)
        layers = layers_for(connection, gate, here)
        officers = tuple(
            name
            for name, officer in change.authority.officers.items()
            if officer.gate == gate and officer.serves(change.now)
        )
        wanted = assignment_of(gate, here, heads, change.authority.order, change.now, layers, officers)
        before = decode(Assignment, stored[gate], ASSIGN_LIMIT) if gate in stored else None
        if before and msgspec.structs.replace(before, issued=wanted.issued) == wanted:
            continue
        body = encode(wanted)
        if len(body) > ASSIGN_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"assignment of {gate}: {len(body)} bytes, at most {ASSIGN_LIMIT}")
        change.list_target(ROLE, assign_target(gate), body)
        connection.execute(delete(assignments).where(assignments.c.gate == gate))
        connection.execute(insert(assignments).values(gate=gate, body=body))
        renewed.append(gate)
    return tuple(renewed)


def assignment_of(  # noqa: PLR0913, PLR0917 - all that an assignment says
    gate: str,
    booth_ids: list[str],
    heads: list[ReleaseHead],
    order: tuple[str, ...],
    now: datetime,
    configuration: Assigned = _NOTHING,
    officers: tuple[str, ...] = (),
) -> Assignment:
    """Decide the default assignment of a gate; pure.

    Args:
        gate: Which gate.
        booth_ids: Its booths in service.
        heads: The newest head of every stream.
        order: Agencies, who comes first comes first.
        now: Moment of signing.
        configuration: Layers of the booths.
        officers: Who may speak at the gate's own broker.
    """
    streams = {Stream(category=head.category, agency=head.agency) for head in heads if head.is_for(gate)}
    places = {agency: place for place, agency in enumerate(order)}
    sorted_streams = sorted(streams, key=lambda one: (one.category, places.get(one.agency, len(places)), one.agency))
    return Assignment(
        gate=gate,
        issued=now,
        order=order,
        booths=tuple(
            BoothAssignment(booth=booth, streams=tuple(sorted_streams), layers=opened, sealed=sealed)
            for booth in sorted(booth_ids)
            for opened, sealed in [configuration.places.get(booth, ((), ()))]
        ),
        layers=configuration.layers,
        sealed=configuration.sealed,
        officers=officers,
    )


def newest_heads(connection: Connection) -> list[ReleaseHead]:
    """Return the newest head of every stream."""
    key = (releases.c.category, releases.c.agency)
    last = select(*key, func.max(releases.c.number).label("number")).group_by(*key).subquery()
    join = and_(
        releases.c.category == last.c.category,
        releases.c.agency == last.c.agency,
        releases.c.number == last.c.number,
    )
    return [
        decode(ReleaseHead, head, HEAD_LIMIT) for head in connection.scalars(select(releases.c.head).join(last, join))
    ]


def _booths(connection: Connection, gate: str) -> list[str]:
    in_service = select(booths.c.booth).where(booths.c.gate == gate, booths.c.revoked.is_(False))
    return list(connection.scalars(in_service).all())
