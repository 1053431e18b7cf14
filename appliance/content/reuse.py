"""Chunks that lie here already, in files of other releases: what an edit did not touch is never fetched again."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from appliance.content.layout import Layout
from mqtt.contract.chunks import Chunk, ChunkIndex
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.releases import HEAD_LIMIT, LIST_LIMIT, BlobRef, FileList, ReleaseHead


@dataclass(frozen=True)
class _Place:
    file: Path
    offset: int
    length: int


class LocalChunks:
    """Finds chunks by digest in the releases on disk; built when first asked, forgotten after each switch."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def find(self, chunk: Chunk) -> bytes | None:
        """Return the chunk's bytes from a file of an installed release, None if no file has it."""
        place = self._places.get(chunk.digest)
        if place is None or place.length != chunk.length:
            return None
        try:
            with place.file.open("rb") as file:
                data = os.pread(file.fileno(), place.length, place.offset)
        except OSError:
            return None
        return data if len(data) == chunk.length else None

    def forget(self) -> None:
        """Look at the releases anew when next asked."""
        self.__dict__.pop("_places", None)

    @cached_property
    def _places(self) -> dict[bytes, _Place]:
        places: dict[bytes, _Place] = {}
        for release in self._layout.releases.glob("*/*/[0-9]*"):
            for path, blob in _indexed_files(release):
                places |= _chunks_of(release, path, blob)
        return places


def _indexed_files(release: Path) -> list[tuple[Path, BlobRef]]:
    try:
        head = decode(ReleaseHead, (release / "head.json").read_bytes(), HEAD_LIMIT)
        listing = decode(FileList, (release / "list.json").read_bytes(), LIST_LIMIT)
    except (OSError, ContractError):
        return []
    found = [(release / "list.json", head.list)] if head.list.index else []
    return found + [(release / "files" / entry.path, entry.blob) for entry in listing.files if entry.index]


def _chunks_of(release: Path, path: Path, blob: BlobRef) -> dict[bytes, _Place]:
    if blob.index is None:
        return {}
    try:
        index = ChunkIndex.parse((release / "indexes" / blob.index.sha256).read_bytes(), blob.size)
    except (OSError, ContractError):
        return {}
    return {chunk.digest: _Place(path, chunk.offset, chunk.length) for chunk in index.chunks}
