"""Which signed bytes may be believed now: python-tuf over the inbox, our floors, trusted time.

    inbox ──► python-tuf (from the factory root, every time anew) ──► floors ──► View

Nothing is remembered but the floors and the inbox; a failed refresh changes nothing.
"""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

from tuf.api import exceptions as tuf
from tuf.api.metadata import Metadata, Root, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.ngclient import Updater
from tuf.ngclient.config import UpdaterConfig

from appliance.errors import ErrorCode, LinkError, RefusedError
from appliance.sticks import Offer
from appliance.trust.floor import Floors
from appliance.trust.inbox import URL, Inbox, InboxFetcher
from appliance.trust.view import View, refusal
from mqtt.contract.documents import decode
from mqtt.contract.duty import Delegated, delegated
from mqtt.contract.errors import ContractError
from mqtt.contract.releases import assign_target
from mqtt.contract.repository import ASSIGN_LIMIT, ROOT_LIMIT, Assignment, MetaSet

ROOTS_AHEAD: Final = 256
"""Roots further ahead of the one believed are not kept: nobody fills the disk with them."""

_BEFORE_ANY_EXPIRY: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED: Final = ("timestamp", "snapshot", "targets")
_CONFIG: Final = UpdaterConfig(max_delegations=128)


class Trust:
    """Verifies what arrives, and remembers the newest set that was believed.

    Args:
        folder: ``trust/`` on the data partition.
        factory_root: The TUF root this booth was born with.
        scratch: Emptied and used at each verification; in memory best. None makes one and removes it in the end.
    """

    def __init__(self, folder: Path, factory_root: bytes, scratch: Path | None = None) -> None:
        self._bootstrap = factory_root
        self._born_with = Metadata[Root].from_bytes(factory_root).signed.version
        self._inbox = Inbox(folder / "inbox")
        self._floors = Floors(folder / "floors.json")
        self._own = None if scratch else TemporaryDirectory(prefix="booth-trust-", ignore_cleanup_errors=True)
        self._scratch = scratch or Path(self._own.name if self._own else "")
        self._offered: MetaSet | None = None
        self._offered_assignment: bytes | None = None
        self._targets: Targets | None = None
        self.refuses_newest = False
        """Whether the newest set that was offered is not believed."""

    @property
    def versions(self) -> dict[str, int]:
        """Newest believed version per role."""
        return self._floors.by_role

    def offer_meta(self, payload: bytes) -> None:
        """Take a metadata set from the wire; :meth:`refresh` judges it.

        Raises:
            ContractError: It cannot even be read; drop it.
        """
        try:
            self.offer_set(MetaSet.parse(payload))
        except ContractError:
            self.refuses_newest = True
            raise

    def offer_set(self, meta: MetaSet) -> None:
        """Take a metadata set that has been read already; :meth:`refresh` judges it.

        One whose timestamp has the number of the one believed and says something else is no news: it is let pass.
        """
        known = self._inbox.meta()
        same_root = known is not None and meta.root_latest <= known.root_latest
        self._offered = None if known is not None and same_root and _restates(known, meta) else meta

    def offer_root(self, number: int, body: bytes) -> None:
        """Take one version of the root from the wire.

        Raises:
            RefusedError: ``E_SIZE``; no repository has roots like that. ``E_SIGNATURE``; the root before it, which is
                here, does not vouch for it. Nothing is changed.
            DeviceError: ``E_DISK``; it is not kept, ask for it again later.
        """
        if len(body) > ROOT_LIMIT or number > self.versions.get("root", 1) + ROOTS_AHEAD:
            raise RefusedError(ErrorCode.SIZE, f"root {number} of {len(body)} bytes")
        if number <= self._born_with or self._inbox.root(number) == body:
            return
        before = self._bootstrap if number == self._born_with + 1 else self._inbox.root(number - 1)
        if before is not None and not _follows(before, body, number):
            raise RefusedError(ErrorCode.SIGNATURE, f"root {number} does not follow root {number - 1}")
        self._inbox.put_root(number, body)

    def offer_assignment(self, body: bytes) -> None:
        """Take the gate's assignment from the wire; it counts when its bytes are signed.

        Raises:
            RefusedError: ``E_SIZE``.
        """
        if len(body) > ASSIGN_LIMIT:
            raise RefusedError(ErrorCode.SIZE, f"assignment of {len(body)} bytes, at most {ASSIGN_LIMIT}")
        self._offered_assignment = body

    def assignment(self, view: View, gate: str) -> Assignment | None:
        """Return what is assigned to a gate, None when nothing is.

        Raises:
            LinkError: The assignment that was signed has not arrived.
            RefusedError: What arrived is not what was signed, or the role is refused.
            DeviceError: ``E_DISK``; what was offered is not forgotten, try again later.
        """
        signed = view.assignment(gate)
        if signed is None:
            return None
        kept, offered = self._inbox.assign(), self._offered_assignment
        if kept is not None and signed.matches(kept):
            return decode(Assignment, kept, ASSIGN_LIMIT)
        if offered is None:
            raise LinkError(ErrorCode.MISSING, f"the assignment {signed.sha256[:12]} has not arrived")
        if not signed.matches(offered):
            raise RefusedError(ErrorCode.SIGNATURE, f"what arrived is not the signed {signed.sha256[:12]}")
        assignment = decode(Assignment, offered, ASSIGN_LIMIT)
        self._inbox.put_assign(offered)
        return assignment

    def refresh(self, now: datetime) -> View | None:
        """Verify what was offered, else what was believed before, at trusted time ``now``; None when there is nothing.

        Raises:
            RefusedError: The set is refused as a whole; what was believed stays. Report the code.
            LinkError: A piece has not arrived yet; try again when something does.
            DeviceError: ``E_DISK``; what was offered is not forgotten, try again later.
        """
        meta = self._offered or self._inbox.meta()
        if meta is None:
            return None
        try:
            if self._offered is not None:
                # kept before the floors rise: a cut between the two must not leave floors above all that is here
                self._rehearse(meta, now, {})
                self._inbox.put_meta(meta)
            view = self._verify(meta, now)
        except RefusedError:
            self.refuses_newest = self.refuses_newest or self._offered is not None
            self._offered = None
            raise
        self._targets = view.targets
        if self._offered is not None:
            self._offered = None
            self.refuses_newest = False
        return view

    def delegated(self, path: str) -> Delegated | None:
        """Return whose envelopes count for a path by the newest set that was believed, also when it has expired.

        Raises:
            RefusedError: What was believed is no longer whole on this disk.
            LinkError: A piece of it is missing.
        """
        if self._targets is None and (meta := self._inbox.meta()) is not None:
            self._targets = self._verify_with(meta, _BEFORE_ANY_EXPIRY, {}, rehearsal=True)[0].targets
        return delegated(self._targets, path) if self._targets else None

    def judge(self, offer: Offer, gate: str, now: datetime) -> None:
        """Take a whole offer from elsewhere than the wire, or nothing of it; :meth:`refresh` then finds it here.

        What the wire has offered meanwhile is not touched, and no root is kept before it was verified.

        Raises:
            ContractError: The offer is refused: ``E_SIGNATURE`` also for an assignment that is not the signed one.
            LinkError: ``E_MISSING``; a piece is not in the offer.
        """
        meta = MetaSet.parse(offer.meta)
        if not _names(meta, gate, offer.assignment):
            raise RefusedError(ErrorCode.SIGNATURE, f"the assignment is not the one that was signed for {gate}")
        roots = self._rehearse(meta, now, offer.roots)
        for number, body in roots.items():
            self._inbox.put_root(number, body)
        self._inbox.put_meta(meta)
        self._offered_assignment = offer.assignment
        self.refuses_newest = False

    def _rehearse(self, meta: MetaSet, now: datetime, offered_roots: Mapping[int, bytes]) -> dict[int, bytes]:
        """Verify a set twice, changing nothing: that it follows what was believed, and that it is whole by itself.

        python-tuf does not look at files it remembers, so that the first alone would let spoilt ones pass.
        """
        self._verify_with(meta, now, offered_roots, rehearsal=True, remembered=self._inbox.meta())
        return self._verify_with(meta, now, offered_roots, rehearsal=True)[1]

    def _verify(self, meta: MetaSet, now: datetime) -> View:
        return self._verify_with(meta, now, {})[0]

    def _verify_with(
        self,
        meta: MetaSet,
        now: datetime,
        offered_roots: Mapping[int, bytes],
        *,
        rehearsal: bool = False,
        remembered: MetaSet | None = None,
    ) -> tuple[View, dict[int, bytes]]:
        self._recall(remembered)
        fetcher = InboxFetcher(self._inbox, meta, offered_roots)
        try:
            updater = Updater(
                metadata_dir=str(self._scratch),
                metadata_base_url=URL,
                fetcher=fetcher,
                config=_CONFIG,
                bootstrap=self._bootstrap,
            )
            updater._trusted_set.reference_time = now  # noqa: SLF001 - python-tuf has no public door for trusted time
            updater.refresh()
        except (tuf.RepositoryError, tuf.DownloadError) as error:
            raise refusal(error) from error
        return View(updater, meta.files, self._floors, rehearsal=rehearsal), fetcher.served_roots

    def _recall(self, remembered: MetaSet | None) -> None:
        """Let python-tuf remember a set, or nothing: what it writes itself is thrown away each time."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        for role, text in _newest(remembered).items():
            (self._scratch / f"{role}.json").write_text(text, "utf-8")

    def close(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self._scratch, ignore_errors=True)
        if self._own:
            self._own.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _names(meta: MetaSet, gate: str, assignment: bytes) -> bool:
    """Whether the set lists exactly these bytes as the gate's assignment; whether it may is for python-tuf to say."""
    text = next((text for name, text in meta.files.items() if name.partition(".")[2] == "assignments.json"), None)
    try:
        role = Metadata[Targets].from_bytes(text.encode()) if text else None
    except DeserializationError as error:
        raise RefusedError(ErrorCode.MALFORMED, f"assignments: {error}") from error
    target = role.signed.targets.get(assign_target(gate)) if role else None
    return target is not None and target.hashes.get("sha256") == sha256(assignment).hexdigest()


def _newest(meta: MetaSet | None) -> dict[str, str]:
    """Return the files of the three top roles in a set: its timestamp, and the newest snapshot and targets."""
    newest: dict[str, tuple[int, str]] = {}
    for name, text in (meta.files if meta else {}).items():
        number, _, role = name.removesuffix(".json").rpartition(".")
        version = int(number or 0)
        if role in _REMEMBERED and version >= newest.get(role, (0, ""))[0]:
            newest[role] = (version, text)
    return {role: text for role, (_, text) in newest.items()}


def _restates(known: MetaSet, offered: MetaSet) -> bool:
    """Whether two sets have timestamps of one number that differ; whoever signed the second should have counted on."""
    before, after = (one.files.get("timestamp.json", "") for one in (known, offered))
    try:
        numbers = {Metadata[Timestamp].from_bytes(text.encode()).signed.version for text in (before, after)}
    except DeserializationError:
        return False
    return before != after and len(numbers) == 1


def _follows(before: bytes, body: bytes, number: int) -> bool:
    """Whether a root carries the next number and enough signatures of the one before and of its own keys."""
    try:
        old, new = Metadata[Root].from_bytes(before).signed, Metadata[Root].from_bytes(body)
        for signer in (old, new.signed):
            signer.verify_delegate("root", new.signed_bytes, new.signatures)
    except (tuf.RepositoryError, ValueError):
        return False
    return new.signed.version == number
