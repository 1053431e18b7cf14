"""The first signed metadata: the regulation turned into TUF roles.

root ─┬─ timestamp ── snapshot
      └─ targets (delegations only, each terminating, fixed depth)
           ├─ assignments     assign/{gate}.json
           ├─ {agency}        {category}/{agency}/*        (foreign-affairs: territory/*/* as well)
           ├─ firmware        firmware/*/*
           ├─ operations      command/{name}/{booth}, config/*/*       ┐ envelopes: the delegation names the keys,
           ├─ collector       ack/{booth}                              │ there is no file to look things up in
           └─ {agency}-duty   notice/{gate}/{kind}                     ┘ (operations has both)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Role, Root, Snapshot, Targets, Timestamp

from mqtt.contract.duty import UNTIL_FIELD
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import DUTY_SUFFIX
from mqtt.contract.releases import COSIGNER
from mqtt.contract.repository import EPOCH_FIELD
from mqtt.office.change import put_signature, vouch, whole_seconds
from mqtt.office.keys import Keyring
from mqtt.office.mistakes import TOP_ROLES
from mqtt.office.publish import supply_pattern
from mqtt.office.terms import Authority

_FIXED: Final = {
    "assignments": ("assign/*",),
    "firmware": ("firmware/*/*",),
    "operations": ("command/*/*", "config/*/*"),
    "collector": ("ack/*",),
}
_WITHOUT_FILE: Final = frozenset({"collector"})


@dataclass(frozen=True)
class Delegated:
    """One delegation to be: paths, how many keys, how many must sign, and whether it has a signed file."""

    role: str
    paths: tuple[str, ...]
    keys: int
    threshold: int
    has_file: bool


def delegations_of(authority: Authority) -> list[Delegated]:
    """Return all delegations of a regulation in the order in which they are asked; pure."""
    found = [
        Delegated(role, paths, authority.roles[role].keys, authority.roles[role].threshold, role not in _WITHOUT_FILE)
        for role, paths in _FIXED.items()
    ]
    for agency in authority.order:
        terms = authority.agencies[agency]
        paths = tuple(supply_pattern(category, agency) for category in terms.categories)
        cosigned = ("territory/*/*",) if agency == COSIGNER else ()
        found.append(Delegated(agency, (*paths, *cosigned), terms.keys, terms.threshold, has_file=True))
    for agency in authority.order:
        if duty := authority.agencies[agency].duty:
            paths = tuple(f"notice/{notice}" for notice in duty.notices)
            found.append(Delegated(f"{agency}{DUTY_SUFFIX}", paths, duty.keys, duty.threshold, has_file=False))
    return found


def first_metadata(authority: Authority, keyring: Keyring, now: datetime) -> dict[str, bytes]:
    """Make the keys of all roles and officers and sign version 1 of every file; returns the files by role.

    Raises:
        ContractError: ``E_EXISTS``; a role has a key here already. ``E_KEY``; an officer's token is not there.
        OSError: The disk is full or read-only.
    """
    moment = whole_seconds(now)
    planned = delegations_of(authority)
    for name, officer in authority.officers.items():
        keyring.appoint(name, officer.key)
    tops = {role: keyring.create(role, authority.roles[role].keys) for role in TOP_ROLES}
    public = {one.role: keys_of(one, authority, keyring, {}, now) for one in planned}
    delegations = delegations_with(planned, public, authority, now)
    documents: dict[str, Any] = {
        "root": _root(authority, tops),
        "targets": Targets(delegations=delegations),
        **{one.role: Targets() for one in planned if one.has_file},
    }
    files: dict[str, bytes] = {}

    def sign(role: str, document: Any) -> None:  # noqa: ANN401 - any of TUF's signed parts
        document.expires = moment + authority.life_of(role)
        metadata: Metadata[Any] = Metadata(document)
        terms = delegations.roles[role] if delegations.roles and role in delegations.roles else None
        signers: Sequence[Signer] = tops[role][: authority.roles[role].threshold] if terms is None else ()
        for signer in signers or keyring.signers(role, terms or Role([], 1), delegations.keys):
            put_signature(metadata, signer)
        files[role] = metadata.to_bytes()

    for role, document in documents.items():
        sign(role, document)
    listed = {f"{role}.json": MetaFile(1) for role in files if role != "root"}
    sign("snapshot", Snapshot(meta=listed))
    stamp = Timestamp()
    vouch(stamp, 1, files["snapshot"], moment)
    sign("timestamp", stamp)
    return files


def keys_of(
    one: Delegated, authority: Authority, keyring: Keyring, known: Mapping[str, list[Key]], now: datetime
) -> list[Key]:
    """Return the public keys of a role: of its officers in office, else those it has, else new ones.

    Args:
        one: The role.
        authority: The regulation.
        keyring: Knows officers' keys, and makes new ones.
        known: Keys of roles that are delegated already.
        now: An appointment that has run out by then counts no more.

    Raises:
        ContractError: ``E_KEY``, an officer's key is not known here; ``E_OFFICER``, too few are in office to sign.
    """
    named = authority.officers_of(one.role)
    if not named:
        return list(known.get(one.role) or [signer.public_key for signer in keyring.create(one.role, one.keys)])
    keys = {name: keyring.officer(name) for name, officer in named.items() if officer.serves(now)}
    if len(keys) < one.threshold:
        raise ContractError(
            ErrorCode.OFFICER, f"{one.role} needs {one.threshold} officers in office and has {len(keys)}"
        )
    missing = [name for name, key in keys.items() if key is None]
    if missing:
        raise ContractError(ErrorCode.KEY, f"the key of {', '.join(missing)} is not known here")
    return [key for key in keys.values() if key is not None]


def delegations_with(
    planned: Iterable[Delegated], public: Mapping[str, list[Key]], authority: Authority, now: datetime
) -> Delegations:
    """Return the delegations of a regulation with these public keys by role, and until when each officer's counts."""
    keys: dict[str, Key] = {}
    roles: dict[str, DelegatedRole] = {}
    for one in planned:
        keys |= {key.keyid: key for key in public[one.role]}
        named = [officer for officer in authority.officers_of(one.role).values() if officer.serves(now)]
        until = {
            key.keyid: officer.until.isoformat()
            for key, officer in zip(public[one.role], named, strict=False)
            if officer.until is not None
        }
        roles[one.role] = DelegatedRole(
            name=one.role,
            keyids=[key.keyid for key in public[one.role]],
            threshold=one.threshold,
            terminating=True,
            paths=list(one.paths),
            unrecognized_fields={UNTIL_FIELD: until} if until else {},
        )
    return Delegations(keys, roles)


def _root(authority: Authority, signers: Mapping[str, Sequence[Signer]]) -> Root:
    roles = {role: Role([], authority.roles[role].threshold) for role in TOP_ROLES}
    root = Root(roles=roles, consistent_snapshot=True, unrecognized_fields={EPOCH_FIELD: 0})
    for role in TOP_ROLES:
        for signer in signers[role]:
            root.add_key(signer.public_key, role)
    return root
