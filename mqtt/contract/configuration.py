"""What of a booth can be configured from afar: one schema for validation, help, forms and the reference page.

    [section]
    key = value          bounds, unit and meaning stand at the key; the default counts where nobody says anything

*Protected* keys count only when an ``operations`` officer has signed them; *confirmed* keys go back to what they were
when the booth does not reach the office with them. There are no secrets here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mqtt.contract.names import LANGUAGES, Language

_PROTECTED: Final = {"protected": True}
_CONFIRMED: Final = {"protected": True, "confirmed": True}

Port = Annotated[int, Meta(ge=1, le=65535, description="TCP port")]
Rate = Annotated[int, Meta(ge=0, le=2**40, description="bytes per second", extra_json_schema={"unit": "B/s"})]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="local time of day, HH:MM")]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all tables: a misspelt key is no key."""


class Broker(_Table, frozen=True, kw_only=True):
    """Where the two brokers of one place listen; the first that answers is used."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    control: Port = 8883
    bulk: Port = 8884


class Span(_Table, frozen=True, kw_only=True):
    """From ``begins`` until ``ends``, local time ``HH:MM``, over midnight if that is earlier: a limit of its own.

    Attributes:
        rate_limit: Bytes per second; None for no limit, 0 for a pause.
    """

    begins: Clock
    ends: Clock
    rate_limit: Rate | None = None

    def covers(self, clock: str) -> bool:
        """Whether a local time lies within."""
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


class Transfer(_Table, frozen=True, kw_only=True):
    """How fast large blobs may be fetched; texts and lists are never limited."""

    rate_limit: Annotated[
        Rate | None,
        Meta(description="bytes per second outside of all windows; without it there is no limit",
             extra_json_schema={"unit": "B/s"}),
    ] = None  # fmt: skip
    windows: Annotated[
        tuple[Span, ...],
        Meta(max_length=24, description="times of day with limits of their own; the first that covers the time counts"),
    ] = ()
    paused: Annotated[bool, Meta(description="nothing large is fetched at all")] = False

    def rate(self, clock: str | None) -> float | None:
        """Return bytes per second at a local time ``HH:MM``; None is no limit. ``clock`` None: nobody knows it."""
        if self.paused:
            return 0.0
        found = next((span for span in self.windows if clock is not None and span.covers(clock)), None)
        return found.rate_limit if found else self.rate_limit


class Kiosk(_Table, frozen=True, kw_only=True):
    """The look-up page."""

    languages: Annotated[
        tuple[Language, ...],
        Meta(max_length=12, description="languages offered, in this order; empty: those of the booth's identity"),
    ] = ()

    def __post_init__(self) -> None:
        if set(self.languages) - set(LANGUAGES) or len(set(self.languages)) < len(self.languages):
            message = f"each of {', '.join(LANGUAGES)} at most once"
            raise ValueError(message)


class Screen(_Table, frozen=True, kw_only=True):
    """The public screen."""

    volume_percent: Annotated[
        int, Meta(ge=0, le=100, description="loudness of films", extra_json_schema={"unit": "%"})
    ] = 60
    notice_seconds: Annotated[
        int,
        Meta(ge=4, le=60, description="how long one text of a notice stands before the next language",
             extra_json_schema={"unit": "s"}),
    ] = 8  # fmt: skip


class LogLevel(StrEnum):
    """From which weight on something is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Log(_Table, frozen=True, kw_only=True):
    """What the booth writes down of itself."""

    level: Annotated[LogLevel, Meta(description="from which weight on something is logged")] = LogLevel.INFO


class Network(_Table, frozen=True, kw_only=True):
    """How the booth reaches the office. Wrong values here would cut it off; so they are confirmed or taken back."""

    brokers: Annotated[
        tuple[Broker, ...],
        Meta(max_length=4, description="brokers, the preferred first; empty: those of the booth's identity",
             extra_json_schema=_CONFIRMED),
    ] = ()  # fmt: skip
    confirm_within_s: Annotated[
        int,
        Meta(ge=10, le=3600, description="the office must be reached within this time, or the old settings come back",
             extra_json_schema={"unit": "s", **_PROTECTED}),
    ] = 300  # fmt: skip


class Configuration(_Table, frozen=True, kw_only=True):
    """Everything that can be configured, with the values that count."""

    kiosk: Kiosk = Kiosk()
    screen: Screen = Screen()
    transfer: Transfer = Transfer()
    log: Log = Log()
    network: Network = Network()


@dataclass(frozen=True)
class Key:
    """One key of the schema.

    Attributes:
        path: ``section.key``.
        kind: What it takes, in words.
        default: As JSON.
        bounds: As in the JSON Schema (``minimum``, ``maximum``, …).
        confirmed: The old value comes back when the office is not reached with the new one.
    """

    path: str
    kind: str
    unit: str
    default: str
    bounds: str
    description: str
    protected: bool
    confirmed: bool


@cache
def keys() -> dict[str, Key]:
    """Return every key by its path, in the order of the schema."""
    return {key.path: key for key in _keys()}


def _keys() -> Iterator[Key]:
    schema = msgspec.json.schema(Configuration)
    tables = schema["$defs"]
    for section in msgspec.structs.fields(Configuration):
        properties = tables[section.type.__name__]["properties"]
        for field in msgspec.structs.fields(section.type):
            said: dict[str, Any] = properties[field.encode_name]
            yield Key(
                path=f"{section.name}.{field.name}",
                kind=_kind(said),
                unit=said.get("unit", ""),
                default=msgspec.json.encode(field.default).decode(),
                bounds=", ".join(f"{name} {said[name]}" for name in _BOUNDS if name in said),
                description=said["description"],
                protected=bool(said.get("protected")),
                confirmed=bool(said.get("confirmed")),
            )


_BOUNDS: Final = ("minimum", "maximum", "maxItems", "pattern")


def _kind(said: dict[str, Any]) -> str:
    if "anyOf" in said:
        return " or ".join("nothing" if one.get("type") == "null" else _kind(one) for one in said["anyOf"])
    if "$ref" in said:
        return str(said["$ref"]).rpartition("/")[2].lower().replace("loglevel", "debug, info, warning or error")
    if "allOf" in said:
        return _kind(said["allOf"][0])
    if said.get("type") == "array":
        return f"list of {_kind(said['items'])}"
    return str(said.get("type", "value"))
