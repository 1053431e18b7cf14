"""A publication to take away: one item's text in one language on A5 pages, the cover on the first.

Sections fill pages. One that does not fit below what is there begins the next page, so that front and back of the
printed sheet can each be read for itself; only a section longer than a page is broken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from mqtt.office.content.source import SourceItem
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.blocks import Block, sections
from mqtt.office.sample.draw.covers import scene_of
from mqtt.office.sample.draw.pdf import to_pdf
from mqtt.office.sample.draw.pen import HEIGHT, WIDTH, Sheet
from mqtt.office.sample.draw.typeset import Line, Setter, Word, words
from mqtt.office.sample.fonts import Fonts

DPI: Final = 170
PAGE_MM: Final = (148, 210)
MARGIN_MM: Final = 13
BAND_MM: Final = 3
INDENT_MM: Final = 5.5
MM_PER_INCH: Final = 25.4

_AS_OF: Final = {
    "vi": "Cập nhật {}. Bản mẫu, chờ cơ quan xác nhận.",
    "en": "As of {}. Sample, to be confirmed by the agency.",
    "zh": "截至{}。样稿，待主管机关确认。",
    "lo": "ຂໍ້ມູນວັນທີ {}. ຕົວຢ່າງ ລໍຖ້າການຢືນຢັນ.",
    "km": "ព័ត៌មានគិតត្រឹម {}។ គំរូ រង់ចាំការបញ្ជាក់។",
}


def leaflet(item: SourceItem, language: str, dpi: int = DPI) -> bytes:
    """Return the PDF of an item in one language, which must be among its texts."""
    return to_pdf(draw_pages(item, language, dpi), dpi, item.texts[language].title, language)


def draw_pages(item: SourceItem, language: str, dpi: int = DPI) -> list[Image.Image]:
    """Return the pages of the leaflet as pictures."""
    text = item.texts[language]
    told = _AS_OF[language].format(f"{item.facts.as_of:%d/%m/%Y}")
    title = Block(tuple(words(text.title, language, bold=True)), 6.6, c.NAVY_DEEP, above=5)
    summary = Block(tuple(words(text.summary, language)), 4.1, c.INK_SOFT, above=2.4)
    as_of = Block(tuple(words(told, language)), 2.9, c.INK_SOFT, above=6)
    pages = _Pages(item.path, language, dpi)
    *before, last = [[title, summary], *sections(text.page.body, language)]
    for section in (*before, [*last, as_of]):
        pages.put(section)
    return pages.pages


@dataclass(frozen=True)
class _Set:
    """A block in lines; ``leading`` and ``height`` in mm."""

    block: Block
    setter: Setter
    lines: list[Line]
    leading: float

    @property
    def height(self) -> float:
        return self.block.above + len(self.lines) * self.leading


class _Pages:
    """Fills page after page from top to bottom."""

    def __init__(self, path: str, language: str, dpi: int) -> None:
        self._mm = dpi / MM_PER_INCH
        self._language = language
        self._fonts = Fonts()
        self.pages: list[Image.Image] = []
        self._new_page()
        self._head(path)

    def put(self, section: Iterable[Block]) -> None:
        """Put blocks below what is there, on the next page if they fit only there."""
        blocks = [self._set(block) for block in section]
        height = sum(block.height for block in blocks)
        if self._left < height <= PAGE_MM[1] - 2 * MARGIN_MM:
            self._new_page()
        for block in blocks:
            self._put(block)

    @property
    def _left(self) -> float:
        return PAGE_MM[1] - MARGIN_MM - self._y

    def _set(self, block: Block) -> _Set:
        setter = Setter(self._fonts, self._language, round(block.size * self._mm))
        width = PAGE_MM[0] - 2 * MARGIN_MM - (INDENT_MM if block.marker else 0)
        leading = block.size * (1.75 if self._language in {"lo", "km"} else 1.5)
        return _Set(block, setter, setter.lines(block.words, width * self._mm), leading)

    def _put(self, given: _Set) -> None:
        self._y += given.block.above
        x = MARGIN_MM * self._mm
        for place, line in enumerate(given.lines):
            if self._left < given.leading:
                self._new_page()
            baseline = (self._y + given.leading * 0.72) * self._mm
            if given.block.marker:
                if not place:
                    mark = Line((Word(given.block.marker),), 0)
                    given.setter.draw(self._draw, mark, x, baseline, c.SEA_DEEP)
                given.setter.draw(self._draw, line, x + INDENT_MM * self._mm, baseline, given.block.colour)
            else:
                given.setter.draw(self._draw, line, x, baseline, given.block.colour)
            self._y += given.leading

    def _new_page(self) -> None:
        size = round(PAGE_MM[0] * self._mm), round(PAGE_MM[1] * self._mm)
        self.pages.append(Image.new("RGB", size, "#ffffff"))
        self._draw = ImageDraw.Draw(self.pages[-1])
        band = BAND_MM * self._mm
        self._draw.rectangle((0, 0, size[0], band), fill=c.SEA_DEEP)
        self._draw.rectangle((0, size[1] - band, *size), fill=c.SEA_DEEP)
        self._y = float(MARGIN_MM)

    def _head(self, path: str) -> None:
        page = self.pages[0]
        sheet = Sheet(page.width, round(page.width * HEIGHT / WIDTH))
        scene_of(path)(sheet)
        picture = sheet.finish()
        kept = round(picture.height * 0.56)
        top = round(picture.height * 0.28)
        page.paste(picture.crop((0, top, picture.width, top + kept)), (0, 0))
        self._y = kept / self._mm
