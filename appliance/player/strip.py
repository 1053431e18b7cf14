"""The strip below the picture, as mpv's subtitle renderer takes it, readable on any picture by wide dark edges; pure.

    lines ─► broken to the width of the panel ─► one ASS event, 720 units high

The renderer breaks lines at spaces only, which Chinese, Lao and Khmer hardly have; so they are broken here.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mqtt.contract.state import Panel

HEIGHT: Final = 720
LINES_LIMIT: Final = 3
"""What does not fit into so many lines ends in an ellipsis; the page beside the screen has it all."""

_STYLE: Final = r"{\an2\q2\bord0\shad0\1c&HFFFFFF&\bord7"
_TONES: Final = {
    "normal": (30, r"\3c&H452508&\4c&H452508&}"),
    "urgent": (38, r"\3c&H1D16A3&\4c&H1D16A3&}"),
    "exercise": (30, r"\3c&H5F5044&\4c&H5F5044&}"),
    "device": (26, r"\3c&H452508&\4c&H452508&}"),
}
"""Size in units, and the colour of the edge (blue, green, red)."""
_MARGIN: Final = 0.9
_LETTER: Final = 0.56
"""Mean width of a Latin letter in parts of its size."""


@dataclass(frozen=True)
class Line:
    """A sentence and how it is said: ``normal``, ``urgent``, ``exercise``, or ``device`` of the booth itself."""

    text: str
    tone: str = "normal"


def events(lines: tuple[Line, ...], panel: Panel) -> str:
    """Return the event that shows these lines on a panel; empty for none."""
    return r"\N".join(_event(line, panel.width_px / panel.height_px) for line in lines)


def wrapped(text: str, columns: int) -> list[str]:
    """Break a sentence into lines of so many columns at most; a Chinese character takes two, a mark above none."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest:
        head, rest = _first_line(rest, columns)
        lines.append(head)
    if len(lines) > LINES_LIMIT:
        lines = [*lines[: LINES_LIMIT - 1], f"{lines[LINES_LIMIT - 1].rstrip()}…"]
    return lines


def _event(line: Line, aspect: float) -> str:
    size, colours = _TONES[line.tone]
    columns = max(8, int(HEIGHT * aspect * _MARGIN / (size * _LETTER)))
    return f"{_STYLE}\\fs{size}{colours}" + r"\N".join(_plain(part) for part in wrapped(line.text, columns))


def _first_line(text: str, columns: int) -> tuple[str, str]:
    end = _fits(text, columns)
    if end == len(text):
        return text, ""
    space = text.rfind(" ", 0, end + 1)
    if space > end // 2:
        return text[:space], text[space + 1 :]
    return text[:end], text[end:].lstrip()


def _fits(text: str, columns: int) -> int:
    """How many code points fit; a letter and its marks stay together."""
    last = 0
    for end, width in _clusters(text):
        columns -= width
        if columns < 0:
            break
        last = end
    return last or len(text)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(text):
        end = begin + 1
        while end < len(text) and _belongs(text[end - 1], text[end]):
            end += 1
        yield end, 2 if unicodedata.east_asian_width(text[begin]) in {"W", "F"} else 1
        begin = end


def _belongs(before: str, letter: str) -> bool:
    joins = unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"}
    stacked = before == "\u17d2"  # Khmer: the next letter stands below
    leading = "\u0ec0" <= before <= "\u0ec4"  # Lao: a vowel written before its consonant
    return joins or stacked or leading


def _plain(text: str) -> str:
    """Return a text in which nothing is a command to the subtitle renderer."""
    return text.replace("\\", "\\\u2060").replace("{", r"\{").replace("\n", " ")
