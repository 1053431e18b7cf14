"""The reference pages for people: topics, errors, documents."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mqtt.contract import topics
from mqtt.contract.configuration import keys
from mqtt.contract.documents import Document, schema_of
from mqtt.contract.errors import ErrorCode
from mqtt.contract.topics import TOPICS, Plane, Topic
from mqtt.office.reference.kinds import file_of, kinds
from mqtt.office.reference.schemas import schema
from mqtt.office.reference.shapes import shape
from mqtt.office.settings import Settings

MARK: Final = "<!-- Written by `make reference` from the code; corrections belong there. -->"

_DEFAULTS: Final = Settings()

PLANES: Final = {
    Plane.CONTROL: (
        _DEFAULTS.control_port,
        "Retained state and small messages, kept over a restart; never waits for bulk.",
    ),
    Plane.BULK: (_DEFAULTS.bulk_port, "Chunks only, nothing kept: what is lost is asked for again."),
}
"""Default port and purpose of each broker."""

PLACEHOLDERS: Final = {
    "booth": "Name of a booth; bound to the certificate of a booth that speaks.",
    "gate": "Name of a border gate; bound to the inventory.",
    "number": "Version of the TUF root, from 1.",
    "digest": "SHA-256 of the blob, lower-case hexadecimal.",
    "id": "Id of the notice.",
    "name": "Name of the command.",
    "priority": "audit, operation or metric.",
}
"""What stands for what in a topic."""


def documents_of(topic: Topic) -> tuple[type[Document], ...]:
    """Return the kind of document a topic carries, in whatever form; empty for files of others and for chunks."""
    kind = topic.message
    return (kind,) if kind is not None and issubclass(kind, Document) else ()


def topics_page() -> str:
    """Return ``topics.md``."""
    rows = (
        (
            f"`{topics.PREFIX}{topic.template}`",
            f"{_parties(topic.writers)} → {_parties(topic.readers)}",
            topic.plane.value,
            topic.qos,
            "yes" if topic.retain else "no",
            _duration(topic.expiry_s),
            _size(topic.limit_bytes),
            " ".join([f"`{topic.form.value}`", *(_link(kind) for kind in documents_of(topic))]),
            topic.summary,
        )
        for topic in TOPICS
    )
    heads = ("Topic", "From → to", "Broker", "QoS", "Retained", "Expiry", "Limit", "Payload", "What")
    lines = [
        "# Topics",
        MARK,
        "MQTT 5, mutual TLS. A reader refuses what is longer than the limit. For programs: `asyncapi.json`.",
        "\n".join(f"* **{plane.value}**, port {port}: {text}" for plane, (port, text) in PLANES.items()),
        _table(heads, rows),
        "## Placeholders",
        _table(("Placeholder", "Meaning"), ((f"`{{{name}}}`", text) for name, text in PLACEHOLDERS.items())),
    ]
    return _page(lines)


def errors_page() -> str:
    """Return ``errors.md``."""
    rows = ((f"`{code.value}`", code.meaning, code.remedy) for code in ErrorCode)
    lines = [
        "# Error codes",
        MARK,
        "A refusal carries one of these codes: in `reported`, in the log of the booth, on the terminal of `boothctl`.",
        _table(("Code", "Meaning", "What to do"), rows),
    ]
    return _page(lines)


def configuration_page() -> str:
    """Return the page of all keys of the configuration."""
    rows = (
        (
            f"`{key.path}`",
            " ".join(part for part in (key.kind, key.unit, f"({key.bounds})" if key.bounds else "") if part),
            f"`{key.default}`",
            "confirmed" if key.confirmed else "protected" if key.protected else "",
            key.description,
        )
        for key in keys().values()
    )
    return _page(
        [
            "# Configuration",
            MARK,
            "Keys of the layers `all`, `gate/…` and `booth/…`.",
            "*Protected* keys need the signature of an operations officer.",
            "*Confirmed* ones are taken back when the booth does not reach the office with them.",
            _table(("Key", "Takes", "Default", "", "Meaning"), rows),
        ]
    )


def documents_page() -> str:
    """Return ``documents.md``."""
    lines = [
        "# Documents",
        MARK,
        "Every document carries `schema: name/major`. Booths ignore unknown fields and refuse an unknown major.",
        "Whoever signs refuses unknown fields as well, so that a misspelt one never gets a signature.",
    ]
    for kind in kinds():
        whole = schema(kind)
        parts: dict[str, Any] = whole["$defs"]
        lines += [f"## {schema_of(kind)}", f"JSON Schema: [`{file_of(kind)}`](schemas/{file_of(kind)})"]
        lines += _part(parts[kind.__name__])
        for name, part in parts.items():
            if name != kind.__name__:
                lines += [f"### {name} in {schema_of(kind)}", *_part(part)]
    return _page(lines)


def _part(part: dict[str, Any]) -> list[str]:
    lines = [part["description"]] if "description" in part else []
    if "enum" in part:
        return [*lines, "One of " + ", ".join(f"`{value}`" for value in part["enum"]) + "."]
    if "prefixItems" in part:
        return [*lines, "A list: " + ", ".join(shape(item) for item in part["prefixItems"]) + "."]
    required = part.get("required", [])
    rows = (
        (f"`{name}`", shape(field), "yes" if name in required else "no", field.get("description", ""))
        for name, field in part["properties"].items()
    )
    return [*lines, _table(("Field", "Type", "Required", "Meaning"), rows)]


def _link(kind: type[Document]) -> str:
    return f"[{schema_of(kind)}](documents.md#{schema_of(kind).replace('/', '')})"


def _parties(parties: frozenset[topics.Party]) -> str:
    return ", ".join(party.value for party in topics.Party if party in parties)


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    hours, minutes = seconds // 3600, seconds // 60
    return f"{hours} h" if hours else f"{minutes} min" if minutes else f"{seconds} s"


def _size(size_bytes: int) -> str:
    return f"{size_bytes // 1024} KiB" if size_bytes % 1024 == 0 else f"{size_bytes} B"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join(_rows(heads, rows))


def _rows(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        cells = (" ".join(str(cell).split()).replace("|", "\\|").replace("``", "`") for cell in row)
        yield "| " + " | ".join(cells) + " |"


def _page(blocks: list[str]) -> str:
    return "\n\n".join(block.replace("``", "`") for block in blocks) + "\n"
