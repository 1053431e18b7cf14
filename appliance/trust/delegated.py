"""Whose single envelopes count: the first delegation of the newest verified targets that matches, even if expired."""

from dataclasses import dataclass

from securesystemslib.signer import Key
from tuf.api.metadata import Targets


@dataclass(frozen=True)
class Delegated:
    """Keys of one role, and how many must sign."""

    role: str
    keys: tuple[Key, ...]
    threshold: int


def delegated(targets: Targets, path: str) -> Delegated | None:
    """Return who may say ``path`` in an envelope of its own, None if nobody may."""
    delegations = targets.delegations
    if delegations is None or not delegations.roles:
        return None
    for role in delegations.roles.values():
        if role.is_delegated_path(path):
            keys = tuple(delegations.keys[keyid] for keyid in role.keyids if keyid in delegations.keys)
            return Delegated(role.name, keys, role.threshold)
    return None
