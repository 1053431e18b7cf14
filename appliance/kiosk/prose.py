"""Markdown of an agency → HTML that can do nothing but be read.

CommonMark with tables. HTML in the text is shown as letters, pictures come from the item's own media or not at all, and
links lead nowhere: a booth has no internet, and a page without a way back is a trap. What comes out goes through nh3.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from appliance.kiosk.media import Medium
from mqtt.contract.items import Kind

_WEB: Final = re.compile(r"https?://(.+)", re.IGNORECASE)
_BLOCKS: Final = ("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "div")
_WORDS: Final = ("code", "strong", "em", "span", "img", "video")
_TABLES: Final = ("table", "thead", "tbody", "tr", "th", "td")
_TAGS: Final = frozenset((*_BLOCKS, *_WORDS, *_TABLES))
_ATTRIBUTES: Final = {
    "img": {"src", "alt"},
    "video": {"src", "controls", "muted", "preload"},
    "ol": {"start"},
    "div": {"class"},
    "span": {"class"},
}


@dataclass
class _Setting:
    media: Mapping[str, Medium]
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Prose:
    """A text ready for the page, and the media that stand in it."""

    html: Markup
    used: frozenset[str]


class Typesetter:
    """Turns texts into HTML; one for all texts and threads."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        for name, rule in (
            ("image", _image),
            ("link_open", _link_open),
            ("link_close", _link_close),
            ("heading_open", _heading_open),
            ("heading_close", _heading_close),
            ("table_open", _table_open),
            ("table_close", _table_close),
        ):
            self._markdown.add_render_rule(name, rule)

    def set(self, body: str, media: Mapping[str, Medium]) -> Prose:
        """Set a text whose pictures and videos are among ``media`` (by name)."""
        setting = _Setting(media)
        html = self._markdown.render(body, {"setting": setting})
        clean = nh3.clean(html, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=set(), link_rel=None)
        return Prose(Markup(clean), frozenset(setting.used))  # noqa: S704 - nh3 has just made it safe


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType) -> str:
    setting: _Setting = env["setting"]
    token = tokens[index]
    medium = setting.media.get(unquote(str(token.attrs.get("src", ""))))
    if medium is None or medium.kind is Kind.DOCUMENT:
        return escape(token.content)
    setting.used.add(medium.name)
    if medium.kind is Kind.VIDEO:
        return f'<video src="{escape(medium.still_url)}" controls muted preload="metadata"></video>'
    return f'<img src="{escape(medium.url)}" alt="{escape(token.content)}">'


def _link_open(_: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: EnvType) -> str:
    return '<span class="link">'


def _link_close(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    """Say the address of a web page, which a traveller may open on a phone, unless the text says it already."""
    opened = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open")
    said = "".join(token.content for token in tokens[opened:index])
    web = _WEB.match(str(tokens[opened].attrs.get("href", "")))
    address = unquote(web[1]).rstrip("/") if web else ""
    return "</span>" if not address or address in said else f" ({escape(address)})</span>"


def _heading_open(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    return f"<{_below_title(tokens[index].tag)}>"


def _heading_close(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    return f"</{_below_title(tokens[index].tag)}>\n"


def _table_open(_: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: EnvType) -> str:
    return '<div class="table"><table>\n'


def _table_close(_: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: EnvType) -> str:
    return "</table></div>\n"


def _below_title(tag: str) -> str:
    return "h2" if tag == "h1" else tag
