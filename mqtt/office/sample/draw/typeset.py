"""Sets words in lines: five languages, three ways of finding where a line may end.

spaces          Vietnamese, English; phrases of Lao and Khmer
any character   Chinese, except before closing and after opening punctuation
syllables       Lao and Khmer, when a phrase would leave a line too empty
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import ImageDraw

from mqtt.office.sample.fonts import Fonts, Script, runs, script_of

FULL_ENOUGH: Final = 0.72
"""A line filled less than this is filled from the next phrase."""

_CLOSING: Final = "，。、；：？！）》」』】〉”’…—%％)]}.,;:?!"
_OPENING: Final = "（《「『【〈“‘([{"
_LAO_START: Final = re.compile(r"(?<=.)(?=[\u0ec0-\u0ec4])")
_KHMER_START: Final = re.compile(r"(?<=[\u1780-\u17d1\u17d3])(?=[\u1780-\u17b3](?:\u17d2|[\u17b6-\u17c5]))")


@dataclass(frozen=True)
class Word:
    """A piece that is not broken. ``space`` stands after it unless a line ends there."""

    text: str
    bold: bool = False
    space: bool = False


@dataclass(frozen=True)
class Line:
    """Words side by side, and their width in pixels."""

    words: tuple[Word, ...]
    width: float


@dataclass(frozen=True)
class Setter:
    """Sets text of one language in one size (pixels)."""

    fonts: Fonts
    language: str
    size: int

    def lines(self, words: Iterable[Word], width: float) -> list[Line]:
        """Break words into lines of at most ``width`` pixels; a word wider than that stands alone."""
        waiting = list(words)
        found: list[Line] = []
        line: list[Word] = []
        used = 0.0
        while waiting:
            word = waiting.pop(0)
            wide = self._width(word)
            parts = self._parts(word) if used + wide > width and used < FULL_ENOUGH * width else [word]
            if len(parts) > 1:
                waiting[:0] = parts
            elif used + wide <= width or not line:
                line.append(word)
                used += wide + (self._space(word) if word.space else 0)
            else:
                found.append(self._line(line))
                line, used = [], 0.0
                waiting.insert(0, word)
        return [*found, self._line(line)] if line else found

    def balanced(self, words: Iterable[Word], width: float) -> list[Line]:
        """Break words into as few lines as :meth:`lines`, of about the same width."""
        given = list(words)
        best = self.lines(given, width)
        narrow, wide = width / (len(best) + 1), width
        while len(best) > 1 and wide - narrow > self.size / 2:
            middle = (narrow + wide) / 2
            tried = self.lines(given, middle)
            fits = len(tried) == len(best) and all(line.width <= middle for line in tried)
            narrow, wide, best = (narrow, middle, tried) if fits else (middle, wide, best)
        return best

    def draw(self, draw: ImageDraw.ImageDraw, line: Line, x: float, baseline: float, colour: str) -> None:
        """Draw a line whose letters stand on ``baseline``."""
        for word in line.words:
            for script, part in runs(word.text, self.language):
                font = self.fonts.get(script, self.size, bold=word.bold)
                draw.text((x, baseline), part, fill=colour, font=font, anchor="ls")
                x += font.getlength(part)
            x += self._space(word) if word.space else 0

    def _line(self, words: Sequence[Word]) -> Line:
        spaces = sum(self._space(word) for word in words[:-1] if word.space)
        return Line(tuple(words), sum(map(self._width, words)) + spaces)

    def _width(self, word: Word) -> float:
        return self.fonts.width(word.text, self.language, self.size, bold=word.bold)

    def _space(self, word: Word) -> float:
        return self.fonts.get(Script.LATIN, self.size, bold=word.bold).getlength(" ")

    def _parts(self, word: Word) -> list[Word]:
        """Syllables of a phrase of Lao or Khmer; the word itself otherwise."""
        pattern = {"lo": _LAO_START, "km": _KHMER_START}.get(self.language)
        parts = pattern.split(word.text) if pattern else [word.text]
        return [*(Word(part, word.bold) for part in parts[:-1]), Word(parts[-1], word.bold, word.space)]


def words(text: str, language: str, *, bold: bool = False) -> Iterator[Word]:
    """Part a text into pieces between which a line may end."""
    for match in re.finditer(r"([^\s\u200b]+)([\s\u200b]*)", text):
        pieces = list(_han_pieces(match[1], language))
        for piece in pieces[:-1]:
            yield Word(piece, bold)
        yield Word(pieces[-1], bold, space=bool(match[2].strip("\u200b")) or match[2].isspace())


def _han_pieces(text: str, language: str) -> Iterator[str]:
    piece = ""
    for letter in text:
        new = piece and (_is_han(letter, language) or _is_han(piece[-1], language))
        if new and letter not in _CLOSING and piece[-1] not in _OPENING:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _is_han(letter: str, language: str) -> bool:
    return script_of(letter, language) is Script.HAN
