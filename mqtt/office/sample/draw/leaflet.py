"""A publication to take away: one item's text in one language on A5 pages, the cover on the first.

Markdown becomes blocks (heading, paragraph, list item, row of a table), blocks become lines, lines fill pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from typing import Final

from markdown_it.token import Token
from PIL import Image, ImageDraw

from mqtt.office.content.markdown import parse_markdown
from mqtt.office.content.source import SourceItem, SourceText
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.covers import scene_of
from mqtt.office.sample.draw.pdf import to_pdf
from mqtt.office.sample.draw.pen import HEIGHT, WIDTH, Sheet
from mqtt.office.sample.draw.typeset import Setter, Word, words
from mqtt.office.sample.fonts import Fonts

DPI: Final = 170
PAGE_MM: Final = (148, 210)
MARGIN_MM: Final = 13
MM_PER_INCH: Final = 25.4

BULLET: Final = "•"

_AS_OF: Final = {
    "vi": "Cập nhật {}. Bản mẫu, chờ cơ quan xác nhận.",
    "en": "As of {}. Sample, to be confirmed by the agency.",
    "zh": "截至{}。样稿，待主管机关确认。",
    "lo": "ຂໍ້ມູນວັນທີ {}. ຕົວຢ່າງ ລໍຖ້າການຢືນຢັນ.",
    "km": "ព័ត៌មានគិតត្រឹម {}។ គំរូ រង់ចាំការបញ្ជាក់។",
}


@dataclass(frozen=True)
class Block:
    """Words that begin on a new line.

    Attributes:
        size: Height of the letters, mm.
        marker: What stands before the first line of a list item.
        above: Space above, mm.
    """

    words: tuple[Word, ...]
    size: float = 3.6
    colour: str = c.INK
    marker: str = ""
    above: float = 2.0


def leaflet(item: SourceItem, language: str, dpi: int = DPI) -> bytes:
    """Return the PDF of an item in one language, which must be among its texts."""
    text = item.texts[language]
    setter = _Pages(item.path, language, dpi)
    setter.put(Block(tuple(words(text.title, language, bold=True)), 6.4, c.NAVY_DEEP, above=5))
    setter.put(Block(tuple(words(text.summary, language)), 4.0, c.INK_SOFT, above=2.4))
    for block in _blocks(text):
        setter.put(block)
    told = _AS_OF[language].format(f"{item.facts.as_of:%d/%m/%Y}")
    setter.put(Block(tuple(words(told, language)), 2.9, c.INK_SOFT, above=6))
    return to_pdf(setter.pages, dpi, text.title, language)


class _Pages:
    """Fills page after page from top to bottom."""

    def __init__(self, path: str, language: str, dpi: int) -> None:
        self._mm = dpi / MM_PER_INCH
        self._language = language
        self._fonts = Fonts()
        self.pages: list[Image.Image] = []
        self._new_page()
        self._head(path)

    def put(self, block: Block) -> None:
        setter = Setter(self._fonts, self._language, round(block.size * self._mm))
        indent = 5.0 if block.marker else 0.0
        width = (PAGE_MM[0] - 2 * MARGIN_MM - indent) * self._mm
        leading = block.size * (1.75 if self._language in {"lo", "km"} else 1.5)
        self._y += block.above
        for place, line in enumerate(setter.lines(block.words, width)):
            if self._y + leading > PAGE_MM[1] - MARGIN_MM:
                self._new_page()
            baseline = (self._y + leading * 0.72) * self._mm
            if block.marker and not place:
                mark = setter.lines([Word(block.marker)], width)[0]
                setter.draw(self._draw, mark, MARGIN_MM * self._mm, baseline, c.SEA_DEEP)
            setter.draw(self._draw, line, (MARGIN_MM + indent) * self._mm, baseline, block.colour)
            self._y += leading

    def _new_page(self) -> None:
        size = round(PAGE_MM[0] * self._mm), round(PAGE_MM[1] * self._mm)
        self.pages.append(Image.new("RGB", size, "#ffffff"))
        self._draw = ImageDraw.Draw(self.pages[-1])
        self._draw.rectangle((0, size[1] - 3 * self._mm, *size), fill=c.SEA_DEEP)
        self._y = float(MARGIN_MM)

    def _head(self, path: str) -> None:
        page = self.pages[0]
        sheet = Sheet(page.width, round(page.width * HEIGHT / WIDTH))
        scene_of(path)(sheet)
        picture = sheet.finish()
        kept = round(picture.height * 0.64)
        top = round(picture.height * 0.24)
        page.paste(picture.crop((0, top, picture.width, top + kept)), (0, 0))
        self._y = kept / self._mm


def _blocks(text: SourceText) -> Iterator[Block]:  # noqa: C901 - one branch per kind of Markdown token
    """Headings, paragraphs and list items; each row of a table becomes an item."""
    markers: list[Iterator[str]] = []
    marker = ""
    row: list[Word] | None = None
    heading = False
    for token in parse_markdown(text.page.body):
        match token.type:
            case "heading_open" | "heading_close":
                heading = token.nesting > 0
            case "ordered_list_open":
                markers.append(f"{number}." for number in count(1))
            case "bullet_list_open":
                markers.append(repeat(BULLET))
            case "ordered_list_close" | "bullet_list_close":
                markers.pop()
            case "list_item_open":
                marker = next(markers[-1])
            case "tr_open":
                row = []
            case "tr_close":
                yield Block(tuple(row or ()), marker=BULLET, above=1.2)
                row = None
            case "inline":
                found = tuple(_words(token.children or (), text.language, bold=heading))
                if row is not None:
                    row += [*([Word("–", space=True)] if row else []), *found, Word("", space=True)]
                elif found:
                    yield _block(found, marker, heading=heading)
                    marker = ""


def _block(found: tuple[Word, ...], marker: str, *, heading: bool) -> Block:
    return Block(found, 4.4, c.SEA_DEEP, above=4) if heading else Block(found, marker=marker)


def _words(tokens: Sequence[Token], language: str, *, bold: bool) -> Iterator[Word]:
    strong = bold
    for token in tokens:
        match token.type:
            case "strong_open":
                strong = True
            case "strong_close":
                strong = bold
            case "text" | "code_inline":
                yield from words(token.content, language, bold=strong)
            case "softbreak" | "hardbreak":
                yield Word("", space=True)
