"""The root ceremony: other keys for the roles that name all others, and the repair after a disaster.

    keys of root in force ─┐
    new keys of root ──────┴─► root N+1 ─► signed by both ─► every booth follows, one version at a time

What a booth has believed never goes down by itself. Root alone can let it begin again: other keys of ``timestamp`` and
``snapshot`` start the floors of those roles anew (somebody had their keys and published enormous versions), a greater
clock epoch starts the clock floor anew (somebody had signed a moment far in the future).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from tuf.api.metadata import Root

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import EPOCH_FIELD
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.mistakes import TOP_ROLES
from mqtt.office.repository import changing

FLOORS: Final = ("timestamp", "snapshot")
"""Roles whose keys are replaced to let booths' floors begin again."""


def rotate_top(
    home: Home, engine: Engine, roles: Collection[str], now: datetime, *, new_clock_epoch: bool = False
) -> int:
    """Replace the keys of root, targets, snapshot or timestamp; returns the version of the new root.

    Args:
        home: Of the office; the keys of root and of the roles replaced must be there for the time of the ceremony.
        engine: Its database.
        roles: Whose keys.
        now: Moment of signing.
        new_clock_epoch: Booths forget how late it once was, and learn it anew.

    Raises:
        ContractError: ``E_UNKNOWN``, none of root's roles; ``E_KEY``. Nothing has changed.
    """
    strange = sorted(set(roles) - set(TOP_ROLES))
    if strange:
        raise ContractError(ErrorCode.UNKNOWN, f"{', '.join(strange)}; root names {', '.join(TOP_ROLES)}")
    with changing(home, engine, now) as change:
        root = change.edit_root()
        for role in roles:
            terms = change.authority.roles[role]
            fresh = Keyring(home.keys).create(role, terms.keys)
            _forget_keys(root, role)
            root.roles[role].threshold = terms.threshold
            for signer in fresh:
                root.add_key(signer.public_key, role)
            if role != "root":
                change.edit(role)
        if new_clock_epoch:
            root.unrecognized_fields[EPOCH_FIELD] = int(root.unrecognized_fields.get(EPOCH_FIELD, 0)) + 1
        change.sign()
        version: int = change.read("root").version
    return version


def _forget_keys(root: Root, role: str) -> None:
    for keyid in list(root.roles[role].keyids):
        root.revoke_key(keyid, role)
