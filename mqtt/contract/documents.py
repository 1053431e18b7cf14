"""Documents with a version, and the two ways to read them.

Each document carries ``schema: name/major``. Booths ignore unknown fields within a known major and refuse an
unknown major; whoever signs refuses unknown fields, so that a misspelt field never gets a signature.
"""

from typing import Any, Final, TypeVar

import msgspec

from mqtt.contract.errors import ContractError, ErrorCode


class Document(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema"):
    """Base of all versioned documents; subclasses give ``tag="name/major"``."""


class _Schema(msgspec.Struct, frozen=True):
    schema: str


D = TypeVar("D", bound=Document)

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def schema_of(kind: type[Document]) -> str:
    """Return ``name/major`` of a document type."""
    return str(kind.__struct_config__.tag)


def encode(document: msgspec.Struct) -> bytes:
    """Return the one JSON form of a value: fields in declared order, no spaces."""
    return msgspec.json.encode(document)


def decode(kind: type[D], payload: bytes, limit_bytes: int) -> D:
    """Read a document as a booth does: unknown fields are ignored, unknown majors refused.

    Raises:
        ContractError: ``E_SIZE``, ``E_SCHEMA``, ``E_MALFORMED`` or the code of a broken rule. Keep what you have.
    """
    if len(payload) > limit_bytes:
        raise ContractError(ErrorCode.SIZE, f"{len(payload)} bytes where at most {limit_bytes} are allowed")
    expected = schema_of(kind)
    try:
        found = msgspec.json.decode(payload, type=_Schema).schema
        if found != expected:
            raise ContractError(ErrorCode.SCHEMA, f"{found!r} where {expected!r} was expected")
        return msgspec.json.decode(payload, type=kind)
    except _UNREADABLE as error:
        raise ContractError(ErrorCode.MALFORMED, f"{expected}: {error}") from error


def decode_to_sign(kind: type[D], payload: bytes, limit_bytes: int) -> D:
    """Read a document as a signer does: as :func:`decode`, and no unknown field anywhere.

    Raises:
        ContractError: As :func:`decode`, or ``E_UNKNOWN_FIELD`` naming the field.
    """
    document = decode(kind, payload, limit_bytes)
    try:
        _refuse_unknown(msgspec.json.decode(payload), document, schema_of(kind))
    except _UNREADABLE as error:  # a field that decode skipped without looking at its value
        raise ContractError(ErrorCode.MALFORMED, f"{schema_of(kind)}: {error}") from error
    return document


def _refuse_unknown(given: Any, known: Any, where: str) -> None:  # noqa: ANN401 - JSON is any shape
    if isinstance(known, msgspec.Struct):
        known = _fields_of(known)
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key not in known:
                raise ContractError(ErrorCode.UNKNOWN_FIELD, f"{where}.{key}")
            _refuse_unknown(value, known[key], f"{where}.{key}")
    elif isinstance(given, list) and isinstance(known, (list, tuple)):
        if len(given) > len(known):
            raise ContractError(ErrorCode.UNKNOWN_FIELD, f"{where}[{len(known)}]")
        for position, (one, other) in enumerate(zip(given, known, strict=False)):
            _refuse_unknown(one, other, f"{where}[{position}]")


def _fields_of(struct: msgspec.Struct) -> dict[str, Any] | list[Any]:
    """Every field a struct may be written with, also those it leaves out when they have their default."""
    config = struct.__struct_config__
    fields = {field.encode_name: getattr(struct, field.name) for field in msgspec.structs.fields(struct)}
    if config.array_like:
        return list(fields.values())
    return {config.tag_field: config.tag, **fields} if config.tag_field else fields
