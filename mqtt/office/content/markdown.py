"""What a text is made of: its headings, paragraphs, links and pictures, each with its line.

CommonMark with tables, as the page shows it.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BREAKS: Final = ("softbreak", "hardbreak")


@dataclass(frozen=True)
class Link:
    """A link or a picture: where it leads, and its line in the file."""

    target: str
    line: int
    is_picture: bool
    alt: str = ""


@dataclass(frozen=True)
class Outline:
    """The bones of one text.

    Attributes:
        html_lines: Lines with HTML, which the page does not show.
        headings: Level of each heading, in order.
        blocks: Number of paragraphs, list items and table rows.
    """

    links: tuple[Link, ...]
    html_lines: tuple[int, ...]
    headings: tuple[int, ...]
    blocks: int


def parse_markdown(body: str) -> list[Token]:
    """Return the tokens of a text as every part of the office reads it."""
    return MarkdownIt("commonmark").enable("table").parse(body)


def outline(body: str, first_line: int = 1) -> Outline:
    """Look at a text that begins on ``first_line`` of its file."""
    links: list[Link] = []
    html_lines: list[int] = []
    headings: list[int] = []
    blocks = 0
    line = first_line
    for token in parse_markdown(body):
        if token.map:
            line = first_line + token.map[0]
        match token.type:
            case "heading_open":
                headings.append(int(token.tag[1:]))
            case "html_block":
                html_lines.append(line)
            case "inline":
                found, html = _inside(token, line)
                links += found
                html_lines += html
        blocks += token.type in {"paragraph_open", "tr_open"}
    return Outline(tuple(links), tuple(html_lines), tuple(headings), blocks)


def _inside(inline: Token, line: int) -> tuple[list[Link], list[int]]:
    links: list[Link] = []
    html_lines: list[int] = []
    for token in inline.children or []:
        match token.type:
            case "image":
                links.append(Link(unquote(str(token.attrs.get("src", ""))), line, is_picture=True, alt=token.content))
            case "link_open":
                links.append(Link(unquote(str(token.attrs.get("href", ""))), line, is_picture=False))
            case "html_inline":
                html_lines.append(line)
        line += token.type in _BREAKS
    return links, html_lines
