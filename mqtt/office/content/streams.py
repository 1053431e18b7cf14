"""``streams.toml``: the seven streams of the plan (II.2), and who supplies which.

    gates = ["cat-bi", "hai-phong-port"]
    [[streams]]            number, names in vi and en, suppliers that have no keys of their own
    [categories.city]      stream, agencies

Every category belongs to one stream. An agency supplies a category only if it is named there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.errors import ErrorCode
from mqtt.contract.names import Agency, Category, GateId
from mqtt.office.content.problems import Problem, error
from mqtt.office.content.tables import TomlText, parse_toml, read_table
from mqtt.office.content.texts import read_text

STREAMS_FILE: Final = "streams.toml"

Said = Annotated[str, Meta(min_length=1, max_length=300)]


class OutsideSupplier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody the plan names who sends texts through an agency: Party committees, ministries, the press."""

    vi: Said
    en: Said


class PlanStream(msgspec.Struct, frozen=True, kw_only=True):
    """One of the plan's streams of content."""

    number: Annotated[int, Meta(ge=1, le=99)]
    vi: Said
    en: Said
    outside: tuple[OutsideSupplier, ...] = ()


class CategorySupply(msgspec.Struct, frozen=True, kw_only=True):
    """Which stream a category belongs to, and the agencies that may supply it."""

    stream: Annotated[int, Meta(ge=1, le=99)]
    agencies: Annotated[tuple[Agency, ...], Meta(min_length=1)]


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    gates: Annotated[tuple[GateId, ...], Meta(min_length=1)]
    streams: Annotated[tuple[dict[str, object], ...], Meta(min_length=1)]
    categories: dict[Category, dict[str, object]]


@dataclass(frozen=True)
class Streams:
    """The plan's streams, the categories in them, and the gates this source is written for."""

    gates: tuple[str, ...] = ()
    streams: tuple[PlanStream, ...] = ()
    categories: Mapping[str, CategorySupply] = field(default_factory=dict)

    def stream_of(self, category: str) -> PlanStream | None:
        """Return the plan's stream of a category, None if it has none."""
        supply = self.categories.get(category)
        return next((entry for entry in self.streams if supply and entry.number == supply.stream), None)


def read_streams(path: Path) -> tuple[Streams | None, list[Problem]]:
    """Read ``streams.toml``; None with the reasons when it cannot be used."""
    text = read_text(path, STREAMS_FILE)
    if isinstance(text, Problem):
        return None, [text]
    toml = parse_toml(text, STREAMS_FILE)
    if isinstance(toml, Problem):
        return None, [toml]
    document, problems = read_table(_Document, toml, toml.table)
    if document is None:
        return None, problems
    streams: list[PlanStream] = []
    for number, table in enumerate(document.streams):
        stream, mistakes = read_table(PlanStream, toml, table, ("streams", number))
        problems += mistakes
        streams += [stream] if stream else []
    categories: dict[str, CategorySupply] = {}
    for category, table in document.categories.items():
        supply, mistakes = read_table(CategorySupply, toml, table, ("categories", category))
        problems += mistakes
        if supply:
            categories[category] = supply
    problems += _disagreements(toml, streams, categories)
    return (None if problems else Streams(document.gates, tuple(streams), categories)), problems


def _disagreements(toml: TomlText, streams: list[PlanStream], categories: dict[str, CategorySupply]) -> list[Problem]:
    numbers = [stream.number for stream in streams]
    twice = [
        error(ErrorCode.DUPLICATE, toml.file, toml.line("streams", place, "number"), f"stream {number} stands twice")
        for place, number in enumerate(numbers)
        if number in numbers[:place]
    ]
    unknown = [
        error(
            ErrorCode.SOURCE_STREAM,
            toml.file,
            toml.line("categories", name, "stream"),
            f"category {name} names stream {supply.stream}, which is not described",
        )
        for name, supply in categories.items()
        if supply.stream not in numbers
    ]
    return twice + unknown
