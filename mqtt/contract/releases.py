"""A release: one numbered, signed, complete state of one agency's part of one category.

    TUF target {category}/{agency}/release.json   = ReleaseHead (≤ 4 KiB)
                └─ list: digest of FileList       (and of its chunk index)
                    └─ files: digest of each file (and of its chunk index)

Only the head is signed; everything else is covered by digests from there.
"""

from itertools import accumulate
from typing import Final
from unicodedata import is_normalized, normalize

import msgspec

from mqtt.contract.documents import Document
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import (
    Agency,
    Category,
    GateId,
    GateOrAll,
    Instant,
    Language,
    ReleaseNumber,
    Sha256,
    SizeBytes,
)

HEAD_LIMIT: Final = 4 * 1024
LIST_LIMIT: Final = 8 * 1024 * 1024
INLINE_LIMIT: Final = 32 * 1024
"""Blobs up to this size travel retained on the control broker; larger ones as chunks on the bulk broker."""

COSIGNER: Final = "foreign-affairs"
"""The agency whose signature every head with ``territory`` needs besides its own agency's."""
CHAIN_LIMIT: Final = 4
"""Longest chain of indexes of indexes; three cover the largest blob there may be."""

_PATH_LIMIT: Final = 200
_FORBIDDEN: Final = set('\\:*?"<>|')


class BlobRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A blob by digest and size; ``index`` is given for blobs that travel in chunks.

    A large index is itself a blob with an index (of small chunks), and so on down to one that travels whole.
    """

    sha256: Sha256
    size: SizeBytes
    index: "BlobRef | None" = None

    def __post_init__(self) -> None:
        _check_chain(self.index)


IndexRef = BlobRef


def indexes_of(blob: BlobRef) -> "list[BlobRef]":
    """Return the chain of indexes of a blob: its own, that one's, and so on; empty for a blob that travels whole."""
    return [blob.index, *indexes_of(blob.index)] if blob.index else []


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of a release: where it goes, and its bytes. ``territory`` media need the co-signature."""

    path: str
    sha256: Sha256
    size: SizeBytes
    index: BlobRef | None = None
    territory: bool = False

    def __post_init__(self) -> None:
        _check_chain(self.index)

    @property
    def blob(self) -> BlobRef:
        """The file's bytes without its name."""
        return BlobRef(sha256=self.sha256, size=self.size, index=self.index)


class FileList(Document, frozen=True, kw_only=True, tag="files/1"):
    """Every file of a release. Paths are relative, portable and unique, also without regard to case.

    No file's path is a folder of another's.
    """

    files: tuple[FileEntry, ...]

    def __post_init__(self) -> None:
        files: set[str] = set()
        folders: set[str] = set()
        for entry in self.files:
            check_path(entry.path)
            name = _folded(entry.path)
            above = set(accumulate(name.split("/")[:-1], "{}/{}".format))
            if name in files or name in folders or above & files:
                raise ContractError(ErrorCode.DUPLICATE, repr(entry.path))
            files.add(name)
            folders |= above

    @property
    def territory(self) -> bool:
        """Whether any file needs Foreign Affairs' signature on the head."""
        return any(entry.territory for entry in self.files)


class ReleaseHead(Document, frozen=True, kw_only=True, tag="release/1"):
    """What an agency signs. ``valid_until`` is for the screen; the signature's own expiry gates installs only.

    Attributes:
        gates: Audience; ``*`` is every gate.
        min_release: A booth never goes back below this number by itself.
        revoked: Numbers that must not be shown again.
        territory: Foreign Affairs must have signed this very head (``E_COSIGN``).
    """

    category: Category
    agency: Agency
    number: ReleaseNumber
    issued: Instant
    valid_from: Instant
    valid_until: Instant | None
    gates: tuple[GateOrAll, ...]
    languages: tuple[Language, ...]
    list: BlobRef
    min_release: ReleaseNumber = 1
    revoked: tuple[ReleaseNumber, ...] = ()
    territory: bool = False

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ContractError(ErrorCode.MALFORMED, "release: valid_until is not after valid_from")
        if self.number in self.revoked or self.number < self.min_release:
            raise ContractError(ErrorCode.REVOKED, f"release {self.number} revokes itself")
        if self.list.size > LIST_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"file list of {self.list.size} bytes, at most {LIST_LIMIT}")

    @property
    def stream(self) -> str:
        """``category/agency``, the name under which releases are numbered."""
        return f"{self.category}/{self.agency}"

    def is_for(self, gate: GateId) -> bool:
        """Whether this gate is in the audience."""
        return "*" in self.gates or gate in self.gates


def release_target(category: Category, agency: Agency) -> str:
    """TUF target path of a release head."""
    return f"{category}/{agency}/release.json"


def cosign_target(category: Category, agency: Agency) -> str:
    """TUF target path under which Foreign Affairs lists a head it agrees with: same bytes, same digest."""
    return f"territory/{category}/{agency}.json"


def assign_target(gate: GateId) -> str:
    """TUF target path of a gate's assignment."""
    return f"assign/{gate}.json"


def check_path(path: str) -> None:
    """Refuse what could leave the release's folder or differ between file systems.

    Letters with marks are written as one code point (Unicode NFC): some file systems take the other spelling for
    the same name, others do not.

    Raises:
        ContractError: ``E_PATH`` naming the path.
    """
    parts = path.split("/")
    wrong = (
        not path
        or len(path.encode("utf-8", "surrogatepass")) > _PATH_LIMIT
        or not is_normalized("NFC", path)
        or any(part in ("", ".", "..") or part.endswith((".", " ")) for part in parts)
        or any(ord(letter) < 32 or letter in _FORBIDDEN or 0xD800 <= ord(letter) < 0xE000 for letter in path)  # noqa: PLR2004 - code points
    )
    if wrong:
        raise ContractError(ErrorCode.PATH, repr(path))


def _check_chain(index: BlobRef | None) -> None:
    if index is not None and len(indexes_of(index)) >= CHAIN_LIMIT:
        raise ContractError(ErrorCode.MALFORMED, f"more than {CHAIN_LIMIT} indexes of indexes")


def _folded(path: str) -> str:
    """Return what paths share that a file system without regard to case takes for one (canonical caseless match)."""
    return normalize("NFD", normalize("NFD", path).casefold())
