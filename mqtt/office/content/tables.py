"""TOML at the border: a table becomes a typed frozen value, or a list of mistakes with their lines.

Every field is converted by itself, so that one wrong field does not hide the next.
"""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypeVar, get_args

import msgspec

from mqtt.contract.errors import ErrorCode
from mqtt.office.content.problems import Problem, error

_AT_LINE: Final = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")
_LIKE_DATE: Final = re.compile(r"=\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*[.=]""")

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True)
class TomlText:
    """TOML that parsed, and where its keys stand.

    Attributes:
        file: Path inside the source.
        first_line: Line of the file on which the TOML begins.
        lines: Line of each key, by path: ``("media", 0, "file")``; of each table by its own path.
    """

    file: str
    first_line: int
    table: dict[str, Any]
    lines: dict[tuple[str | int, ...], int] = field(repr=False)

    def line(self, *path: str | int) -> int:
        """Return the line of a key, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.first_line)


def parse_toml(text: str, file: str, first_line: int = 1) -> TomlText | Problem:
    """Read TOML that begins on ``first_line`` of ``file``; the one mistake it finds comes with its line."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        found = _AT_LINE.search(str(mistake))
        count = text.count("\n") + 1
        line = first_line - 1 + (int(found[1]) if found and found[1] else count)
        written = text.split("\n")[line - first_line] if line - first_line < count else ""
        if _LIKE_DATE.search(written):
            return error(ErrorCode.SOURCE_DATE, file, line, "not a day of the calendar, written as 2026-11-20")
        return error(ErrorCode.SOURCE_FRONT, file, line, _AT_LINE.sub("", str(mistake)).strip())
    except (RecursionError, ValueError) as mistake:  # nested too deeply; more digits than Python reads
        return error(ErrorCode.SOURCE_FRONT, file, first_line, f"cannot be read: {mistake}")
    return TomlText(file, first_line, table, _locate(text, first_line))


def _locate(text: str, first_line: int) -> dict[tuple[str | int, ...], int]:
    lines: dict[tuple[str | int, ...], int] = {}
    seen: dict[str, int] = {}
    here: tuple[str | int, ...] = ()
    for number, line in enumerate(text.split("\n"), first_line):
        if header := _HEADER.match(line):
            names = [part.strip(" \"'") for part in header[2].split(".")]
            here = tuple(names)
            lines.setdefault(here, number)
            if header[1] == "[[":
                seen[header[2]] = seen.get(header[2], -1) + 1
                here = (*here, seen[header[2]])
            lines.setdefault(here, number)
        elif key := _KEY.match(line):
            lines.setdefault((*here, key[1]), number)
    return lines


def read_table(
    kind: type[T], toml: TomlText, table: object, at: tuple[str | int, ...] = ()
) -> tuple[T | None, list[Problem]]:
    """Turn one table into a ``kind``; None when a field is wrong, with every mistake named.

    Args:
        kind: A struct whose fields are the allowed keys.
        toml: Where the table comes from.
        table: The table itself.
        at: Path of the table inside the document.
    """
    if not isinstance(table, dict):
        return None, [error(ErrorCode.SOURCE_FRONT, toml.file, toml.line(*at), f"{_said(at)} is not a table")]
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    fields = {entry.encode_name: entry for entry in msgspec.structs.fields(kind)}
    for key, value in table.items():
        line = toml.line(*at, key)
        if key not in fields:
            problems.append(error(ErrorCode.UNKNOWN_FIELD, toml.file, line, f"nobody knows the field {key!r}"))
            continue
        try:
            values[fields[key].name] = msgspec.convert(value, fields[key].type)
        except (msgspec.ValidationError, RecursionError) as mistake:
            is_date = date in (fields[key].type, *get_args(fields[key].type)) or isinstance(value, datetime)
            code = ErrorCode.SOURCE_DATE if is_date else ErrorCode.SOURCE_FRONT
            problems.append(error(code, toml.file, line, f"{key}: {mistake}"))
    for key, entry in fields.items():
        if entry.required and key not in table:
            problems.append(error(ErrorCode.SOURCE_FRONT, toml.file, toml.line(*at), f"{_said(at)} lacks {key!r}"))
    return (None if problems else kind(**values)), problems


def _said(at: tuple[str | int, ...]) -> str:
    names = [str(part + 1) if isinstance(part, int) else part for part in at]
    return f"[{' '.join(names)}]" if names else "the front matter"
