"""Mistakes in a content source, said so that the person who wrote it can mend them.

One line each: ``file:line: error E_CODE: what is wrong. What to do.`` A parse collects them all and never stops at
the first.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mqtt.contract.errors import ErrorCode

TEXT: Final = ErrorCode.SOURCE_FRONT
"""Code of mistakes in the text under the front matter: correct the line named."""


class Severity(StrEnum):
    """Whether it keeps the source from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake.

    Attributes:
        file: Path inside the source, ``/`` between parts; empty for the source itself.
        line: Counted from 1.
        text: What exactly is wrong there.
    """

    file: str
    line: int
    code: ErrorCode
    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.file or '.'}:{self.line}: {self.severity} {self.code}: {self.text}. {self.code.remedy}"

    @property
    def is_error(self) -> bool:
        """Whether nothing may be published as it stands."""
        return self.severity is Severity.ERROR


def error(code: ErrorCode, file: str, line: int, text: str) -> Problem:
    """Return a mistake that keeps the source from being published."""
    return Problem(file, line, code, Severity.ERROR, text)


def warning(code: ErrorCode, file: str, line: int, text: str) -> Problem:
    """Return a mistake that a person should look at."""
    return Problem(file, line, code, Severity.WARNING, text)
