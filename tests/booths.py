"""A booth on a temporary tree, filled by the real store: shared by every suite that needs content on disk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.lib import clock, facts, files
from appliance.lib.clock import ClockFact
from mqtt.contract.documents import encode
from mqtt.contract.items import ITEM_FILE, ItemDocument, ItemText
from mqtt.contract.releases import BlobRef, FileEntry, FileList, ReleaseHead
from mqtt.contract.state import Panel
from mqtt.office.content.build import build_release
from mqtt.office.content.source import Source
from mqtt.office.objects import Objects

NOON: Final = datetime(2026, 11, 25, 5, tzinfo=UTC)
"""Noon at the gate on the day that tests play on."""
ORDER: Final = ("dic", "police", "port")

_IDENTITY: Final = """
booth = "{booth}"
gate = "{gate}"
roles = ["screen", "lookup"]
brokers = [{{ host = "127.0.0.1" }}]
"""
_PANEL: Final = """
[[panels]]
output = "{0.output}"
role = "{0.role}"
width_px = {0.width_px}
height_px = {0.height_px}
diagonal_inch = {0.diagonal_inch}
"""


def item(  # noqa: PLR0913 - each is a fact of the item
    path: str = "essentials/dic/money",
    *,
    texts: Mapping[str, tuple[str, str]] | None = None,
    media: Mapping[str, bytes] | None = None,
    gates: tuple[str, ...] = ("*",),
    visitors: tuple[str, ...] = ("everyone",),
    order: int = 10,
    valid: tuple[date, date | None] = (date(2026, 1, 1), None),
    sample: bool = False,
) -> "Given":
    """Describe an item; ``texts`` is title and body by language, ``media`` bytes by name."""
    texts = texts or {"vi": ("Đổi tiền", "Đổi ở quầy."), "en": ("Money", "Change at the desk.")}
    category, agency, slug = path.split("/")
    document = ItemDocument(
        category=category,
        agency=agency,
        slug=slug,
        gates=gates,
        visitors=visitors,
        order=order,
        as_of=date(2026, 11, 20),
        valid_from=valid[0],
        valid_until=valid[1],
        source="Ngân hàng Nhà nước",
        sample=sample,
        texts={language: ItemText(title=title, summary=f"{title}.") for language, (title, _) in texts.items()},
        media=tuple(media or ()),
    )
    return Given(document, {language: body for language, (_, body) in texts.items()}, dict(media or {}))


@dataclass(frozen=True)
class Given:
    """An item before it lies on a booth."""

    document: ItemDocument
    bodies: Mapping[str, str]
    media: Mapping[str, bytes]

    @property
    def stream(self) -> tuple[str, str]:
        """Category and agency."""
        return self.document.category, self.document.agency

    def files(self) -> dict[str, bytes]:
        """Every file of the item in its release."""
        slug = self.document.slug
        bodies = {f"{slug}/{language}.md": body.encode() for language, body in self.bodies.items()}
        media = {f"{slug}/{name}": data for name, data in self.media.items() if "/" not in name}
        return {f"{slug}/{ITEM_FILE}": encode(self.document), **bodies, **media}


@dataclass
class Booth:
    """State and runtime folders of one booth."""

    folder: Path
    gate: str = "cat-bi"
    panels: tuple[Panel, ...] = ()
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state, self.runtime = self.folder / "state", files.make_folder(self.folder / "run")
        text = _IDENTITY.format(booth="cb-01", gate=self.gate) + "".join(_PANEL.format(panel) for panel in self.panels)
        (files.make_folder(self.state / "identity") / "identity.toml").write_text(text, "utf-8")
        self.layout = Layout(self.state / "content")
        self.store = Store(self.layout)

    def set_clock(self, now: datetime = NOON, *, trusted: bool = True) -> None:
        """State what the agent believes."""
        fact = ClockFact(now=now, boottime_ns=clock.boottime_ns(), boot=clock.boot_id(), source="test", trusted=trusted)
        facts.write(self.runtime / "clock.json", fact)

    def publish(self, *items: Given) -> int:
        """Show these items and nothing else from now on; returns the number of the content set."""
        streams = groupby(sorted(items, key=lambda given: given.stream), key=lambda given: given.stream)
        numbers = dict(self._install(*stream, list(given)) for stream, given in streams)
        return self.store.activate(numbers, ORDER)

    def publish_source(self, source: Source, objects: Path) -> int:
        """Show everything in a content source, built as the office builds it."""
        built_in = Objects(objects)
        numbers = {}
        for category, agency in sorted(_streams(source)):
            number = self._next(f"{category}/{agency}")
            built = build_release(source, category, agency, number=number, issued=NOON, objects=built_in)
            for digest, size in built.blobs.items():
                self._put(built_in.read(digest), BlobRef(sha256=digest, size=size))
            self.store.install(built.head, sha256(built.head_bytes).hexdigest())
            numbers[built.head.stream] = number
        return self.store.activate(numbers, ORDER)

    def _install(self, category: str, agency: str, items: Iterable[Given]) -> tuple[str, int]:
        contents = {path: data for given in items for path, data in given.files().items()}
        blobs = {path: self._put(data) for path, data in sorted(contents.items())}
        listing = FileList(files=tuple(FileEntry(path=path, sha256=b.sha256, size=b.size) for path, b in blobs.items()))
        head = ReleaseHead(
            category=category,
            agency=agency,
            number=self._next(f"{category}/{agency}"),
            issued=NOON,
            valid_from=NOON,
            valid_until=None,
            gates=("*",),
            languages=("vi",),
            list=self._put(encode(listing)),
        )
        self.store.install(head, self._put(encode(head)).sha256)
        return head.stream, head.number

    def _next(self, stream: str) -> int:
        self._numbers[stream] = self._numbers.get(stream, 0) + 1
        return self._numbers[stream]

    def _put(self, data: bytes, blob: BlobRef | None = None) -> BlobRef:
        blob = blob or BlobRef(sha256=sha256(data).hexdigest(), size=len(data))
        if not self.store.has(blob):
            self.store.put(blob, data)
        return blob


def _streams(source: Source) -> set[tuple[str, str]]:
    items = {(item.category, item.agency) for item in source.items}
    return items | {("programme", programme.agency) for programme in source.programmes}


def panel(width_px: int, height_px: int, diagonal_inch: float, role: Literal["lookup", "screen"] = "lookup") -> Panel:
    """Describe a display."""
    return Panel(output="HEADLESS-1", role=role, width_px=width_px, height_px=height_px, diagonal_inch=diagonal_inch)
