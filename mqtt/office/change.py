"""One change of the office's TUF repository: what is edited in it is signed and stored in one step or not at all."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from securesystemslib.exceptions import UnverifiedSignatureError as SigningError
from securesystemslib.signer import Key, Signature, Signer
from sqlalchemy import Connection, insert, update
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import DelegatedRole, Metadata, MetaFile, Role, Root, Snapshot, TargetFile, Targets, Timestamp

from mqtt.contract.duty import Delegated, delegated
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import ISSUED_FIELD
from mqtt.office.database import metadata, revision
from mqtt.office.keys import Keyring
from mqtt.office.signed import newest_files
from mqtt.office.terms import Authority

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""By this much the clock may go back between two signatures."""

TIMESTAMP_AGE: Final = timedelta(hours=6)
"""A timestamp is signed again after this, also without any change."""


class Change:
    """One change of the repository inside one transaction; made by :func:`changing`.

    Attributes:
        connection: The transaction; whoever changes inventory with the repository writes through it.
        authority: The regulation in force.
        now: Moment of signing, UTC, whole seconds.
    """

    def __init__(self, connection: Connection, keyring: Keyring, authority: Authority, now: datetime) -> None:
        self.connection = connection
        self.authority = authority
        self._keyring = keyring
        self.now = whole_seconds(now)
        self._newest = {role: body for role, _, body in newest_files(connection)}
        self._edited: dict[str, Metadata[Any]] = {}
        self._complete: dict[str, Metadata[Any]] = {}
        self._leaving: tuple[Signer, ...] = ()
        self._touched = False
        if "root" not in self._newest:
            raise ContractError(ErrorCode.CONFIG, "no authority here yet; boothctl authority init makes one")
        self._refuse_a_clock_gone_back()

    def read(self, role: str) -> Any:  # noqa: ANN401 - Root, Targets, Snapshot or Timestamp, as the role is
        """Return the newest signed part of a role, not to be altered.

        Raises:
            ContractError: ``E_UNKNOWN``; there is no such role.
        """
        return self._metadata(role).signed

    def edit(self, role: str) -> Any:  # noqa: ANN401 - as above
        """Return the signed part of a role to be altered; it gets a new version and signatures at the end.

        Raises:
            ContractError: ``E_UNKNOWN``.
        """
        self._edited[role] = self._metadata(role)
        return self._edited[role].signed

    def edit_root(self) -> Root:
        """Return the root to be altered; the keys that are in force now will sign the new one as well.

        Raises:
            ContractError: ``E_KEY``; too few of them are on this machine.
        """
        self._leaving = tuple(self.signers("root"))
        root: Root = self.edit("root")
        return root

    def begin(self, role: str) -> None:
        """Let a role that is new in the regulation have a signed file, which lists nothing yet."""
        document: Metadata[Targets] = Metadata(Targets())
        document.signed.version = 0
        self._edited[role] = document

    def require_officer(self, role: str, officers: Collection[str]) -> None:
        """Refuse to sign without saying who does, where the regulation has named who may.

        Raises:
            ContractError: ``E_OFFICER``.
        """
        named = self.authority.officers_of(role)
        if named and not set(officers) & set(named):
            raise ContractError(ErrorCode.OFFICER, f"{role} is signed by {', '.join(named)}: say who you are with --as")

    def list_target(self, role: str, path: str, data: bytes) -> None:
        """List bytes under a path in a role.

        Raises:
            ContractError: ``E_AUTHORITY``; the regulation does not let the role say this. ``E_UNKNOWN``.
        """
        delegation = self.delegation(role)
        if delegation is None or not delegation.is_delegated_path(path):
            raise ContractError(ErrorCode.AUTHORITY, f"{role} may not sign {path}")
        targets: Targets = self.edit(role)
        targets.targets[path] = TargetFile(len(data), {"sha256": sha256(data).hexdigest()}, path)

    def delegation(self, role: str) -> DelegatedRole | None:
        """Return what the regulation in force lets a role say, None for an unknown role."""
        delegations = self.read("targets").delegations
        return delegations.roles.get(role) if delegations and delegations.roles else None

    def can_sign(self, role: str) -> bool:
        """Whether enough keys of a role are on this machine.

        Raises:
            ContractError: ``E_KEY``; one that is here may be read by others. ``E_AUTHORITY``; nobody knows the role.
        """
        return self._keyring.can_sign(role, *self._holder(role))

    def signers(self, role: str) -> list[Signer]:
        """Return as many keys of a role as must sign.

        Raises:
            ContractError: ``E_KEY``; too few are on this machine. ``E_AUTHORITY``; nobody knows the role.
        """
        return self._keyring.signers(role, *self._holder(role))

    def sign_partly(self, role: str, draft: bytes | None, given: Signature | None = None) -> tuple[bytes, list[str]]:
        """Put the signatures that can be given here under the next version of a role, as edited or as begun before.

        Args:
            role: Which; edited in this change when ``draft`` is None.
            draft: What others have signed already.
            given: A signature of exactly this draft that was made elsewhere.

        Returns:
            The draft to keep, and the ids of the keys that have signed it. With enough of them it is published.

        Raises:
            ContractError: ``E_ROLLBACK``; another version was published meanwhile, begin anew. ``E_KEY``;
                ``E_SIGNATURE``, what was given is no signature of this.
        """
        document: Metadata[Any] = Metadata.from_bytes(draft) if draft else self._edited.pop(role)
        if draft is None:
            self._next(document, role)
        elif document.signed.version != self.read(role).version + 1:
            raise ContractError(ErrorCode.ROLLBACK, f"{role}: another version was published since this was signed")
        terms, keys = self._holder(role)
        for signer in self._keyring.present(role, terms, keys).values() if given is None else ():
            put_signature(document, signer)
        if given is not None:
            _add(document, given, keys)
        signed = [keyid for keyid in terms.keyids if keyid in document.signatures]
        if len(signed) >= terms.threshold:
            self._complete[role] = document
        return document.to_bytes(), signed

    def duty_of(self, path: str) -> Delegated | None:
        """Return who may say a path in an envelope of its own, None if nobody may."""
        return delegated(self.read("targets"), path)

    def roles(self) -> list[str]:
        """Names of all roles with a signed file."""
        return sorted(self._newest)

    def is_old(self, role: str) -> bool:
        """Whether a role has lived half of its time; the timestamp, from which booths learn the time, some hours."""
        signed = self.read(role)
        if role == "timestamp":
            issued = issued_at(signed)
            return issued is None or self.now - issued >= TIMESTAMP_AGE
        return bool(signed.expires - self.now < self.authority.life_of(role) / 2)

    def touch(self) -> None:
        """The inventory has changed: the publisher must look, whether or not something is signed."""
        self._touched = True

    def sign(self) -> None:
        """Sign and store what was edited so far; the end of the change does it as well.

        Raises:
            ContractError: ``E_KEY``; keys of an edited role are not here. Leave the change with it.
        """
        roots = {"root": self._edited.pop("root")} if "root" in self._edited else {}
        tops = {role: self._edited.pop(role, None) for role in ("snapshot", "timestamp")}
        for role, document in (roots | self._edited).items():
            self._store(role, document)
        for role, document in self._complete.items():
            self._keep(role, document)
        signed = roots | self._edited | self._complete
        below = self._edited | self._complete
        if below or tops["snapshot"]:
            snapshot = tops["snapshot"] or self._metadata("snapshot")
            listed: Snapshot = snapshot.signed
            listed.meta.update({f"{role}.json": MetaFile(doc.signed.version) for role, doc in below.items()})
            self._store("snapshot", snapshot)
        if below or any(tops.values()):
            stamp = tops["timestamp"] or self._metadata("timestamp")
            vouch(stamp.signed, self.read("snapshot").version, self._newest["snapshot"], self.now)
            self._store("timestamp", stamp)
        if signed or any(tops.values()) or self._touched:
            self.connection.execute(update(revision).values(number=revision.c.number + 1))
        self._edited.clear()
        self._complete.clear()
        self._touched = False

    def _store(self, role: str, document: Metadata[Any]) -> None:
        """Sign the next version of a role and keep it."""
        self._next(document, role)
        itself: Root | None = document.signed if role == "root" else None
        terms, keys = (itself.roles[role], itself.keys) if itself else self._holder(role)
        leaving = self._leaving if role == "root" else ()
        for signer in (*leaving, *self._keyring.signers(role, terms, keys)):
            put_signature(document, signer)
        self._keep(role, document)

    def _next(self, document: Metadata[Any], role: str) -> None:
        document.signed.version += 1
        document.signed.expires = self.now + self.authority.life_of(role)
        document.signatures.clear()

    def _keep(self, role: str, document: Metadata[Any]) -> None:
        body = document.to_bytes()
        row = {"role": role, "version": document.signed.version, "body": body}
        self.connection.execute(insert(metadata).values(row))
        self._newest[role] = body

    def _holder(self, role: str) -> tuple[Role, dict[str, Key]]:
        root: Root = (self._edited.get("root") or self._metadata("root")).signed
        if role in root.roles:
            return root.roles[role], root.keys
        delegation, delegations = self.delegation(role), self.read("targets").delegations
        if delegation is None:
            raise ContractError(ErrorCode.AUTHORITY, f"the regulation in force does not know {role}")
        return delegation, delegations.keys

    def _metadata(self, role: str) -> Metadata[Any]:
        if role in self._edited:
            return self._edited[role]
        try:
            return Metadata.from_bytes(self._newest[role])
        except KeyError as error:
            raise ContractError(ErrorCode.UNKNOWN, f"role {role}") from error

    def _refuse_a_clock_gone_back(self) -> None:
        issued = issued_at(self.read("timestamp"))
        if issued and self.now < issued - CLOCK_TOLERANCE:
            raise ContractError(ErrorCode.CLOCK, f"it was {issued} at the last signature and is {self.now} now")


def put_signature(document: Metadata[Any], signer: Signer) -> None:
    """Sign a file of the repository with one more key.

    Raises:
        ContractError: ``E_KEY``; a token is not there, or its PIN is wrong.
    """
    try:
        document.sign(signer, append=True)
    except UnsignedMetadataError as error:
        raise ContractError(ErrorCode.KEY, f"the key does not sign: {error.__cause__ or error!r}") from error


def _add(document: Metadata[Any], given: Signature, keys: dict[str, Key]) -> None:
    try:
        keys[given.keyid].verify_signature(given, document.signed_bytes)
    except (KeyError, SigningError) as error:
        raise ContractError(ErrorCode.SIGNATURE, f"the signature given is none of this: {error}") from error
    document.signatures[given.keyid] = given


def vouch(stamp: Timestamp, version: int, snapshot: bytes, now: datetime) -> None:
    """Let a timestamp vouch for a snapshot, and say when it did."""
    stamp.snapshot_meta = MetaFile(version, len(snapshot), {"sha256": sha256(snapshot).hexdigest()})
    stamp.unrecognized_fields[ISSUED_FIELD] = whole_seconds(now).strftime("%Y-%m-%dT%H:%M:%SZ")


def issued_at(stamp: Timestamp) -> datetime | None:
    """Return the moment at which a timestamp was signed."""
    text = stamp.unrecognized_fields.get(ISSUED_FIELD)
    return datetime.fromisoformat(text) if text else None


def whole_seconds(moment: datetime) -> datetime:
    """Return a moment as TUF writes it: UTC, without fractions."""
    return moment.astimezone(UTC).replace(microsecond=0)
