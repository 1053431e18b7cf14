"""Revisions of a layer: pushed, looked back at, rolled back; protected keys are signed by ``operations``.

    draft ─► checked ─► open part ──────────────────────────► revision N ─► assignments ─► booths
                    └─► protected part, if it has changed ─► sealed ──┘

A revision is never altered. Going back is a new revision that says what an old one said.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Row, insert, select, update

from mqtt.contract.documents import encode
from mqtt.contract.envelopes import peek, seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.layers import CONFIG_PAYLOAD_TYPE, LAYER_LIMIT, SEALED, Layer, Values, read_values, split
from mqtt.office.assign import reassign
from mqtt.office.change import Change
from mqtt.office.configuration.rollout import ABORTED, ROLLING, SETTLED, Rollout
from mqtt.office.configuration.targets import Target
from mqtt.office.database import layers
from mqtt.office.home import Home
from mqtt.office.repository import changing
from mqtt.office.terms import OPERATIONS

_NOTHING: Final[Values] = {}


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of a layer; ``who`` signed or pushed it, ``text`` is the TOML."""

    revision: int
    at: datetime
    who: str
    state: str
    text: str


def push(  # noqa: PLR0913 - what, by whom, how fast
    home: Home,
    engine: Engine,
    target: Target,
    text: str,
    now: datetime,
    *,
    officers: Collection[str] = (),
    rollout: Rollout | None = None,
) -> Revision:
    """Make a draft the newest revision of its layer and let booths have it.

    Args:
        home: Of the office.
        engine: Its database.
        target: Whose layer.
        text: TOML.
        now: Moment of signing.
        officers: Who signs protected keys.
        rollout: In waves; None is every booth at once.

    Raises:
        ContractError: ``E_CONFIG`` naming every wrong key; ``E_EXISTS``, it says what the newest revision says, or an
            earlier one is still being rolled out; ``E_OFFICER``, ``E_THRESHOLD`` or ``E_KEY`` for protected keys.
            Nothing has changed.
    """
    values = read_values(text.encode())
    with changing(home, engine, now, officers=officers) as change:
        newest = newest_of(change.connection, target)
        if newest and newest.state == ROLLING:
            raise ContractError(ErrorCode.EXISTS, f"{target}: revision {newest.revision} is still being rolled out")
        if newest and read_values(newest.text.encode()) == values:
            raise ContractError(ErrorCode.EXISTS, f"{target}: revision {newest.revision} says the same")
        return _add(change, target, text, officers, rollout)


def rollback(  # noqa: PLR0913 - what, by whom
    home: Home,
    engine: Engine,
    target: Target,
    revision: int | None,
    now: datetime,
    *,
    officers: Collection[str] = (),
) -> Revision:
    """Say again what an earlier revision said; None is the one before the newest. A roll-out under way ends with it.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such revision. As :func:`push`. Nothing has changed.
    """
    with changing(home, engine, now, officers=officers) as change:
        known = {one.revision: one for one in history(change.connection, target)}
        wanted = known.get(revision if revision is not None else max(known, default=0) - 1)
        if wanted is None:
            raise ContractError(ErrorCode.UNKNOWN, f"{target}: no such revision, there are {len(known)}")
        of_target = (layers.c.scope == target.scope.value) & (layers.c.name == target.name)
        change.connection.execute(update(layers).where(of_target, layers.c.state == ROLLING).values(state=ABORTED))
        newest = newest_of(change.connection, target)
        if newest and newest.text == wanted.text:
            _spread(change)
            return known[newest.revision]
        return _add(change, target, wanted.text, officers, None)


def _add(change: Change, target: Target, text: str, officers: Collection[str], rollout: Rollout | None) -> Revision:
    values = read_values(text.encode())
    newest = newest_of(change.connection, target)
    number = max((row.revision for row in _rows(change.connection, target)), default=0) + 1
    row: dict[str, Any] = {
        "scope": target.scope.value,
        "name": target.name,
        "revision": number,
        "text": text,
        "opened": split(values)[0],
        "sealed": _sealed(change, target, newest, values, number, officers),
        "at": change.now,
        "who": ",".join(officers),
        "state": ROLLING if rollout else SETTLED,
        "rollout": msgspec.to_builtins(rollout) if rollout else None,
    }
    change.connection.execute(insert(layers).values(row))
    _spread(change)
    return _revision(row)


def _spread(change: Change) -> None:
    reassign(change)
    change.touch()


def history(connection: Connection, target: Target) -> list[Revision]:
    """Return all revisions of a layer, newest first."""
    return [_revision(row._mapping) for row in _rows(connection, target)]  # noqa: SLF001 - SQLAlchemy's public name


def newest_of(connection: Connection, target: Target) -> Row[Any] | None:
    """Return the newest revision of a layer that was not given up, None before the first."""
    return next((row for row in _rows(connection, target) if row.state != ABORTED), None)


def _rows(connection: Connection, target: Target) -> list[Row[Any]]:
    of_target = (layers.c.scope == target.scope.value) & (layers.c.name == target.name)
    return list(connection.execute(select(layers).where(of_target).order_by(layers.c.revision.desc())).all())


def _sealed(  # noqa: PLR0913, PLR0917 - the parts of one envelope
    change: Change, target: Target, newest: Row[Any] | None, values: Values, number: int, officers: Collection[str]
) -> bytes | None:
    """Return the envelope that counts with this revision: the one before, unless a protected key has changed."""
    protected = split(values)[1]
    before = _protected_of(newest)
    if protected == before:
        return bytes(newest.sealed) if newest and newest.sealed else None
    change.require_officer(OPERATIONS, officers)
    layer = Layer(scope=target.scope, name=target.name, revision=number, issued=change.now, values=protected)
    return seal(encode(layer), CONFIG_PAYLOAD_TYPE, change.signers(OPERATIONS))


def _protected_of(row: Row[Any] | None) -> Values:
    if row is None or not row.sealed:
        return _NOTHING
    payload = peek(bytes(row.sealed), CONFIG_PAYLOAD_TYPE, SEALED.limit_bytes)
    return msgspec.json.decode(payload[:LAYER_LIMIT], type=Layer).values


def _revision(row: Mapping[Any, Any]) -> Revision:
    known = {name: row[name] for name in ("revision", "at", "who", "state", "text")}
    return Revision(**known)
