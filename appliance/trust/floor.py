"""The newest version of each role this booth has believed. It never goes down by itself.

python-tuf forgets on a truncated file and does not fsync; this does neither. A floor belongs to a role *and its
keys*: when root or targets name new keys for a role, its versions start again.
"""

from pathlib import Path

import msgspec

from appliance.errors import ErrorCode, RefusedError
from appliance.lib import facts


class _Floors(msgspec.Struct, frozen=True):
    versions: dict[str, int]


class Floors:
    """Version floors in one fsynced file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        stored = facts.read(path, _Floors)
        self._versions = dict(stored.versions) if stored else {}

    @property
    def by_role(self) -> dict[str, int]:
        """Newest believed version per role."""
        newest: dict[str, int] = {}
        for key, version in self._versions.items():
            role = key.partition("@")[0]
            newest[role] = max(version, newest.get(role, 0))
        return newest

    def raise_to(self, seen: dict[str, int]) -> None:
        """Accept verified versions, keyed ``role@keys``, durably.

        Raises:
            RefusedError: ``E_ROLLBACK``; one of them is older than what was believed before. Nothing is changed.
        """
        for key, version in seen.items():
            if version < (floor := self._versions.get(key, 0)):
                role = key.partition("@")[0]
                raise RefusedError(ErrorCode.ROLLBACK, f"{role} version {version} after {floor}")
        raised = {key: version for key, version in seen.items() if version > self._versions.get(key, 0)}
        if raised:
            self._versions |= raised
            facts.write_durable(self._path, _Floors(self._versions))
