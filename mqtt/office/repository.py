"""The office's TUF repository: every version of every signed file in the database, changed in one step or not at all.

    with changing(home, engine, now) as change:        takes the one writer's lock
        change.edit("police").targets[path] = ...      newest version, to be altered
                                                       then: roles, snapshot, timestamp signed, stored, committed

Readers (the publisher) find the state before a change or after it; a key that is missing undoes all of it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, update

from mqtt.office.authority import read_authority
from mqtt.office.change import Change
from mqtt.office.database import open_database, revision
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.terms import Authority


@contextmanager
def changing(
    home: Home,
    engine: Engine,
    now: datetime,
    *,
    officers: Collection[str] = (),
    regulation: Authority | None = None,
) -> Iterator[Change]:
    """Change the repository, one writer at a time over all processes; an error inside leaves all as it was.

    Args:
        home: Where regulation and keys lie.
        engine: The office's database.
        now: Moment of signing, with zone.
        officers: Who signs; none lets every key on this machine sign.
        regulation: Instead of the one in force: it comes into force with this change.

    Raises:
        ContractError: ``E_KEY``, ``E_THRESHOLD`` (more officers must sign), ``E_OFFICER``, ``E_CONFIG``, ``E_CLOCK``
            (the office's clock went back), or what was raised inside.
    """
    authority = regulation or read_authority(home.authority)
    for name in officers:
        authority.officer(name, now)
    with engine.begin() as connection:
        # a write comes first: it is the lock, and whatever is read after it is the newest
        connection.execute(update(revision).values(number=revision.c.number))
        change = Change(connection, Keyring(home.keys, officers or None), authority, now)
        yield change
        change.sign()


@contextmanager
def opened(home: Home) -> Iterator[Engine]:
    """Open the database of an office that has an authority, for the length of a command.

    Raises:
        ContractError: ``E_CONFIG``; there is none here, and a mistyped folder does not get a database either.
    """
    read_authority(home.authority)
    engine = open_database(home.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def renew(home: Home, engine: Engine, now: datetime, roles: frozenset[str] | None = None) -> tuple[str, ...]:
    """Sign again what is old (:meth:`Change.is_old`); to be called every hour or so, also without any change.

    Args:
        home: Where regulation and keys lie.
        engine: The office's database.
        now: Moment of signing, with zone.
        roles: Only these; None for every role whose keys are on this machine.

    Returns:
        Names of the roles that were signed again.

    Raises:
        ContractError: As :func:`changing`.
    """
    with changing(home, engine, now) as change:
        chosen = [role for role in change.roles() if (role in roles if roles is not None else change.can_sign(role))]
        old = [role for role in chosen if change.is_old(role)]
        for role in old:
            change.edit(role)
    return tuple(old)


ONLINE_ROLES: Final = frozenset({"timestamp", "snapshot", "assignments"})
"""Roles whose keys the office always has: what the publisher renews by itself."""
