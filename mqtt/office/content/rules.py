"""What an item must be, one rule per function: takes what was parsed, yields mistakes, touches no file."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from mqtt.contract.errors import ErrorCode
from mqtt.contract.items import Kind, kind_of
from mqtt.contract.names import VISITORS
from mqtt.office.content.problems import TEXT, Problem, error, warning
from mqtt.office.content.source import FACTS_LANGUAGE, SourceItem, SourceText
from mqtt.office.content.streams import Streams

BLOCKS_APART: Final = 0.4
"""A translation whose number of paragraphs differs by more than this share is looked at again."""

_MAP: Final = re.compile(r"(^|[^a-z])(map|maps|ban-?do)([^a-z]|$)")


def is_called_map(name: str) -> bool:
    """Whether a file name says that it is a map (``map`` or ``ban-do`` as a word of it)."""
    return _MAP.search(name.casefold()) is not None


def supplied(path: str, file: str, line: int, streams: Streams) -> Iterator[Problem]:
    """Yield what ``streams.toml`` has against a ``category/agency`` folder."""
    category, agency = path.split("/")[:2]
    if not streams.categories:  # it could not be read, which has been said
        return
    supply = streams.categories.get(category)
    if supply is None:
        yield error(ErrorCode.SOURCE_STREAM, file, line, f"streams.toml has no category {category!r}")
    elif agency not in supply.agencies:
        yield error(ErrorCode.SOURCE_STREAM, file, line, f"streams.toml lets {agency!r} supply nothing to {category!r}")


def gates_known(gates: Iterable[str], file: str, line: int, streams: Streams) -> Iterator[Problem]:
    """Yield gates that ``streams.toml`` does not list."""
    for gate in gates:
        if gate != "*" and streams.gates and gate not in streams.gates:
            yield error(ErrorCode.UNKNOWN, file, line, f"unknown gate {gate!r}")


def facts(item: SourceItem, streams: Streams, today: date) -> Iterator[Problem]:
    """Agency, gates, visitors and dates."""
    front, said = item.front, item.facts
    line = front.line
    if said.agency != item.agency:
        where = line("agency")
        yield error(ErrorCode.SOURCE_FRONT, front.file, where, f"agency {said.agency!r} in the folder {item.agency!r}")
    yield from supplied(item.path, front.file, line("agency"), streams)
    yield from gates_known(said.gates, front.file, line("gates"), streams)
    for group in said.visitors:
        if group not in VISITORS:
            known = " ".join(VISITORS)
            yield error(ErrorCode.UNKNOWN, front.file, line("visitors"), f"unknown visitors {group!r}, known: {known}")
    if said.valid_until and said.valid_until < said.valid_from:
        yield error(ErrorCode.SOURCE_DATE, front.file, line("valid_until"), "valid_until lies before valid_from")
    elif said.valid_until and said.valid_until < today:
        yield warning(ErrorCode.SOURCE_DATE, front.file, line("valid_until"), "no longer valid, shown nowhere")
    if said.as_of > today:
        yield warning(ErrorCode.SOURCE_DATE, front.file, line("as_of"), "as_of lies in the future")


def languages(item: SourceItem, required: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Problem]:
    """Missing languages: an error where the regulation requires them, else a warning."""
    for language in wanted:
        if language not in item.texts and language != FACTS_LANGUAGE:
            say = error if language in required else warning
            told = "required for this category" if language in required else "readers get another language instead"
            yield say(ErrorCode.SOURCE_LANGUAGE, f"{item.path}/{language}.md", 1, f"no text in {language!r}, {told}")


def text(item: SourceItem, written: SourceText) -> Iterator[Problem]:
    """Links, pictures, HTML and shape of one language."""
    found = written.outline
    if not written.page.body:
        yield error(TEXT, written.file, written.page.body_line, "no text under the front matter")
    for line in found.html_lines:
        yield error(TEXT, written.file, line, "HTML is not shown; write it in Markdown")
    for link in found.links:
        what = "picture" if link.is_picture else "link"
        outside = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/|#", link.target) or ".." in link.target.split("/")
        if outside:
            why = "leads out of the folder; booths have no internet"
            yield error(ErrorCode.SOURCE_LINK, written.file, link.line, f"{what} {link.target!r} {why}")
        elif link.target not in item.files:
            yield error(ErrorCode.SOURCE_LINK, written.file, link.line, f"{what} {link.target!r} is not in this folder")
        elif link.is_picture and kind_of(link.target) is Kind.DOCUMENT:
            yield error(ErrorCode.SOURCE_LINK, written.file, link.line, f"{link.target!r} is no picture, link to it")
        elif link.is_picture and not link.alt.strip():
            yield warning(TEXT, written.file, link.line, f"{link.target!r} has no words for those who do not see it")
    yield from _beside(item.texts[FACTS_LANGUAGE], written)


def _beside(first: SourceText, other: SourceText) -> Iterator[Problem]:
    mine, theirs = other.outline, first.outline
    if mine.headings != theirs.headings:
        told = f"{len(mine.headings)} headings, {first.language} has {len(theirs.headings)} or other levels"
        yield warning(TEXT, other.file, other.page.body_line, told)
    elif abs(mine.blocks - theirs.blocks) > max(1, BLOCKS_APART * theirs.blocks):
        told = f"{mine.blocks} paragraphs and rows, {first.language} has {theirs.blocks}"
        yield warning(TEXT, other.file, other.page.body_line, told)


def media(item: SourceItem) -> Iterator[Problem]:
    """Declared media exist, once; maps declare territory; nothing lies about unused."""
    front = item.front
    names = [medium.file for medium in item.media]
    for place, medium in enumerate(item.media):
        line = front.line("media", place, "file")
        if medium.file not in item.files:
            yield error(ErrorCode.SOURCE_LINK, front.file, line, f"{medium.file!r} is not in this folder")
        elif medium.file in names[:place]:
            yield error(ErrorCode.DUPLICATE, front.file, line, f"{medium.file!r} stands twice")
        elif (medium.kind == "map" or is_called_map(medium.file)) and medium.territory is None:
            yield error(ErrorCode.SOURCE_TERRITORY, front.file, line, f"{medium.file!r} is a map")
    for file in item.files:
        if is_called_map(file) and file not in names:
            told = f"{file!r} is called a map and is not in [[media]]"
            yield error(ErrorCode.SOURCE_TERRITORY, front.file, front.line("media"), told)
        elif file not in item.shown:
            fate = "is published all the same" if file in names else "stays at home"
            yield warning(ErrorCode.SOURCE_LINK, f"{item.path}/{file}", 1, f"no text shows or links it; it {fate}")
