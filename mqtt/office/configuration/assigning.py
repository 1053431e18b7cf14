"""Which layers each booth gets: the settled revision of each, or the one that is being rolled out where it has come."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from mqtt.contract.layers import EVERY, SCOPES, Layer, Scope
from mqtt.office.configuration.rollout import ABORTED, ROLLING, Rollout
from mqtt.office.database import aware, booths, layers


class Assigned(msgspec.Struct, frozen=True):
    """Layers of a gate's booths, each once, and which of them each booth has."""

    layers: tuple[Layer, ...]
    sealed: tuple[str, ...]
    places: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]


def layers_for(connection: Connection, gate: str, here: Iterable[str]) -> Assigned:
    """Return the layers of the booths of a gate."""
    rows = connection.execute(select(layers).where(layers.c.state != ABORTED).order_by(layers.c.revision.desc())).all()
    opened: dict[str, Layer] = {}
    sealed: dict[str, int] = {}
    places = {}
    for booth in here:
        chosen = [row for scope in SCOPES if (row := _chosen(connection, rows, scope, gate, booth)) is not None]
        for row in chosen:
            opened.setdefault(_name(row), _layer(row))
        order = list(opened)
        closed = tuple(sealed.setdefault(bytes(row.sealed).decode(), len(sealed)) for row in chosen if row.sealed)
        places[booth] = (tuple(order.index(_name(row)) for row in chosen), closed)
    return Assigned(tuple(opened.values()), tuple(sealed), places)


def members(connection: Connection, scope: str, name: str) -> list[str]:
    """Return the booths a layer is for, in service."""
    query = select(booths.c.booth).where(booths.c.revoked.is_(False))
    if scope == Scope.GATE:
        query = query.where(booths.c.gate == name)
    elif scope == Scope.BOOTH:
        query = query.where(booths.c.booth == name)
    return list(connection.scalars(query.order_by(booths.c.booth)).all())


def _chosen(connection: Connection, rows: Iterable[Row[Any]], scope: Scope, gate: str, booth: str) -> Row[Any] | None:
    name = {Scope.ALL: EVERY, Scope.GATE: gate, Scope.BOOTH: booth}[scope]
    for row in rows:
        if (row.scope, row.name) != (scope.value, name):
            continue
        if row.state != ROLLING:
            return row
        rollout = msgspec.convert(row.rollout, Rollout)
        if rollout.reaches(booth, members(connection, row.scope, row.name), row.revision):
            return row
    return None


def _name(row: Row[Any]) -> str:
    return f"{row.scope}/{row.name}/{row.revision}"


def _layer(row: Row[Any]) -> Layer:
    return Layer(scope=Scope(row.scope), name=row.name, revision=row.revision, issued=aware(row.at), values=row.opened)
