"""Every mistake in a content source that a person can mend before anything is signed.

Form is found while parsing (``walk``), what an item must be stands in ``rules``; here they are put together.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from mqtt.contract.documents import encode
from mqtt.contract.errors import ErrorCode
from mqtt.contract.items import ITEM_LIMIT, Kind, kind_of
from mqtt.contract.names import LANGUAGES
from mqtt.office.content import bilingual, rules
from mqtt.office.content.compile import item_document, programme_document
from mqtt.office.content.media import check_medium
from mqtt.office.content.problems import TEXT, Problem, error, warning
from mqtt.office.content.source import FACTS_LANGUAGE, Source, SourceItem, SourceProgramme
from mqtt.office.content.streams import Streams

REQUIRED: Final = {"essentials": LANGUAGES}
"""Languages required per category where the regulation says nothing else (design, Languages)."""
REQUIRED_ELSE: Final = ("vi", "en")


def check(source: Source, today: date, required: Mapping[str, tuple[str, ...]] = REQUIRED) -> list[Problem]:
    """Return every mistake in a parsed source, by file and line; media are decoded.

    Args:
        source: What the folder holds.
        today: For dates that have passed.
        required: Languages the regulation requires, by category; others need Vietnamese and English.
    """
    found = [*source.problems, *_folders(source)]
    for item in source.items:
        found += _item(item, source.streams, today, required.get(item.category, REQUIRED_ELSE))
    for programme in source.programmes:
        found += _programme(programme, source.streams)
    for file, path in source.media():
        found += filter(None, [check_medium(path, file)])
    return sorted(set(found))


def _folders(source: Source) -> Iterator[Problem]:
    """Folders whose items could not be read are judged all the same."""
    judged = {item.path.rsplit("/", 1)[0] for item in source.items}
    for path in source.folders:
        if path not in judged:
            yield from rules.supplied(path, path, 1, source.streams)


def _item(item: SourceItem, streams: Streams, today: date, required: tuple[str, ...]) -> Iterator[Problem]:
    yield from rules.facts(item, streams, today)
    yield from rules.languages(item, required, tuple(dict.fromkeys((*LANGUAGES, *required))))
    for text in item.texts.values():
        yield from rules.text(item, text)
    if wrong := bilingual.title(item.texts[FACTS_LANGUAGE].title):
        yield warning(TEXT, item.front.file, item.front.line("title"), wrong)
    yield from rules.media(item)
    if len(encode(item_document(item))) > ITEM_LIMIT:
        yield error(ErrorCode.SIZE, item.front.file, 1, f"the facts of one item take more than {ITEM_LIMIT} bytes")


def _programme(programme: SourceProgramme, streams: Streams) -> Iterator[Problem]:
    front = programme.front
    ids = [entry.id for entry in programme.entries]
    for place, entry in enumerate(programme.entries):
        line = front.line("items", place, "file")
        if entry.file not in programme.files:
            yield error(ErrorCode.SOURCE_LINK, front.file, line, f"{entry.file!r} is not in this folder")
        elif kind_of(entry.file) not in {Kind.PICTURE, Kind.VIDEO}:
            yield error(ErrorCode.SOURCE_MEDIA, front.file, line, f"{entry.file!r} cannot be played on a screen")
        elif (entry.kind == "map" or rules.is_called_map(entry.file)) and entry.territory is None:
            yield error(ErrorCode.SOURCE_TERRITORY, front.file, line, f"{entry.file!r} is a map")
        if entry.id in ids[:place]:
            yield error(ErrorCode.DUPLICATE, front.file, front.line("items", place, "id"), f"{entry.id!r} stands twice")
        yield from rules.gates_known(entry.gates, front.file, front.line("items", place, "gates"), streams)
        for wrong in bilingual.lettering(entry.lettering):
            yield error(TEXT, front.file, front.line("items", place, "lettering"), f"{entry.id!r}: {wrong}")
    if len(encode(programme_document(programme))) > ITEM_LIMIT:
        yield error(ErrorCode.SIZE, front.file, 1, f"the programme takes more than {ITEM_LIMIT} bytes")
