"""Which font draws which letters: one face per script of the booth's languages, Latin for what a face lacks.

Faces of Lao and Khmer have no Latin letters or digits, so text in them is drawn in runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

FONTS: Final = Path("/usr/share/fonts")

_BLOCKS: Final = {"lo": (range(0x0E80, 0x0F00),), "km": (range(0x1780, 0x1800), range(0x19E0, 0x1A00))}
"""Unicode blocks of the scripts whose faces have nothing else; spaces and joiners are drawn with them."""
_JOINERS: Final = range(0x200B, 0x200E)


@dataclass(frozen=True)
class Face:
    """A font file and the face in it (collections hold several)."""

    file: Path
    index: int = 0


def face(language: str, fonts: Path = FONTS) -> Face:
    """Return the face of a language's own script; Latin with Vietnamese for all that have none of their own."""
    noto = fonts / "truetype/noto"
    match language:
        case "zh":
            return Face(fonts / "opentype/noto/NotoSansCJK-Regular.ttc", index=2)
        case "lo":
            return Face(noto / "NotoSansLao-Regular.ttf")
        case "km":
            return Face(noto / "NotoSansKhmer-Regular.ttf")
        case _:
            return Face(noto / "NotoSans-Regular.ttf")


def runs(text: str, language: str, fonts: Path = FONTS) -> Iterator[tuple[Face, str]]:
    """Split a line into pieces that one face can draw, in reading order."""
    own = face(language, fonts)
    latin = own if language not in _BLOCKS else face("en", fonts)
    for native, letters in groupby(text, key=lambda letter: _is_native(letter, language)):
        yield own if native else latin, "".join(letters)


def _is_native(letter: str, language: str) -> bool:
    code = ord(letter)
    return letter.isspace() or code in _JOINERS or any(code in block for block in _BLOCKS.get(language, ()))
