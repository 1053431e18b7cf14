"""Markdown becomes blocks: heading, paragraph, list item, row of a table; a heading and what follows are a section.

A paragraph that is nothing but a link to a document is left out: on the page it would lead to the page itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from typing import Final

from markdown_it.token import Token

from mqtt.contract.items import Kind, kind_of
from mqtt.office.content.markdown import parse_markdown
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.typeset import Word, words

BULLET: Final = "•"
_LINK: Final = ["link_open", "text", "link_close"]


@dataclass(frozen=True)
class Block:
    """Words that begin on a new line.

    Attributes:
        size: Height of the letters, mm.
        marker: What stands before the first line of a list item.
        above: Space above, mm.
        is_heading: Whether it stands over what follows.
    """

    words: tuple[Word, ...]
    size: float = 3.9
    colour: str = c.INK
    marker: str = ""
    above: float = 2.2
    is_heading: bool = False


def sections(markdown: str, language: str) -> list[list[Block]]:
    """Return the blocks of a text, parted before each heading."""
    found: list[list[Block]] = [[]]
    for block in _blocks(markdown, language):
        if block.is_heading:
            found.append([])
        found[-1].append(block)
    return [section for section in found if section]


def _blocks(markdown: str, language: str) -> Iterator[Block]:  # noqa: C901 - one branch per kind of token
    markers: list[Iterator[str]] = []
    marker = ""
    row: list[Word] | None = None
    within = ""
    for token in parse_markdown(markdown):
        match token.type:
            case "heading_open" | "thead_open":
                within = token.type
            case "heading_close" | "thead_close":
                within = ""
            case "ordered_list_open":
                markers.append(f"{number}." for number in count(1))
            case "bullet_list_open":
                markers.append(repeat(BULLET))
            case "ordered_list_close" | "bullet_list_close":
                markers.pop()
            case "list_item_open":
                marker = next(markers[-1])
            case "tr_open":
                row = []
            case "tr_close":
                yield _row(row or (), is_head=bool(within))
                row = None
            case "inline" if not _is_to_document(token):
                found = tuple(_words(token.children or (), language, bold=within == "heading_open"))
                if row is not None:
                    row += [*([Word("–", space=True)] if row else []), *found, Word("", space=True)]
                elif found:
                    yield _paragraph(found, marker, is_heading=bool(within))
                    marker = ""


def _row(found: Sequence[Word], *, is_head: bool) -> Block:
    if is_head:
        return Block(tuple(found), colour=c.INK_SOFT)
    return Block(tuple(found), marker=BULLET, above=1.2)


def _paragraph(found: tuple[Word, ...], marker: str, *, is_heading: bool) -> Block:
    if is_heading:
        return Block(found, 4.7, c.SEA_DEEP, above=4.4, is_heading=True)
    return Block(found, marker=marker)


def _is_to_document(inline: Token) -> bool:
    parts = inline.children or []
    return [part.type for part in parts] == _LINK and kind_of(str(parts[0].attrs.get("href"))) is Kind.DOCUMENT


def _words(tokens: Sequence[Token], language: str, *, bold: bool) -> Iterator[Word]:
    strong = bold
    for token in tokens:
        match token.type:
            case "strong_open":
                strong = True
            case "strong_close":
                strong = bold
            case "text" | "code_inline":
                if token.content[:1].isspace():
                    yield Word("", space=True)
                yield from words(token.content, language, bold=strong)
            case "softbreak" | "hardbreak":
                yield Word("", space=True)
