"""One verified state of the repository: who signed what, believed as far as the regulation lets them say it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key
from tuf.api import exceptions as tuf
from tuf.api.metadata import DelegatedRole, Metadata, Root, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater

from appliance.errors import BoothError, ErrorCode, LinkError, RefusedError
from appliance.trust.floor import Floors
from mqtt.contract.releases import COSIGNER, assign_target, cosign_target, release_target
from mqtt.contract.repository import EPOCH_FIELD, ISSUED_FIELD


@dataclass(frozen=True)
class SignedTarget:
    """A target somebody competent has signed: digest and size of its bytes."""

    sha256: str
    size: int
    role: str

    def matches(self, data: bytes) -> bool:
        """Whether these are the signed bytes."""
        return len(data) == self.size and sha256(data).hexdigest() == self.sha256


class View:
    """One verified state of the repository. Roles of agencies are verified when first asked for.

    Raises (all methods): RefusedError with the code for that role; other roles stay usable. LinkError when a role
    has not arrived.
    """

    def __init__(self, updater: Updater, files: dict[str, str], floors: Floors, *, rehearsal: bool = False) -> None:
        self._updater = updater
        self._trusted: Any = updater._trusted_set  # noqa: SLF001 - versions and signed time have no public door
        self._files = files
        self._floors = floors
        root: Root = self._trusted.root
        self.epoch = int(root.unrecognized_fields.get(EPOCH_FIELD, 0))
        timestamp: Timestamp = self._trusted.timestamp
        self.issued = _moment(timestamp.unrecognized_fields.get(ISSUED_FIELD))
        self._targets: Targets = self._trusted.targets
        seen = {"root": root.version}
        for role in ("timestamp", "snapshot", "targets"):
            seen[_floor_key(role, root.roles[role].keyids)] = self._trusted[role].version
        if rehearsal:
            floors.check(seen)
        else:
            floors.raise_to(seen)

    def release(self, category: str, agency: str) -> SignedTarget | None:
        """Return the signed release head of a stream, None if the agency has published none."""
        return self._target(release_target(category, agency), agency)

    def cosignature(self, category: str, agency: str) -> SignedTarget | None:
        """Return the head Foreign Affairs agrees with, None if there is none."""
        return self._target(cosign_target(category, agency), COSIGNER)

    def assignment(self, gate: str) -> SignedTarget | None:
        """Return the signed assignment of a gate."""
        return self._target(assign_target(gate), "assignments")

    @property
    def targets(self) -> Targets:
        """The verified targets: who may say what."""
        return self._targets

    def _target(self, path: str, role: str) -> SignedTarget | None:
        try:
            info: TargetFile | None = self._updater.get_targetinfo(path)
        except (tuf.RepositoryError, tuf.DownloadError) as error:
            raise self._refusal(error, role) from error
        delegation = self._delegation(role)
        if delegation is None or role not in self._trusted:
            return None
        self._floors.raise_to({_floor_key(role, delegation.keyids): self._trusted[role].version})
        foreign = [path for path in self._trusted[role].targets if not delegation.is_delegated_path(path)]
        if foreign:
            raise RefusedError(ErrorCode.AUTHORITY, f"{role} lists {foreign[0]}, which is not its own")
        return SignedTarget(info.hashes["sha256"], info.length, role) if info else None

    def _delegation(self, role: str) -> DelegatedRole | None:
        roles = self._targets.delegations.roles if self._targets.delegations else None
        return roles.get(role) if roles else None

    def _refusal(self, error: Exception, role: str) -> BoothError:
        if isinstance(error, tuf.UnsignedMetadataError):
            owners = self._signers_of(role)
            if role in owners:
                return RefusedError(ErrorCode.THRESHOLD, f"{role} is signed by fewer than must")
            if owners:
                return RefusedError(ErrorCode.AUTHORITY, f"{role} is signed by {owners[0]}")
        return refusal(error)

    def _signers_of(self, role: str) -> list[str]:
        """Roles of whose keys at least one has truly signed the file of a role."""
        delegations = self._targets.delegations
        if delegations is None or not delegations.roles:
            return []
        for name, text in self._files.items():
            if name.partition(".")[2] == f"{role}.json":
                document = Metadata[Targets].from_bytes(text.encode())
                signed = {keyid for keyid in document.signatures if _has_signed(delegations.keys.get(keyid), document)}
                return [other.name for other in delegations.roles.values() if signed & set(other.keyids)]
        return []


def _has_signed(key: Key | None, document: Metadata[Targets]) -> bool:
    try:
        if key is not None:
            key.verify_signature(document.signatures[key.keyid], document.signed_bytes)
    except UnverifiedSignatureError:
        return False
    return key is not None


def refusal(error: Exception) -> BoothError:
    """Translate python-tuf's errors into ours."""
    match error:
        case tuf.DownloadLengthMismatchError():
            return RefusedError(ErrorCode.SIZE, str(error))
        case tuf.DownloadError():
            return LinkError(ErrorCode.MISSING, str(error))
        case tuf.ExpiredMetadataError():
            code = ErrorCode.EXPIRED
        case tuf.BadVersionNumberError():
            code = ErrorCode.ROLLBACK
        case tuf.UnsignedMetadataError():
            code = ErrorCode.SIGNATURE
        case tuf.LengthOrHashMismatchError():
            code = ErrorCode.DIGEST
        case _:
            code = ErrorCode.MALFORMED
    return RefusedError(code, str(error))


def _floor_key(role: str, keyids: list[str]) -> str:
    return f"{role}@{sha256(' '.join(sorted(keyids)).encode()).hexdigest()[:16]}"


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
