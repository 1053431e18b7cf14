"""Brings a regulation into force that has been edited: who is delegated what follows the file, signed by ``targets``.

    authority.toml ─► delegations ─► differ? ─► targets signed ─► changed roles signed again ─► the file is replaced

The file is replaced last, inside the transaction: cut anywhere, applying it again finishes what was begun.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import tomlkit
from sqlalchemy import Engine, insert, select
from tuf.api.metadata import Delegations

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.assign import reassign
from mqtt.office.authority import AUTHORITY_FILE, parse_authority, read_authority
from mqtt.office.change import Change
from mqtt.office.database import gates
from mqtt.office.files import replace
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.notices.raising import retract_unsigned
from mqtt.office.repository import changing
from mqtt.office.terms import Authority
from provisioning.delegations import delegations_of, delegations_with, keys_of


@dataclass(frozen=True)
class Applied:
    """What a regulation has changed.

    Attributes:
        roles: Whose keys, paths or threshold are others now.
        unsigned: Of those, the roles whose signed file waits for keys that are not on this machine: booths keep what
            they have of them and take nothing new.
        gates: That were not there before.
    """

    roles: tuple[str, ...]
    unsigned: tuple[str, ...]
    gates: tuple[str, ...]


def apply_regulation(home: Home, engine: Engine, text: bytes, now: datetime) -> Applied:
    """Bring an edited regulation into force.

    Raises:
        ContractError: ``E_CONFIG`` or ``E_SCHEMA`` naming the key that is wrong; ``E_KEY``, the keys of ``targets`` are
            not here, or an officer's is not known. Nothing has changed.
    """
    authority = parse_authority(text)
    keyring = Keyring(home.keys)
    for name, officer in authority.officers.items():
        if officer.revoked is None and keyring.officer(name) is None:
            keyring.appoint(name, officer.key)
    with changing(home, engine, now, regulation=authority) as change:
        roles, unsigned = _delegate(change, authority, keyring)
        new_gates = _add_gates(change, authority)
        reassign(change)
        retract_unsigned(change)
        change.touch()
        change.sign()
        replace(home.authority / AUTHORITY_FILE, text)
    return Applied(roles, unsigned, new_gates)


def revoke_officer(home: Home, engine: Engine, name: str, now: datetime) -> Applied:
    """Let an officer's key count no more from now on, on every booth that hears of it.

    Raises:
        ContractError: ``E_OFFICER``, nobody has this name; ``E_CONFIG``, too few would be left to sign: appoint another
            first. As :func:`apply_regulation`.
    """
    _known(home, name)

    def revoke(officer: Any) -> None:  # noqa: ANN401 - a table of TOML
        officer["revoked"] = now

    return apply_regulation(home, engine, _edited(home, name, revoke), now)


def rotate_officer(home: Home, engine: Engine, name: str, now: datetime, place: str | None = None) -> Applied:
    """Give an officer another key; the one before counts no more.

    Args:
        home: Of the office.
        engine: Its database.
        name: Of the officer.
        now: Moment of signing.
        place: ``file`` or a token (``hsm:…``); None leaves it where it was.

    Raises:
        ContractError: ``E_OFFICER``; as :func:`apply_regulation`.
    """
    before = _known(home, name).key

    def move(officer: Any) -> None:  # noqa: ANN401 - a table of TOML
        officer["key"] = place or before

    text = _edited(home, name, move)
    parse_authority(text)
    Keyring(home.keys).retire(name)
    return apply_regulation(home, engine, text, now)


def rotate_role(home: Home, engine: Engine, role: str, now: datetime) -> Applied:
    """Give a role whose keys have no names other keys.

    Raises:
        ContractError: ``E_UNKNOWN``, the regulation has no such role; ``E_OFFICER``, its keys are officers'; ``E_KEY``.
    """
    authority = read_authority(home.authority)
    planned = {one.role: one for one in delegations_of(authority)}
    if role not in planned:
        raise ContractError(ErrorCode.UNKNOWN, f"role {role}; there are {', '.join(planned)}")
    if named := authority.officers_of(role):
        raise ContractError(ErrorCode.OFFICER, f"the keys of {role} are those of {', '.join(named)}: rotate theirs")
    with changing(home, engine, now) as change:
        keyring = Keyring(home.keys)
        fresh = [signer.public_key for signer in keyring.create(role, planned[role].keys)]
        roles, unsigned = _delegate(change, authority, keyring, {role: list(fresh)})
        retract_unsigned(change)
        change.touch()
    return Applied(roles, unsigned, ())


def _delegate(
    change: Change, authority: Authority, keyring: Keyring, instead: dict[str, Any] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    before: Delegations = change.read("targets").delegations
    known = {name: [before.keys[keyid] for keyid in role.keyids] for name, role in (before.roles or {}).items()} | (
        instead or {}
    )
    planned = delegations_of(authority)
    public = {one.role: keys_of(one, authority, keyring, known, change.now) for one in planned}
    after = delegations_with(planned, public, authority, change.now)
    if after.to_dict() == before.to_dict():
        return (), ()
    change.edit("targets").delegations = after
    old, new = before.roles or {}, after.roles or {}
    changed = [name for name in new if name not in old or new[name].to_dict() != old[name].to_dict()]
    unsigned = []
    for one in planned:
        if not one.has_file or one.role not in changed:
            continue
        if one.role not in old:
            change.begin(one.role)
        elif change.can_sign(one.role):
            listed = change.edit(one.role).targets
            for path in [path for path in listed if not new[one.role].is_delegated_path(path)]:
                del listed[path]
        else:
            unsigned.append(one.role)
    gone = [name for name in old if name not in new]
    return (*changed, *gone), tuple(unsigned)


def _add_gates(change: Change, authority: Authority) -> tuple[str, ...]:
    known = set(change.connection.scalars(select(gates.c.gate)))
    new = [name for name in authority.gates if name not in known]
    for name in new:
        terms = authority.gates[name]
        row = {"gate": name, "kind": terms.kind, "names": {"vi": terms.vi, "en": terms.en}}
        change.connection.execute(insert(gates).values(row))
    return tuple(new)


def _known(home: Home, name: str) -> Any:  # noqa: ANN401 - OfficerTerms
    officers = read_authority(home.authority).officers
    if name not in officers:
        raise ContractError(
            ErrorCode.OFFICER, f"{name}; the regulation knows {', '.join(officers) or 'nobody by name'}"
        )
    return officers[name]


def _edited(home: Home, name: str, edit: Callable[[Any], None]) -> bytes:
    """The regulation's file with one officer changed, comments and order as they were."""
    document = tomlkit.parse((home.authority / AUTHORITY_FILE).read_text("utf-8"))
    officers: Any = document["officers"]
    edit(officers[name])
    return tomlkit.dumps(document).encode()
