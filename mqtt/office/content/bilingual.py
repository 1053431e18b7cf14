"""Vietnamese beside another language: it comes first and larger; pure.

Advertising Law 2012, article 18(2): where Vietnamese and a foreign language stand together, the foreign letters are at
most three quarters as high and stand below. The law speaks of advertising; the office holds itself to it everywhere.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.names import Language

LARGEST: Final = 0.75
"""Foreign letters in parts of the Vietnamese ones."""
VIETNAMESE: Final = "vi"
_BETWEEN: Final = re.compile(r"\s+[/|–—-]\s+")
_LETTERS: Final = 4
"""A shorter part is a name or a number, in any language."""


class Lettering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words on a picture in one language: how high their capitals are, in percent of the picture's height."""

    language: Language
    height_percent: Annotated[float, Meta(gt=0, le=100)]


def lettering(words: Sequence[Lettering]) -> Iterator[str]:
    """Yield what is wrong with the words on a picture, which are given from top to bottom."""
    languages = [one.language for one in words]
    if len(set(languages)) < 2:  # noqa: PLR2004 - one language needs no order
        return
    if VIETNAMESE not in languages:
        yield "there are two languages on it and no Vietnamese"
        return
    if languages[0] != VIETNAMESE:
        yield f"{languages[0]} stands above Vietnamese; Vietnamese comes first"
    own = max(one.height_percent for one in words if one.language == VIETNAMESE)
    for one in words:
        if one.language != VIETNAMESE and one.height_percent > own * LARGEST:
            yield f"{one.language} is {one.height_percent:g} % high, at most {own * LARGEST:g} % beside Vietnamese"


def title(words: str) -> str | None:
    """Return what is wrong with a Vietnamese title that another language stands in, None for nothing."""
    parts = [part for part in _BETWEEN.split(words) if sum(map(str.isalpha, part)) >= _LETTERS]
    if len(parts) > 1 and not _is_vietnamese(parts[0]) and any(map(_is_vietnamese, parts[1:])):
        return f"{parts[0]!r} stands before the Vietnamese; Vietnamese comes first"
    return None


def _is_vietnamese(text: str) -> bool:
    return any(unicodedata.combining(mark) for mark in unicodedata.normalize("NFD", text)) or "đ" in text.casefold()
