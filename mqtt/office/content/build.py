"""Builds one release: the documents, texts and media of one agency's part of one category, stored under their digests.

    source ─ compile ─→ {slug}/item.json  {slug}/{language}.md  {slug}/cover.png …
                         └─ FileList ─→ ReleaseHead (what the agency signs)

The same source gives the same bytes: sorted, and no clock but ``issued``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Final

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.items import ITEM_FILE, ITEM_LIMIT, PROGRAMME_FILE
from mqtt.contract.releases import HEAD_LIMIT, LIST_LIMIT, FileEntry, FileList, ReleaseHead
from mqtt.office.content.chunking import LISTS, MEDIA, Indexer
from mqtt.office.content.compile import in_order, item_document, programme_document
from mqtt.office.content.source import PROGRAMME, Source, SourceItem, SourceProgramme
from mqtt.office.objects import Objects

GATE_ZONE: Final = timezone(timedelta(hours=7))
"""Zone in which days of validity begin and end: Vietnam has one, without summer time."""


@dataclass(frozen=True)
class Built:
    """A release ready to be signed. Everything but the signatures lies in the store.

    Attributes:
        head: What the agency signs, and Foreign Affairs with it if ``head.territory``.
        head_bytes: The head as it is signed and sent; stored as well.
        blobs: Size in bytes of every blob of the release by digest: files, list, indexes and head.
        new_bytes: Bytes the store did not have before.
    """

    head: ReleaseHead
    head_bytes: bytes
    listing: FileList
    blobs: Mapping[str, int]
    new_bytes: int


@dataclass(frozen=True)
class _Contents:
    """What differs between a release of items and one of a programme."""

    files: tuple[FileEntry, ...]
    gates: frozenset[str]
    languages: frozenset[str]
    valid_from: datetime
    valid_until: datetime | None


def build_release(  # noqa: PLR0913 - each is a fact of the release
    source: Source,
    category: str,
    agency: str,
    *,
    number: int,
    issued: datetime,
    objects: Objects,
    min_release: int = 1,
    revoked: tuple[int, ...] = (),
    longest: datetime | None = None,
) -> Built:
    """Build release ``number`` of one agency's part of one category, from a source without errors.

    Args:
        source: The parsed folder.
        category: Which category.
        agency: Whose part of it.
        number: Grows by publishing.
        issued: Moment of publishing, with zone.
        objects: Where the bytes go.
        min_release: See ``ReleaseHead``.
        longest: After this moment it is over, whatever its items say; None is no limit.
        revoked: See ``ReleaseHead``.

    Raises:
        ContractError: ``E_UNKNOWN`` when the source has nothing of that stream; ``E_SIZE`` when head, list or an item
            is larger than booths accept; or what the contract has against it. Nothing was published.
        OSError: A file cannot be read or the disk is full.
    """
    indexer = Indexer(objects)
    contents = _contents(source, category, agency, issued, _Filer(objects, indexer))
    listing = FileList(files=tuple(sorted(contents.files, key=lambda entry: entry.path)))
    listed = encode(listing)
    if len(listed) > LIST_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"file list of {len(listed)} bytes, at most {LIST_LIMIT}")
    head = ReleaseHead(
        category=category,
        agency=agency,
        number=number,
        issued=issued,
        valid_from=contents.valid_from,
        valid_until=min((end for end in (contents.valid_until, longest) if end), default=None),
        gates=("*",) if "*" in contents.gates else tuple(sorted(contents.gates)),
        languages=in_order(contents.languages),
        list=indexer.index(objects.put(listed), LISTS),
        min_release=min_release,
        revoked=revoked,
        territory=listing.territory,
    )
    head_bytes = encode(head)
    if len(head_bytes) > HEAD_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"release head of {len(head_bytes)} bytes, at most {HEAD_LIMIT}")
    indexer.index(objects.put(head_bytes), LISTS)
    return Built(head, head_bytes, listing, dict(sorted(indexer.sizes.items())), indexer.new_bytes)


class _Filer:
    """Puts files into the store and writes down their entries."""

    def __init__(self, objects: Objects, indexer: Indexer) -> None:
        self._objects = objects
        self._indexer = indexer

    def data(self, path: str, data: bytes, *, territory: bool = False) -> FileEntry:
        ref = self._indexer.index(self._objects.put(data), MEDIA)
        return FileEntry(path=path, sha256=ref.sha256, size=ref.size, index=ref.index, territory=territory)

    def document(self, path: str, data: bytes, *, territory: bool = False) -> FileEntry:
        if len(data) > ITEM_LIMIT:
            raise ContractError(ErrorCode.SIZE, f"{path} of {len(data)} bytes, at most {ITEM_LIMIT}")
        return self.data(path, data, territory=territory)

    def medium(self, path: str, source: Path, *, territory: bool = False) -> FileEntry:
        ref = self._indexer.index(self._objects.put_file(source), MEDIA)
        return FileEntry(path=path, sha256=ref.sha256, size=ref.size, index=ref.index, territory=territory)


def _contents(source: Source, category: str, agency: str, issued: datetime, filer: _Filer) -> _Contents:
    if category == PROGRAMME:
        programme = source.programme_of(agency)
        if programme:
            return _programme(programme, issued, filer)
    elif items := source.items_of(category, agency):
        return _items(items, filer)
    raise ContractError(ErrorCode.UNKNOWN, f"the source has nothing of {category}/{agency}")


def _items(items: tuple[SourceItem, ...], filer: _Filer) -> _Contents:
    facts = [item.facts for item in items]
    ends = [fact.valid_until for fact in facts]
    last = None if None in ends else max(end for end in ends if end)
    return _Contents(
        files=tuple(entry for item in items for entry in _files(item, filer)),
        gates=_union(fact.gates for fact in facts),
        languages=_union(item.texts for item in items),
        valid_from=_midnight(min(fact.valid_from for fact in facts)),
        valid_until=_midnight(last + timedelta(days=1)) if last and last < date.max else None,
    )


def _files(item: SourceItem, filer: _Filer) -> list[FileEntry]:
    document = encode(item_document(item))
    entries = [filer.document(f"{item.slug}/{ITEM_FILE}", document, territory=item.facts.territory)]
    for language, text in item.texts.items():
        entries.append(filer.data(f"{item.slug}/{language}.md", text.page.body.encode()))
    for file in item.published:
        declared = file in item.territory_files
        entries.append(filer.medium(f"{item.slug}/{file}", item.folder / file, territory=declared))
    return entries


def _programme(programme: SourceProgramme, issued: datetime, filer: _Filer) -> _Contents:
    declared = {entry.file for entry in programme.entries if entry.territory}
    media = [
        filer.medium(file, programme.folder / file, territory=file in declared)
        for file in sorted({entry.file for entry in programme.entries})
    ]
    return _Contents(
        files=(filer.document(PROGRAMME_FILE, encode(programme_document(programme))), *media),
        gates=_union(entry.gates for entry in programme.entries),
        languages=frozenset(programme.languages),
        valid_from=issued,
        valid_until=None,
    )


def _union(parts: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(value for part in parts for value in part)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, GATE_ZONE)
