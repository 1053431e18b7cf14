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

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Role, Root, Snapshot, Targets, Timestamp

from mqtt.contract.notices import DUTY_SUFFIX
from mqtt.contract.releases import COSIGNER
from mqtt.contract.repository import EPOCH_FIELD
from mqtt.office.authority import TOP_ROLES, Authority
from mqtt.office.keys import Keyring
from mqtt.office.publish import supply_pattern
from mqtt.office.repository import vouch, whole_seconds

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
    """Make the keys of all roles and sign version 1 of every file; returns the files by role.

    Raises:
        ContractError: ``E_EXISTS``; a role has a key here already.
        OSError: The disk is full or read-only.
    """
    moment = whole_seconds(now)
    planned = delegations_of(authority)
    signers = {role: keyring.create(role, authority.roles[role].keys) for role in TOP_ROLES}
    signers |= {one.role: keyring.create(one.role, one.keys) for one in planned}
    documents: dict[str, Any] = {
        "root": _root(authority, signers),
        "targets": Targets(delegations=_delegations(planned, signers)),
        **{one.role: Targets() for one in planned if one.has_file},
    }
    thresholds = {role: authority.roles[role].threshold for role in TOP_ROLES}
    thresholds |= {one.role: one.threshold for one in planned}
    files: dict[str, bytes] = {}

    def sign(role: str, document: Any) -> None:  # noqa: ANN401 - any of TUF's signed parts
        document.expires = moment + authority.life_of(role)
        metadata: Metadata[Any] = Metadata(document)
        for signer in signers[role][: thresholds[role]]:
            metadata.sign(signer, append=True)
        files[role] = metadata.to_bytes()

    for role, document in documents.items():
        sign(role, document)
    listed = {f"{role}.json": MetaFile(1) for role in files if role != "root"}
    sign("snapshot", Snapshot(meta=listed))
    stamp = Timestamp()
    vouch(stamp, 1, files["snapshot"], moment)
    sign("timestamp", stamp)
    return files


def _root(authority: Authority, signers: Mapping[str, list[CryptoSigner]]) -> Root:
    roles = {role: Role([], authority.roles[role].threshold) for role in TOP_ROLES}
    root = Root(roles=roles, consistent_snapshot=True, unrecognized_fields={EPOCH_FIELD: 0})
    for role in TOP_ROLES:
        for signer in signers[role]:
            root.add_key(signer.public_key, role)
    return root


def _delegations(planned: list[Delegated], signers: Mapping[str, list[CryptoSigner]]) -> Delegations:
    public = [signer.public_key for one in planned for signer in signers[one.role]]
    keys: dict[str, Key] = {key.keyid: key for key in public}
    roles = {
        one.role: DelegatedRole(
            name=one.role,
            keyids=[signer.public_key.keyid for signer in signers[one.role]],
            threshold=one.threshold,
            terminating=True,
            paths=list(one.paths),
        )
        for one in planned
    }
    return Delegations(keys, roles)
