"""Configuration in layers, and what comes of them at a booth; pure.

    all/all ─► gate/cat-bi ─► booth/cb-01          a later layer wins, key by key
       └── open: in the assignment      └── sealed: signed by operations, for protected keys

A key that is unknown, out of bounds or protected and not sealed is refused by itself: all others count.
"""

import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from mqtt.contract.configuration import Configuration, keys
from mqtt.contract.documents import Document
from mqtt.contract.duty import Envelope
from mqtt.contract.errors import DETAIL_LIMIT, ContractError, ErrorCode
from mqtt.contract.names import Instant, Name

CONFIG_PAYLOAD_TYPE: Final = "application/vnd.gatebooth.config+json"
LAYER_LIMIT: Final = 16 * 1024
"""Bytes of a layer, sealed or not."""
EVERY: Final = "all"
"""Name of the one layer of scope ``all``."""


class Scope(StrEnum):
    """For whom a layer is."""

    ALL = "all"
    GATE = "gate"
    BOOTH = "booth"


SCOPES: Final = tuple(Scope)
Values = dict[str, dict[str, Any]]


class Layer(Document, frozen=True, kw_only=True, tag="config/1"):
    """A part of the configuration for all booths, for a gate or for a booth."""

    scope: Scope
    name: Name
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    issued: Instant
    values: Values

    @property
    def path(self) -> str:
        """Under which path of the delegations its signers must be named, if it is sealed."""
        return f"config/{self.scope}/{self.name}"

    @property
    def label(self) -> str:
        """``scope/name``."""
        return f"{self.scope}/{self.name}"

    def is_for(self, gate: str, booth: str) -> bool:
        """Whether it speaks to a booth."""
        return self.name == {Scope.ALL: EVERY, Scope.GATE: gate, Scope.BOOTH: booth}[self.scope]


SEALED: Final = Envelope(Layer, CONFIG_PAYLOAD_TYPE, LAYER_LIMIT * 2, lambda layer: layer.path)
"""How a layer with protected keys comes."""


class KeyRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """A key that does not count, in which layer it stands, and why."""

    key: Annotated[str, Meta(max_length=200)]
    code: ErrorCode
    detail: Annotated[str, Meta(max_length=DETAIL_LIMIT)]
    layer: Annotated[str, Meta(max_length=64)]


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What counts, where each key that is not a default comes from, and what was refused."""

    configuration: Configuration
    origins: dict[str, str]
    refused: tuple[KeyRefusal, ...]


def merge(base: Configuration, layers: Iterable[tuple[Layer, bool]]) -> Merged:
    """Put layers over each other.

    Args:
        base: What counts where no layer says anything.
        layers: In any order, each with whether it was sealed.
    """
    values: Values = msgspec.to_builtins(base)
    origins: dict[str, str] = {}
    refused: list[KeyRefusal] = []
    for layer, sealed in sorted(layers, key=lambda one: (SCOPES.index(one[0].scope), one[1])):
        for path, value in _flat(layer.values):
            try:
                checked = check_key(path, value, sealed=sealed)
            except ContractError as error:
                detail = KeyRefusal(key=path[:200], code=error.code, detail=error.detail, layer=layer.label)
                refused.append(detail)
                continue
            section, _, key = path.partition(".")
            values[section][key] = checked
            origins[path] = layer.label
    return Merged(configuration=msgspec.convert(values, Configuration), origins=origins, refused=tuple(refused))


def check_key(path: str, value: object, *, sealed: bool) -> Any:  # noqa: ANN401 - a value of TOML
    """Return a value as the configuration takes it.

    Raises:
        ContractError: ``E_UNKNOWN_FIELD``, ``E_PROTECTED`` (and not sealed), ``E_CONFIG`` (type or bounds).
    """
    known = keys().get(path)
    if known is None:
        raise ContractError(ErrorCode.UNKNOWN_FIELD, f"nobody knows {path}")
    if known.protected and not sealed:
        raise ContractError(ErrorCode.PROTECTED, f"{path} must be signed by operations")
    section, _, key = path.partition(".")
    try:
        found = msgspec.convert({section: {key: value}}, Configuration)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        reason = str(error).partition(" - at `")[0]
        takes = f"{known.kind} {known.bounds}".strip()
        raise ContractError(ErrorCode.CONFIG, f"{path}: {reason}; it takes {takes}") from error
    return msgspec.json.decode(msgspec.json.encode(getattr(getattr(found, section), key)))


def read_values(text: bytes) -> Values:
    """Read a layer as a person writes it, in TOML; nothing wrong is let through.

    Raises:
        ContractError: ``E_CONFIG`` naming every key that is wrong; ``E_SIZE``.
    """
    if len(text) > LAYER_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"layer of {len(text)} bytes, at most {LAYER_LIMIT}")
    try:
        table: Any = tomllib.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ContractError(ErrorCode.CONFIG, f"this is not TOML: {error}") from error
    wrong = []
    for section, part in table.items():
        if not isinstance(part, dict):
            wrong.append(f"{section} is no section")
    for path, value in _flat({section: part for section, part in table.items() if isinstance(part, dict)}):
        try:
            check_key(path, value, sealed=True)
        except ContractError as error:
            wrong.append(error.detail)
    if wrong:
        raise ContractError(ErrorCode.CONFIG, "; ".join(wrong))
    checked: Values = table
    return checked


def split(values: Values) -> tuple[Values, Values]:
    """Return the open and the protected part of a layer."""
    parts: tuple[Values, Values] = ({}, {})
    for path, value in _flat(values):
        section, _, key = path.partition(".")
        known = keys().get(path)
        parts[bool(known and known.protected)].setdefault(section, {})[key] = value
    return parts


def fingerprint(configuration: Configuration) -> str:
    """Return a digest by which office and booth see whether they speak of the same."""
    return sha256(msgspec.json.encode(configuration, order="sorted")).hexdigest()


def _flat(values: Values) -> Iterator[tuple[str, Any]]:
    for section, part in values.items():
        for key, value in part.items():
            yield f"{section}.{key}", value
