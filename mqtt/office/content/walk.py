"""Walks a content source and parses what it finds; the only reader of the folder's layout.

Nothing is followed out of the folder: symbolic links are refused. Names beginning with a dot are left alone.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from mqtt.contract.errors import ErrorCode
from mqtt.contract.names import LANGUAGES, is_name
from mqtt.office.content.problems import Problem, error
from mqtt.office.content.source import (
    FACTS_LANGUAGE,
    PROGRAMME,
    PROGRAMME_SOURCE,
    ItemFront,
    MediumFront,
    ProgrammeEntry,
    ProgrammeFront,
    Source,
    SourceItem,
    SourceProgramme,
    SourceText,
    TitleFront,
    is_medium,
)
from mqtt.office.content.streams import STREAMS_FILE, Streams, read_streams
from mqtt.office.content.tables import parse_toml, read_table
from mqtt.office.content.texts import Page, read_text, split_page

_MEDIUM_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}(\.[A-Za-z0-9_-]{1,12})+\Z")
_LANGUAGE_FILE: Final = re.compile(r"([a-z]{2,3}(?:-[A-Za-z]{4})?(?:-[A-Z]{2})?)\.md\Z")
T = TypeVar("T")
_FACTS: Final = frozenset(ItemFront.__struct_fields__) - frozenset(TitleFront.__struct_fields__)


def read_source(root: Path) -> Source:
    """Parse the whole folder; ``problems`` of the result has every mistake of form."""
    return _Walk(root).run()


class _Walk:
    """One pass over a source; collects as it goes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._problems: list[Problem] = []
        self._items: list[SourceItem] = []
        self._programmes: list[SourceProgramme] = []
        self._folders: list[str] = []

    def run(self) -> Source:
        streams, problems = read_streams(self._root / STREAMS_FILE)
        self._problems += problems
        for category in self._folders_in("", frozenset({STREAMS_FILE, "README.md"})):
            for agency in self._folders_in(category):
                self._folders.append(agency)
                if category == PROGRAMME:
                    self._read_programme(agency)
                else:
                    for item in self._folders_in(agency):
                        self._read_item(item)
        return Source(
            self._root,
            streams or Streams(),
            tuple(self._items),
            tuple(self._programmes),
            tuple(self._folders),
            tuple(sorted(self._problems)),
        )

    def _refuse(self, code: ErrorCode, file: str, text: str, line: int = 1) -> None:
        self._problems.append(error(code, file, line, text))

    def _entries(self, path: str) -> list[Path]:
        """Visible entries of a folder that are not links, by name."""
        try:
            found = sorted(self._root.joinpath(path).iterdir())
        except OSError as mistake:
            self._refuse(ErrorCode.SOURCE_LAYOUT, path, f"cannot be read: {mistake.strerror}")
            return []
        kept = []
        for entry in found:
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                self._refuse(ErrorCode.SOURCE_LAYOUT, _join(path, entry.name), "is a symbolic link")
            else:
                kept.append(entry)
        return kept

    def _folders_in(self, path: str, files: frozenset[str] = frozenset()) -> list[str]:
        found = []
        for entry in self._entries(path):
            here = _join(path, entry.name)
            if not entry.is_dir():
                if entry.name not in files:
                    self._refuse(ErrorCode.SOURCE_LAYOUT, here, "a file where only folders belong")
            elif not is_name(entry.name):
                self._refuse(ErrorCode.SOURCE_LAYOUT, here, "folder names are 2 to 48 of a-z, 0-9 and hyphen")
            else:
                found.append(here)
        return found

    def _files_in(self, path: str, is_text: Callable[[str], object]) -> tuple[list[str], tuple[str, ...]]:
        """Texts and media of a folder; anything else is refused."""
        texts: list[str] = []
        media: list[str] = []
        for entry in self._entries(path):
            here = _join(path, entry.name)
            if not entry.is_file():
                self._refuse(ErrorCode.SOURCE_LAYOUT, here, "a folder where only files belong")
            elif is_text(entry.name):
                texts.append(entry.name)
            elif not is_medium(entry.name):
                self._refuse(ErrorCode.SOURCE_LAYOUT, here, "neither {language}.md nor png, jpg, webp, mp4 or pdf")
            elif not _MEDIUM_NAME.match(entry.name):
                self._refuse(ErrorCode.PATH, here, "file names are letters without accents, digits, hyphen and dot")
            elif entry.name.casefold() in {name.casefold() for name in media}:
                self._refuse(ErrorCode.DUPLICATE, here, "differs from another file only in capital letters")
            else:
                media.append(entry.name)
        return texts, tuple(media)

    def _read_item(self, path: str) -> None:
        names, files = self._files_in(path, _LANGUAGE_FILE.match)
        facts: ItemFront | None = None
        texts: dict[str, SourceText] = {}
        for name in sorted(names, key=_language_rank):
            file, language = _join(path, name), name.removesuffix(".md")
            page = self._read_page(file)
            if page is None:
                continue
            front: TitleFront | None
            if language == FACTS_LANGUAGE:
                front = facts = self._take(read_table(ItemFront, page.front, page.front.table))
            else:
                front = self._read_titles(page)
            if front:
                texts[language] = SourceText(file, language, front.title, front.summary, page)
        if f"{FACTS_LANGUAGE}.md" not in names:
            self._refuse(ErrorCode.SOURCE_LANGUAGE, path, f"{FACTS_LANGUAGE}.md is missing; it carries the facts")
        if facts:
            media = self._read_media(facts, texts[FACTS_LANGUAGE].page)
            self._items.append(SourceItem(self._root / path, path, facts, media, texts, files))

    def _read_page(self, file: str) -> Page | None:
        text = read_text(self._root / file, file)
        page = text if isinstance(text, Problem) else split_page(text, file)
        if isinstance(page, Problem):
            self._problems.append(page)
            return None
        return page

    def _read_titles(self, page: Page) -> TitleFront | None:
        """Read a front matter that may not carry facts."""
        table = page.front.table
        for key in table.keys() & _FACTS:
            where = page.front.file, f"{key!r} is a fact: it stands in {FACTS_LANGUAGE}.md only", page.front.line(key)
            self._refuse(ErrorCode.SOURCE_FRONT, *where)
        kept = {key: value for key, value in table.items() if key not in _FACTS}
        return self._take(read_table(TitleFront, page.front, kept))

    def _take(self, read: tuple[T | None, list[Problem]]) -> T | None:
        value, problems = read
        self._problems += problems
        return value

    def _read_media(self, facts: ItemFront, page: Page) -> tuple[MediumFront, ...]:
        tables = enumerate(facts.media)
        media = [self._take(read_table(MediumFront, page.front, table, ("media", place))) for place, table in tables]
        return tuple(medium for medium in media if medium)

    def _read_programme(self, path: str) -> None:
        names, files = self._files_in(path, PROGRAMME_SOURCE.__eq__)
        file = _join(path, PROGRAMME_SOURCE)
        if not names:
            self._refuse(ErrorCode.SOURCE_LAYOUT, file, "is missing")
            return
        text = read_text(self._root / file, file)
        toml = text if isinstance(text, Problem) else parse_toml(text, file)
        if isinstance(toml, Problem):
            self._problems.append(toml)
            return
        front = self._take(read_table(ProgrammeFront, toml, toml.table))
        if front:
            tables = enumerate(front.items)
            read = [self._take(read_table(ProgrammeEntry, toml, table, ("items", place))) for place, table in tables]
            entries = tuple(entry for entry in read if entry)
            self._programmes.append(SourceProgramme(self._root / path, path, toml, front.languages, entries, files))


def _join(path: str, name: str) -> str:
    printable = name.encode("utf-8", "backslashreplace").decode()
    return f"{path}/{printable}" if path else printable


def _language_rank(name: str) -> tuple[int, str]:
    language = name.removesuffix(".md")
    return (LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES), language)
