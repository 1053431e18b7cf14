"""Stills for the screens: a picture on the right, on the left the title in five languages, Vietnamese first.

┌──────────────┬──────────┐
│ Tiếng Việt   │          │    1920 × 1080; the Vietnamese title is at least 100 pixels high, so that it is
│ English …    │ picture  │    read from ten metres; a twentieth of each edge stays free
│ 中文 …       │          │
└──────────────┴──────────┘
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from mqtt.contract.names import LANGUAGES
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.covers import Scene, few_colours
from mqtt.office.sample.draw.pen import WIDTH, Sheet
from mqtt.office.sample.draw.scenes import days, place, travel, work
from mqtt.office.sample.draw.typeset import Line, Setter, words
from mqtt.office.sample.fonts import Fonts

SIZE: Final = (1920, 1080)
PANEL: Final = 1060
"""Width of the text panel, pixels of a 1920 wide slide."""
MARGIN: Final = 84
FIRST: Final = (132, 124, 116, 108, 100)
"""Sizes tried for the Vietnamese title, pixels; the first with which everything fits."""
LEADING: Final = 1.22
OTHERS: Final = (0.54, 0.32)
"""Size of the other languages' title and line as shares of the Vietnamese title."""
GAP: Final = 34
"""Least space between two languages, pixels."""
ACROSS: Final = {"lo": 1.5, "km": 1.5}
"""Leading of scripts with marks above and below."""


@dataclass(frozen=True)
class Caption:
    """What one slide says in one language."""

    title: str
    line: str = ""


@dataclass(frozen=True)
class Slide:
    """A scene and the middle of what is shown of it, in its units."""

    scene: Scene
    middle: float


SLIDES: Final[Mapping[str, Slide]] = {
    "welcome": Slide(place.blossoms, 520),
    "essentials": Slide(days.guide_desk, 780),
    "cat-ba": Slide(place.bay, 900),
    "emergency": Slide(travel.emergency_narrow, 800),
    "customs": Slide(travel.customs, 590),
    "scams": Slide(work.scam_narrow, 830),
    "friendship": Slide(work.handshake, 800),
    "take-away": Slide(days.booklets_narrow, 800),
}


def slide(name: str, captions: Mapping[str, Caption], size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw one slide.

    Args:
        name: One of ``SLIDES``.
        captions: What it says, by language.
        size: Pixels, 16:9.
    """
    shown = SLIDES[name]
    sheet = Sheet(*size)
    shown.scene(sheet)
    picture = sheet.finish()
    unit = size[0] / SIZE[0]
    page = Image.new("RGB", size, c.NAVY_DEEP)
    left = round(shown.middle * size[0] / WIDTH - (size[0] - PANEL * unit) / 2)
    page.paste(picture.crop((left, 0, left + round(size[0] - PANEL * unit), size[1])), (round(PANEL * unit), 0))
    draw = ImageDraw.Draw(page)
    draw.rectangle((PANEL * unit, 0, (PANEL + 10) * unit, size[1]), fill=c.GOLD)
    _set(draw, captions, unit)
    return few_colours(page)


@dataclass(frozen=True)
class _Row:
    setter: Setter
    line: Line
    colour: str
    height: float


def _set(draw: ImageDraw.ImageDraw, captions: Mapping[str, Caption], unit: float) -> None:
    fonts = Fonts()
    room = SIZE[1] - 2 * MARGIN
    for first in FIRST:
        groups = [_group(fonts, one, captions[one], first, unit) for one in LANGUAGES if one in captions]
        used = sum(row.height for group in groups for row in group)
        if used + GAP * (len(groups) - 1) <= room:
            break
    gap = max(8.0, min(1.6 * GAP, (room - used) / max(1, len(groups) - 1)))
    y = MARGIN + max(0.0, (room - used - gap * (len(groups) - 1)) / 2)
    for group in groups:
        for row in group:
            y += row.height
            row.setter.draw(draw, row.line, MARGIN * unit, (y - row.height * 0.28) * unit, row.colour)
        y += gap


def _group(fonts: Fonts, language: str, caption: Caption, first: int, unit: float) -> list[_Row]:
    is_first = language == LANGUAGES[0]
    title, below = (first, first * 0.42) if is_first else (first * share for share in OTHERS)
    rows = []
    for text, pixels, colour, bold in (
        (caption.title, title, c.WHITE if is_first else c.CREAM, True),
        (caption.line, below, c.SUN if is_first else "#b9cbd6", False),
    ):
        setter = Setter(fonts, language, max(1, round(pixels * unit)))
        lines = setter.balanced(words(text, language, bold=bold), (PANEL - 1.6 * MARGIN) * unit)
        rows += [_Row(setter, line, colour, pixels * ACROSS.get(language, LEADING)) for line in lines]
    return rows
