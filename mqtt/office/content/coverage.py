"""Whom the content serves: items counted by stream of the plan × gate × language × group of visitors.

An item for ``everyone`` counts for each group, one for ``*`` at each gate. An empty cell is somebody who stands in
front of a booth and finds nothing of that stream.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from mqtt.contract.names import LANGUAGES, VISITORS
from mqtt.office.content.source import Source

GROUPS: Final = tuple(group for group in VISITORS if group != "everyone")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One combination and the number of items it finds."""

    stream: int
    gate: str
    language: str
    visitor: str
    items: int


def coverage(source: Source, languages: Iterable[str] = LANGUAGES) -> tuple[Cell, ...]:
    """Count every combination, empty ones included, in the order stream, gate, language, visitor."""
    streams = source.streams
    return tuple(
        Cell(
            stream=stream.number,
            gate=gate,
            language=language,
            visitor=visitor,
            items=sum(
                streams.stream_of(item.category) is stream
                and bool({"*", gate} & set(item.facts.gates))
                and language in item.texts
                and bool({"everyone", visitor} & set(item.facts.visitors))
                for item in source.items
            ),
        )
        for stream in streams.streams
        for gate in streams.gates
        for language in languages
        for visitor in GROUPS
    )
