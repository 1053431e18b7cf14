"""The fonts of the sample: Noto, one per script, so that no character is ever an empty box.

Debian: fonts-noto-core, fonts-noto-cjk.
"""

from collections.abc import Iterator
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import ImageFont

from mqtt.contract.errors import ContractError, ErrorCode

FOLDER: Final = Path("/usr/share/fonts")
_PUNCTUATION: Final = range(0x2010, 0x2028)


class Script(Enum):
    """A script: font file (``{}`` is the weight), face in it, first and last characters of its blocks."""

    LATIN = "truetype/noto/NotoSans-{}.ttf", 0, ()
    LAO = "truetype/noto/NotoSansLao-{}.ttf", 0, ((0x0E80, 0x0EFF),)
    KHMER = "truetype/noto/NotoSansKhmer-{}.ttf", 0, ((0x1780, 0x17FF), (0x19E0, 0x19FF))
    HAN = "opentype/noto/NotoSansCJK-{}.ttc", 2, ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFFEF))

    @property
    def file(self) -> str:
        """Path of the font below the font folder."""
        return str(self.value[0])

    @property
    def face(self) -> int:
        """Number of the face in the file (2 is Simplified Chinese)."""
        return int(self.value[1])

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Ranges of code points, ends included."""
        return tuple(self.value[2])


def script_of(letter: str, language: str) -> Script:
    """Return the script whose font draws a character in a text of this language."""
    code = ord(letter)
    if language == "zh" and code in _PUNCTUATION:
        return Script.HAN
    return next((one for one in Script if any(first <= code <= last for first, last in one.blocks)), Script.LATIN)


def runs(text: str, language: str) -> Iterator[tuple[Script, str]]:
    """Part a text into stretches of one script each."""
    for script, letters in groupby(text, lambda letter: script_of(letter, language)):
        yield script, "".join(letters)


class Fonts:
    """Fonts by script, size in pixels and weight; each is read once.

    Args:
        folder: Where the system keeps its fonts.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._read: dict[tuple[Script, int, bool], ImageFont.FreeTypeFont] = {}

    def get(self, script: Script, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Return a font.

        Raises:
            ContractError: ``E_CONFIG``; it is not installed.
        """
        key = script, size, bold
        if key not in self._read:
            path = self._folder / script.file.format("Bold" if bold else "Regular")
            if not path.is_file():
                packages = "install fonts-noto-core and fonts-noto-cjk"
                raise ContractError(ErrorCode.CONFIG, f"no font {path.name}; {packages}")
            engine = ImageFont.Layout.RAQM
            self._read[key] = ImageFont.truetype(path, size, index=script.face, layout_engine=engine)
        return self._read[key]

    def width(self, text: str, language: str, size: int, *, bold: bool = False) -> float:
        """Return how wide a text is on one line, pixels."""
        return sum(self.get(script, size, bold=bold).getlength(part) for script, part in runs(text, language))
