"""One file of text: UTF-8, and for Markdown files TOML front matter between two lines of ``+++``.

+++
title = "…"            TOML, from line 2
+++

![…](cover.png)        body, CommonMark
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mqtt.contract.errors import ErrorCode
from mqtt.contract.items import TEXT_LIMIT
from mqtt.office.content.problems import Problem, error
from mqtt.office.content.tables import TomlText, parse_toml

FENCE: Final = "+++"


@dataclass(frozen=True)
class Page:
    """One Markdown file, front matter and body apart.

    Attributes:
        body: CommonMark, lines ended by a line feed, no blank lines around it.
        body_line: Line of the file on which the body begins.
    """

    front: TomlText
    body: str
    body_line: int


def read_text(path: Path, file: str) -> str | Problem:
    """Read a text file of the source; line ends become line feeds."""
    try:
        if path.stat().st_size > TEXT_LIMIT:
            return error(ErrorCode.SIZE, file, 1, f"{path.stat().st_size} bytes, at most {TEXT_LIMIT}")
        data = path.read_bytes()
        text = data.decode("utf-8")
    except UnicodeDecodeError as mistake:
        line = data.count(b"\n", 0, mistake.start) + 1
        return error(ErrorCode.SOURCE_FRONT, file, line, "not UTF-8; save it as UTF-8")
    except FileNotFoundError:
        return error(ErrorCode.SOURCE_LAYOUT, file, 1, "is missing")
    except OSError as mistake:
        return error(ErrorCode.SOURCE_LAYOUT, file, 1, f"cannot be read: {mistake.strerror}")
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n").replace("\r", "\n")


def split_page(text: str, file: str) -> Page | Problem:
    """Part front matter from body."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return error(ErrorCode.SOURCE_FRONT, file, 1, "does not begin with a line of +++")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        return error(ErrorCode.SOURCE_FRONT, file, 1, "the front matter is not closed by a line of +++")
    front = parse_toml("\n".join(lines[1:end]), file, first_line=2)
    if isinstance(front, Problem):
        return front
    start = next((number for number in range(end + 1, len(lines)) if lines[number].strip()), len(lines))
    body = "\n".join(lines[start:]).rstrip()
    return Page(front, body + "\n" if body else "", start + 1)
