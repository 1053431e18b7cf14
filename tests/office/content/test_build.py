"""A release is a function of the source: complete, deterministic, covered by chunk indexes, cheap after an edit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mqtt.contract.chunks import LIST_CHUNKS, MEDIA_CHUNKS, ChunkIndex
from mqtt.contract.documents import decode_to_sign
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.items import ITEM_LIMIT, ItemDocument, ProgrammeDocument
from mqtt.contract.releases import (
    HEAD_LIMIT,
    INLINE_LIMIT,
    LIST_LIMIT,
    BlobRef,
    FileList,
    ReleaseHead,
    indexes_of,
)
from mqtt.office.content.build import Built, build_release
from mqtt.office.content.chunking import Indexer
from mqtt.office.content.walk import read_source
from mqtt.office.objects import Objects

ISSUED = datetime(2026, 12, 1, 8, tzinfo=UTC)
ITEM = "essentials/dic/money"
VI = f"{ITEM}/vi.md"

Build = Callable[..., Built]


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


@pytest.fixture
def build(source: Any, objects: Objects) -> Build:
    def run(category: str = "essentials", agency: str = "dic", number: int = 1, **options: Any) -> Built:
        parsed = read_source(source.root)
        return build_release(
            parsed, category, agency, number=number, issued=ISSUED, objects=options.pop("objects", objects), **options
        )

    return run


def _blobs(built: Built) -> Iterator[BlobRef]:
    for blob in (built.head.list, *(entry.blob for entry in built.listing.files)):
        yield blob
        yield from indexes_of(blob)


def test_a_release_holds_every_text_and_medium(build: Build, objects: Objects) -> None:
    built = build()
    assert [entry.path for entry in built.listing.files] == [
        "money/cover.png",
        "money/en.md",
        "money/item.json",
        "money/km.md",
        "money/lo.md",
        "money/vi.md",
        "money/zh.md",
    ]
    files = {entry.path: objects.read(entry.sha256) for entry in built.listing.files}
    assert files["money/vi.md"].decode().startswith("![Tờ tiền](cover.png)\n\nĐổi ở quầy.\n")
    item = decode_to_sign(ItemDocument, files["money/item.json"], ITEM_LIMIT)
    assert list(item.texts) == ["vi", "en", "zh", "lo", "km"]
    assert (item.slug, item.order, item.media, item.sample) == ("money", 10, ("cover.png",), True)


def test_the_head_says_for_whom_and_how_long(build: Build, objects: Objects) -> None:
    """Validity covers its last day to the end, in the gate's zone."""
    built = build(number=7, min_release=3, revoked=(4,))
    head = decode_to_sign(ReleaseHead, objects.read(_digest(built.head_bytes)), HEAD_LIMIT)
    assert head == built.head
    assert (head.number, head.min_release, head.revoked, head.gates) == (7, 3, (4,), ("cat-bi",))
    assert head.valid_from.isoformat() == "2026-01-01T00:00:00+07:00"
    assert head.valid_until is not None
    assert head.valid_until.isoformat() == "2028-01-01T00:00:00+07:00"
    assert head.languages == ("vi", "en", "zh", "lo", "km")
    assert decode_to_sign(FileList, objects.read(head.list.sha256), LIST_LIMIT) == built.listing


def test_gates_and_validity_are_those_of_all_items(source: Any, build: Build) -> None:
    vi = (source.root / VI).read_text("utf-8")
    source.put(
        "essentials/dic/health/vi.md", vi.replace('["cat-bi"]', '["*"]').replace("valid_until = 2027-12-31\n", "")
    )
    source.put("essentials/dic/health/cover.png", (source.root / ITEM / "cover.png").read_bytes())
    head = build().head
    assert (head.gates, head.valid_until) == (("*",), None)


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "9999-12-31"), ("2026-01-01", "2026-01-01")])
def test_the_ends_of_the_calendar_can_be_published(source: Any, build: Build, first: str, last: str) -> None:
    source.replace(VI, "valid_from = 2026-01-01", f"valid_from = {first}")
    source.replace(VI, "valid_until = 2027-12-31", f"valid_until = {last}")
    built = build()
    assert decode_to_sign(ReleaseHead, built.head_bytes, HEAD_LIMIT) == built.head


def test_the_same_source_gives_the_same_bytes(build: Build, tmp_path: Path) -> None:
    """No clock but ``issued``, no order of the file system."""
    assert build().head_bytes == build(objects=Objects(tmp_path / "elsewhere")).head_bytes


def test_line_ends_and_byte_order_marks_do_not_matter(source: Any, build: Build) -> None:
    """An editor on Windows makes no new release."""
    before = build().head.list
    text = (source.root / VI).read_bytes()
    source.put(VI, b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert build().head.list == before


def test_large_files_have_an_index_that_covers_them(
    source: Any, build: Build, objects: Objects, make_noise: Callable[..., bytes]
) -> None:
    """What travels in chunks can be verified chunk by chunk, indexes included."""
    source.put(f"{ITEM}/guide.pdf", b"%PDF-1.5\n" + make_noise(600_000) + b"%%EOF")
    source.replace(VI, "- Hỏi", "- [Tài liệu](guide.pdf)\n- Hỏi")
    large = [blob for blob in _blobs(build()) if blob.size > INLINE_LIMIT]
    assert len(large) == 1
    assert large[0].index is not None
    index = ChunkIndex.parse(objects.read(large[0].index.sha256), large[0].size)
    assert ChunkIndex.of_lengths(objects.read(large[0].sha256), [chunk.length for chunk in index.chunks]) == index
    assert max(chunk.length for chunk in index.chunks) <= MEDIA_CHUNKS[2]


def test_small_files_travel_whole(build: Build) -> None:
    assert all(blob.index is None for blob in _blobs(build()))


def test_an_index_too_large_to_travel_whole_has_an_index(objects: Objects, make_noise: Callable[..., bytes]) -> None:
    """A chain of indexes ends in one that fits into a message."""
    indexer = Indexer(objects)
    blob = indexer.index(objects.put(make_noise(2_600_000)), (1024, 2048, 8192))
    chain = [blob, *indexes_of(blob)]
    assert len(chain) == 3
    assert chain[-1].size <= INLINE_LIMIT < chain[1].size
    for one in chain[:-1]:
        assert one.index is not None
        assert ChunkIndex.parse(objects.read(one.index.sha256), one.size).size == one.size
    assert indexer.sizes == {one.sha256: one.size for one in chain}


@pytest.mark.parametrize(("chunks", "size", "most"), [(MEDIA_CHUNKS, 1_500_000, 3), (LIST_CHUNKS, 300_000, 4)])
def test_an_insertion_changes_few_chunks(
    objects: Objects, make_noise: Callable[..., bytes], chunks: tuple[int, int, int], size: int, most: int
) -> None:
    """Cuts follow the content, so what lies behind an edit keeps its digests."""
    data = make_noise(size)
    edited = data[: size // 3] + b"a few new words" + data[size // 3 :]
    found = []
    for version in (data, edited):
        blob = Indexer(objects).index(objects.put(version), chunks)
        assert blob.index is not None
        index = ChunkIndex.parse(objects.read(blob.index.sha256), blob.size)
        found.append({chunk.digest for chunk in index.chunks})
    assert 0 < len(found[1] - found[0]) <= most


def test_everything_is_accounted_for_and_stored(build: Build, objects: Objects) -> None:
    """The office publishes exactly these blobs; a second build finds them all there."""
    built = build()
    assert set(built.blobs) == {blob.sha256 for blob in _blobs(built)} | {_digest(built.head_bytes)}
    assert all(objects.path(digest).stat().st_size == size for digest, size in built.blobs.items())
    assert built.new_bytes == sum(built.blobs.values())
    assert build().new_bytes == 0


def test_territory_of_an_item_reaches_the_head(source: Any, build: Build) -> None:
    """Foreign Affairs must see every release that shows territory, whatever its category."""
    assert not build().head.territory
    source.replace(VI, "sample = true", "sample = true\nterritory = true")
    built = build()
    assert built.head.territory
    assert [entry.path for entry in built.listing.files if entry.territory] == ["money/item.json"]


def test_territory_of_a_medium_reaches_the_head(source: Any, build: Build) -> None:
    source.replace(VI, "territory = false", "territory = true")
    built = build()
    assert built.head.territory
    assert [entry.path for entry in built.listing.files if entry.territory] == ["money/cover.png"]


def test_a_programme_is_a_release_of_its_own(build: Build, objects: Objects) -> None:
    built = build("programme")
    files = {entry.path: entry for entry in built.listing.files}
    assert list(files) == ["programme.json", "welcome.png"]
    document = decode_to_sign(ProgrammeDocument, objects.read(files["programme.json"].sha256), ITEM_LIMIT)
    assert [(item.id, item.file, item.seconds) for item in document.items] == [("welcome", "welcome.png", 12)]
    assert (built.head.gates, built.head.languages, built.head.valid_from) == (("*",), ("vi", "en"), ISSUED)


def test_territory_on_the_screen_reaches_the_head(source: Any, build: Build) -> None:
    source.replace("programme/dic/programme.toml", "seconds = 12", "territory = true")
    assert build("programme").head.territory


def test_a_stream_the_source_does_not_have_is_unknown(build: Build) -> None:
    with pytest.raises(ContractError) as caught:
        build("essentials", "police")
    assert caught.value.code is ErrorCode.UNKNOWN


def test_a_head_that_would_be_too_large_is_refused(build: Build) -> None:
    """Booths refuse more than 4 KiB; better the publisher hears it."""
    with pytest.raises(ContractError) as caught:
        build(number=1001, revoked=tuple(range(1, 1001)))
    assert caught.value.code is ErrorCode.SIZE


def test_an_item_with_too_many_facts_is_refused(source: Any, build: Build) -> None:
    gates = ", ".join(f'"gate-{number:040}"' for number in range(1500))
    source.replace(VI, 'gates = ["cat-bi"]', f"gates = [{gates}]")
    assert (VI, 1, "E_SIZE") in source.errors()
    with pytest.raises(ContractError) as caught:
        build()
    assert caught.value.code is ErrorCode.SIZE


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
