"""The newest version of each role this booth has believed. It never goes down by itself.

python-tuf forgets on a truncated file and does not fsync; this does neither: the floors are written twice, and a
copy that cannot be read is no reason to believe less. A floor belongs to a role *and its keys*: when root or targets
name new keys for a role, its versions start again.
"""

from pathlib import Path

import msgspec

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.lib import facts


class _Floors(msgspec.Struct, frozen=True):
    versions: dict[str, int]


class Floors:
    """Version floors in two fsynced copies, ``floors.json`` and ``floors.copy.json``.

    Raises:
        DeviceError: ``E_DISK``; floors were written here and no copy can be read. Do not believe anything.
    """

    def __init__(self, path: Path) -> None:
        self._copies = (path.with_suffix(".copy.json"), path)
        written = [copy for copy in self._copies if copy.exists()]
        read = [floors for copy in written if (floors := facts.read(copy, _Floors)) is not None]
        if written and not read:
            raise DeviceError(ErrorCode.DISK, f"{path.name} cannot be read")
        self._versions: dict[str, int] = {}
        for floors in read:
            self._versions |= {key: max(at, self._versions.get(key, 0)) for key, at in floors.versions.items()}

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
            DeviceError: ``E_DISK``; they cannot be remembered, so they are not believed. Nothing is changed.
        """
        self.check(seen)
        raised = {key: version for key, version in seen.items() if version > self._versions.get(key, 0)}
        if raised:
            versions = self._versions | raised
            try:
                for copy in self._copies:
                    facts.write_durable(copy, _Floors(versions))
            except OSError as error:
                raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing the version floors") from error
            self._versions = versions

    def check(self, seen: dict[str, int]) -> None:
        """Judge verified versions without remembering them.

        Raises:
            RefusedError: ``E_ROLLBACK``; one of them is older than what was believed before.
        """
        for key, version in seen.items():
            if version < (floor := self._versions.get(key, 0)):
                role = key.partition("@")[0]
                raise RefusedError(ErrorCode.ROLLBACK, f"{role} version {version} after {floor}")
