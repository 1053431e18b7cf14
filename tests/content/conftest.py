"""Releases made by the contract's own types, and a store to put them into."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from appliance.content.layout import Layout
from appliance.content.store import Store
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.documents import encode
from mqtt.contract.items import ItemDocument, ItemText, ProgrammeDocument, ProgrammeItem
from mqtt.contract.releases import BlobRef, FileEntry, FileList, ReleaseHead

AT = datetime(2026, 12, 1, tzinfo=UTC)
ORDER = ("dic",)


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def ref(data: bytes) -> BlobRef:
    return BlobRef(sha256=digest(data), size=len(data))


@dataclass
class Release:
    """A release and all its bytes."""

    head: ReleaseHead
    blobs: list[bytes] = field(default_factory=list)

    @property
    def signed(self) -> bytes:
        return encode(self.head)

    def put_into(self, store: Store) -> None:
        for data in (self.signed, *self.blobs):
            store.put(ref(data), data)

    def install_into(self, store: Store) -> None:
        self.put_into(store)
        store.install(self.head, digest(self.signed))


def release(number: int, files: dict[str, bytes], category: str = "essentials") -> Release:
    """A release of ``dic`` with these files, each of which travels whole."""
    entries = tuple(FileEntry(path=path, sha256=digest(data), size=len(data)) for path, data in files.items())
    listing = encode(FileList(files=entries))
    head = ReleaseHead(
        category=category,
        agency="dic",
        number=number,
        issued=AT,
        valid_from=AT,
        valid_until=None,
        gates=("*",),
        languages=("vi",),
        list=ref(listing),
    )
    return Release(head, [listing, *files.values()])


def item(slug: str, text: str, **more: bytes) -> dict[str, bytes]:
    """The files of one item; ``more`` are media that it does not name."""
    document = ItemDocument(
        category="essentials",
        agency="dic",
        slug=slug,
        gates=("*",),
        visitors=("everyone",),
        order=1,
        as_of=date(2026, 12, 1),
        valid_from=date(2026, 1, 1),
        valid_until=None,
        source="a law",
        sample=True,
        texts={"vi": ItemText(title=slug)},
    )
    media = {f"{slug}/{name}": data for name, data in more.items()}
    return {f"{slug}/item.json": encode(document), f"{slug}/vi.md": text.encode(), **media}


def programme(*files: str) -> dict[str, bytes]:
    items = tuple(ProgrammeItem(id=f"item-{place}", file=file) for place, file in enumerate(files))
    return {"programme.json": encode(ProgrammeDocument(items=items))}


def chunked(data: bytes, size: int = 1000) -> tuple[BlobRef, ChunkIndex]:
    """A blob that travels in chunks of ``size`` bytes, and its index."""
    lengths = [min(size, len(data) - at) for at in range(0, len(data), size)]
    index = ChunkIndex.of_lengths(data, lengths)
    return BlobRef(sha256=digest(data), size=len(data), index=ref(index.to_bytes())), index


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "content")


@pytest.fixture
def store(layout: Layout) -> Store:
    return Store(layout)


@pytest.fixture
def make() -> "Makers":
    return Makers()


class Makers:
    """The functions above, for tests (test folders are no packages)."""

    release = staticmethod(release)
    item = staticmethod(item)
    programme = staticmethod(programme)
    chunked = staticmethod(chunked)
    ref = staticmethod(ref)
    digest = staticmethod(digest)


class Power:
    """Runs work in a child that is killed before its n-th step on the disk."""

    def cut_at_every_step(self, work: Callable[[], object], after: Callable[[], object]) -> int:
        """Cut at each step in turn and call ``after`` each time; return how many steps there were."""
        step = 0
        while self._cut(step, work):
            after()
            step += 1
        return step

    def _cut(self, step: int, work: Callable[[], object]) -> bool:
        names = ("open", "os.rename", "os.mkdir", "os.remove", "os.symlink", "os.rmdir", "os.link")
        child = os.fork()
        if child == 0:
            seen = 0

            def count(event: str, _: object) -> None:
                nonlocal seen
                if event in names:
                    seen += 1
                    if seen > step:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(count)
            try:
                work()
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)


@pytest.fixture
def power() -> Power:
    return Power()
