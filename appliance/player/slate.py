"""The built-in picture, for when there is nothing else: every language, each in its own script.

    ┌──────────────────────────┐
    │        Vietnamese        │   one band per language, Vietnamese first;
    │     its line of text     │   one size for all, so that the longest line fits
    │           ⋮              │
    └──────────────────────────┘

Drawn once per start of the device by a short-lived process, ``python -m appliance.player.slate FILE WIDTH HEIGHT``,
so that the player never carries fonts and Pillow in its memory. Nothing else of the player imports this module.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from PIL import Image, ImageDraw, ImageFont

from appliance.lib import files, fonts
from appliance.lib.words import Words
from appliance.player.screens import BACKGROUND
from mqtt.contract.names import LANGUAGES

TITLE_COLOUR: Final = "#ffffff"
LINE_COLOUR: Final = "#c9d6e4"
RULE_COLOUR: Final = "#2c4a6e"

_MARGIN: Final = 0.06
"""Of the shorter side, on each side of the picture."""
_TITLE: Final = 0.30
_LINE: Final = 0.19
"""Letter heights as parts of a band."""


@dataclass(frozen=True)
class _Line:
    """One line of text, cut into runs that one face can draw, each with its font."""

    runs: tuple[tuple[ImageFont.FreeTypeFont, str], ...]

    @classmethod
    def of(cls, text: str, language: str, size_px: float) -> Self:
        """Set a text in letters of this size."""
        return cls(
            tuple(
                (ImageFont.truetype(face.file, size_px, index=face.index), letters)
                for face, letters in fonts.runs(text, language)
            )
        )

    @property
    def width(self) -> float:
        """Pixels from the first letter to the last."""
        return sum(font.getlength(letters) for font, letters in self.runs)

    def draw(self, canvas: ImageDraw.ImageDraw, centre_px: float, baseline_px: float, colour: str) -> None:
        """Draw centred on a baseline."""
        left = centre_px - self.width / 2
        for font, letters in self.runs:
            canvas.text((left, baseline_px), letters, fill=colour, font=font, anchor="ls")
            left += font.getlength(letters)


def picture(words: Words, width_px: int, height_px: int) -> Image.Image:
    """Draw the slate for a panel of this size."""
    image = Image.new("RGB", (width_px, height_px), BACKGROUND)
    canvas = ImageDraw.Draw(image)
    margin = _MARGIN * min(width_px, height_px)
    band = (height_px - 2 * margin) / len(LANGUAGES)
    titles = {language: words.say(language, "slate.title") for language in LANGUAGES}
    lines = {language: words.say(language, "slate.line") for language in LANGUAGES}
    title_px = _size(titles, _TITLE * band, width_px - 2 * margin)
    line_px = _size(lines, _LINE * band, width_px - 2 * margin)
    centre = width_px / 2
    for place, language in enumerate(LANGUAGES):
        middle = margin + (place + 0.5) * band
        _Line.of(titles[language], language, title_px).draw(canvas, centre, middle - 0.1 * title_px, TITLE_COLOUR)
        _Line.of(lines[language], language, line_px).draw(canvas, centre, middle + 1.6 * line_px, LINE_COLOUR)
        if place:
            top = middle - band / 2
            canvas.line((0.42 * width_px, top, 0.58 * width_px, top), fill=RULE_COLOUR, width=max(1, height_px // 540))
    return image


def _size(texts: Mapping[str, str], wanted_px: float, room_px: float) -> float:
    """Letter size for texts by language: as wanted, smaller if the longest of them would not fit."""
    longest = max(_Line.of(text, language, wanted_px).width for language, text in texts.items())
    return wanted_px * min(1.0, room_px / longest)


def main(arguments: list[str]) -> None:
    """Write the slate as PNG: file, width and height in pixels."""
    file, width_px, height_px = arguments
    png = io.BytesIO()
    picture(Words.load(), int(width_px), int(height_px)).save(png, "PNG", compress_level=1)
    files.write_volatile(Path(file), png.getvalue())


if __name__ == "__main__":
    main(sys.argv[1:])
