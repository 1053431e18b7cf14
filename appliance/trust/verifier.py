"""Which signed bytes may be believed now: python-tuf over the inbox, our floors, trusted time.

    inbox ──► python-tuf (from the factory root, every time anew) ──► floors ──► View

Nothing is remembered but the floors and the inbox; a failed refresh changes nothing.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

from tuf.api import exceptions as tuf
from tuf.api.metadata import Targets
from tuf.ngclient import Updater
from tuf.ngclient.config import UpdaterConfig

from appliance.errors import ErrorCode, LinkError, RefusedError
from appliance.trust.delegated import Delegated, delegated
from appliance.trust.floor import Floors
from appliance.trust.inbox import URL, Inbox, InboxFetcher
from appliance.trust.view import View, refusal
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.repository import ASSIGN_LIMIT, ROOT_LIMIT, Assignment, MetaSet

ROOTS_AHEAD: Final = 256
"""Roots further ahead of the one believed are not kept: nobody fills the disk with them."""

_BEFORE_ANY_EXPIRY: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONFIG: Final = UpdaterConfig(max_delegations=128)


class Trust:
    """Verifies what arrives, and remembers the newest set that was believed.

    Args:
        folder: ``trust/`` on the data partition.
        factory_root: The TUF root this booth was born with.
    """

    def __init__(self, folder: Path, factory_root: bytes) -> None:
        self._bootstrap = factory_root
        self._inbox = Inbox(folder / "inbox")
        self._floors = Floors(folder / "floors.json")
        self._scratch = TemporaryDirectory(prefix="booth-trust-")
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
            self._offered = MetaSet.parse(payload)
        except ContractError:
            self.refuses_newest = True
            raise

    def offer_root(self, number: int, body: bytes) -> None:
        """Take one version of the root from the wire.

        Raises:
            RefusedError: ``E_SIZE``; no repository has roots like that.
        """
        if len(body) > ROOT_LIMIT or number > self.versions.get("root", 1) + ROOTS_AHEAD:
            raise RefusedError(ErrorCode.SIZE, f"root {number} of {len(body)} bytes")
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
        """
        meta = self._offered or self._inbox.meta()
        if meta is None:
            return None
        try:
            view = self._verify(meta, now)
        except RefusedError:
            self.refuses_newest = self.refuses_newest or self._offered is not None
            self._offered = None
            raise
        if self._offered is not None:
            self._inbox.put_meta(meta)
            self._targets = view.targets
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
            self._targets = self._verify(meta, _BEFORE_ANY_EXPIRY).targets
        return delegated(self._targets, path) if self._targets else None

    def _verify(self, meta: MetaSet, now: datetime) -> View:
        # python-tuf writes what it has seen; it gets an empty folder each time, so that only our floors remember
        shutil.rmtree(self._scratch.name, ignore_errors=True)
        Path(self._scratch.name).mkdir()
        try:
            updater = Updater(
                metadata_dir=self._scratch.name,
                metadata_base_url=URL,
                fetcher=InboxFetcher(self._inbox, meta),
                config=_CONFIG,
                bootstrap=self._bootstrap,
            )
            updater._trusted_set.reference_time = now  # noqa: SLF001 - python-tuf has no public door for trusted time
            updater.refresh()
        except (tuf.RepositoryError, tuf.DownloadError) as error:
            raise refusal(error) from error
        return View(updater, meta.files, self._floors)

    def close(self) -> None:
        """Remove the scratch folder."""
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
