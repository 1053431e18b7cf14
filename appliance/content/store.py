"""The only writer of ``content/``: takes verified bytes, installs whole releases, switches content sets.

    objects complete → release folder (hard links, fsync, rename) → set folder → catalogue reads it → rename ``current``

A power cut at any step leaves the set that was shown before; drafts are swept at the next start.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from appliance.content.catalogue import SetFile
from appliance.content.judgements import Judgements
from appliance.content.layout import Layout
from appliance.content.partial import Partial
from appliance.content.reuse import LocalChunks
from appliance.content.sets import Sets
from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.lib import files
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.releases import HEAD_LIMIT, LIST_LIMIT, BlobRef, FileList, ReleaseHead, indexes_of

RESERVE: Final = 1.2
"""Room asked for before a fetch, as a multiple of what is missing."""
_BLOCK_BYTES: Final = 512
"""Unit of ``st_blocks``, whatever the file system."""
_DRAFTS: Final = ("*", "derived/*", "objects/*/*", "releases/*/*/*", "sets/*", "sets/*/*")
"""Where drafts of ours may lie; a file of a release may have any name."""


class Store:
    """Content on the data partition.

    Args:
        layout: Paths under ``content/``.
        software: Version of the booth's software: what it refused another may accept.
    """

    def __init__(self, layout: Layout, software: str = "") -> None:
        self.layout = layout
        for folder in (layout.objects, layout.partial, layout.releases, layout.sets, layout.derived):
            files.make_folder(folder)
        self.sets = Sets(layout)
        self.judgements = Judgements(layout.judgements, software)
        self._sweep_drafts()
        self._sweep_unproven()
        self._local = LocalChunks(layout)

    # objects

    def has(self, blob: BlobRef) -> bool:
        """Whether the bytes are here, verified when they came."""
        try:
            return self.layout.object(blob.sha256).stat().st_size == blob.size
        except FileNotFoundError:
            return False

    def read(self, digest: str) -> bytes:
        """Return the bytes of an object."""
        return self.layout.object(digest).read_bytes()

    def put(self, blob: BlobRef, data: bytes) -> None:
        """Keep a small blob.

        Raises:
            RefusedError: ``E_SIZE`` or ``E_DIGEST``; ask somebody else.
            DeviceError: ``E_DISK``.
        """
        if len(data) != blob.size:
            raise RefusedError(ErrorCode.SIZE, f"{len(data)} bytes where {blob.size} were signed")
        if sha256(data).hexdigest() != blob.sha256:
            raise RefusedError(ErrorCode.DIGEST, f"not the bytes of {blob.sha256[:12]}")
        path = self.layout.object(blob.sha256)
        try:
            files.make_folder(path.parent)
            files.write_volatile(path, data)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing {blob.sha256[:12]}") from error

    def open_partial(self, blob: BlobRef, index: ChunkIndex) -> Partial:
        """Open or resume an arriving blob, filled with the chunks that lie here already in other files.

        Raises:
            DeviceError: ``E_DISK``.
        """
        try:
            partial = Partial(self.layout.partial, blob, index)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while opening {blob.sha256[:12]}") from error
        try:
            for number in partial.missing:
                if data := self._local.find(index.chunks[number]):
                    partial.write(number, data)
        except DeviceError:
            partial.close()
            raise
        return partial

    def finish(self, partial: Partial) -> bool:
        """Turn a complete partial into an object; False when it must be fetched again in part."""
        return partial.finish(self.layout.object(partial.blob.sha256))

    # space

    def require_space(self, blobs: Iterable[BlobRef]) -> None:
        """Refuse early what will not fit; what has arrived of it already has its room.

        Raises:
            DeviceError: ``E_DISK`` with both figures.
        """
        missing_bytes = sum(max(blob.size - self._arrived_bytes(blob), 0) for blob in blobs)
        free = self.free_bytes
        if missing_bytes * RESERVE > free:
            raise DeviceError(ErrorCode.DISK, f"{missing_bytes} bytes to fetch, {free} free")

    @property
    def free_bytes(self) -> int:
        """Bytes free for us on the data partition."""
        return shutil.disk_usage(self.layout.root).free

    @property
    def content_bytes(self) -> int:
        """Bytes held in objects."""
        return sum(path.stat().st_size for path in self.layout.objects.glob("*/*"))

    # releases and sets

    def installed(self, head: ReleaseHead) -> bool:
        """Whether exactly this release lies complete on disk."""
        return _head_in(self._release(head)) == head

    def install(self, head: ReleaseHead, digest: str) -> None:
        """Lay out a release whose objects are all here; ``digest`` is that of the head's signed bytes.

        One that is installed already stays as it is.

        Raises:
            RefusedError: ``E_ROLLBACK``; readers may be in another release of this number.
            DeviceError: ``E_DISK``; nothing is changed.
        """
        folder = self._release(head)
        if (there := _head_in(folder)) == head:
            return
        if there and folder.resolve() in self._releases_in(self.layout.sets.glob("[0-9]*")):
            raise RefusedError(ErrorCode.ROLLBACK, f"{head.stream} has had another release {head.number}")
        listing = decode(FileList, self.read(head.list.sha256), LIST_LIMIT)
        draft = folder.with_name(f"{folder.name}.new{files.DRAFT_SUFFIX}")  # not the name an old one is removed under
        try:
            shutil.rmtree(draft, ignore_errors=True)
            files.make_folder(draft.parent)
            (draft / "files").mkdir(parents=True)
            (draft / "indexes").mkdir()
            blobs = [head.list, *(entry.blob for entry in listing.files)]
            indexes = {index.sha256 for blob in blobs for index in indexes_of(blob)}
            for needed in {digest, *indexes, *(blob.sha256 for blob in blobs)}:
                files.sync_file(self.layout.object(needed))
            os.link(self.layout.object(digest), draft / "head.json")
            os.link(self.layout.object(head.list.sha256), draft / "list.json")
            for index in indexes:
                os.link(self.layout.object(index), draft / "indexes" / index)
            for entry in listing.files:
                path = draft / "files" / entry.path
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(self.layout.object(entry.sha256), path)
            for path in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
                files.sync_folder(path)
            files.remove_tree(folder)
            draft.replace(folder)
            files.sync_folder(folder.parent)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while installing {head.stream}") from error

    def shown(self) -> SetFile | None:
        """Return what the set shown now is made of, None before the first."""
        return self.sets.shown()

    def activate(self, releases: Mapping[str, int], order: tuple[str, ...]) -> int:
        """Stage these releases and show them at once, unprepared; returns the new set's number.

        Raises:
            RefusedError: ``E_PREPARE``; the set cannot be read whole and the one shown before stays.
            DeviceError: ``E_DISK``.
        """
        number = self.sets.stage(releases, order)
        try:
            self.sets.show(number)
        except DeviceError:
            self.sets.drop(number)
            raise
        self._local.forget()
        return number

    def refuse(self, stream: str, number: int, error: ContractError) -> None:
        """Do not try this release again, also after a restart.

        Raises:
            DeviceError: ``E_DISK``; it is tried again.
        """
        head = self.layout.releases / stream / str(number) / "head.json"
        try:
            digest = sha256(head.read_bytes()).hexdigest()
        except OSError as unread:
            raise DeviceError(ErrorCode.DISK, f"{head.name} of {stream} {number}: {unread.strerror}") from unread
        self.judgements.refuse(digest, error)

    def collect_garbage(self, pinned: frozenset[str], waiting: Mapping[str, int] | None = None) -> None:
        """Remove what is neither shown, nor previous, nor pinned (digests on their way), nor waiting for the switch."""
        self._local.forget()
        sets = {int(path.name): path for path in self.layout.sets.iterdir() if path.name.isdigit()}
        kept = self.sets.kept() & sets.keys()
        for number, folder in sets.items():
            if number not in kept:
                files.remove_tree(folder)
        self._keep_derived(kept)
        used = self._releases_in(sets[number] for number in kept)
        used |= {(self.layout.releases / stream / str(number)).resolve() for stream, number in (waiting or {}).items()}
        for release in self.layout.releases.glob("*/*/*"):
            if release.resolve() not in used:
                files.remove_tree(release)
        for path in self.layout.objects.glob("*/*"):
            if path.stat().st_nlink == 1 and path.name not in pinned:
                path.unlink()
        for path in self.layout.partial.iterdir():
            if path.name.removesuffix(".map") not in pinned:
                path.unlink()

    def _arrived_bytes(self, blob: BlobRef) -> int:
        """Room that a partial takes on the disk; it is sparse."""
        try:
            return (self.layout.partial / blob.sha256).stat().st_blocks * _BLOCK_BYTES
        except FileNotFoundError:
            return 0

    def _keep_derived(self, kept: frozenset[int]) -> None:
        for derived in self.layout.derived.iterdir():
            if not (derived.name.isdigit() and int(derived.name) in kept):
                shutil.rmtree(derived, ignore_errors=True)

    def _releases_in(self, sets: Iterable[Path]) -> set[Path]:
        return {link.resolve() for folder in sets for link in folder.glob("*/*")}

    def _release(self, head: ReleaseHead) -> Path:
        return self.layout.release(head.category, head.agency, head.number)

    def _sweep_unproven(self) -> None:
        """Objects of no release may have lost bytes in a power cut: keep the whole ones."""
        for path in self.layout.objects.glob("*/*"):
            if path.stat().st_nlink == 1:
                with path.open("rb") as file:
                    whole = file_digest(file, "sha256").hexdigest() == path.name
                if not whole:
                    path.unlink()

    def _sweep_drafts(self) -> None:
        for place in _DRAFTS:
            for draft in self.layout.root.glob(place + files.DRAFT_SUFFIX):
                if draft.is_dir() and not draft.is_symlink():
                    shutil.rmtree(draft)
                else:
                    draft.unlink()


def _head_in(release: Path) -> ReleaseHead | None:
    try:
        return decode(ReleaseHead, (release / "head.json").read_bytes(), HEAD_LIMIT)
    except (OSError, ContractError):
        return None
