"""The operating regulation as data: ``authority/authority.toml``.

    who may say what      [agencies.X] categories, duty notices     who comes first     order
    with which keys       keys, threshold, days                     where               [gates.X]

Who is believed is decided by the signed TUF metadata made from this file; the office reads here what the metadata
does not hold: how long signatures last, the order of agencies, the names.
"""

import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import Name
from mqtt.office.mistakes import mistakes
from mqtt.office.terms import (
    AgencyTerms,
    Authority,
    CategoryTerms,
    GateTerms,
    NoticeTerms,
    OfficerTerms,
    RoleTerms,
)

AUTHORITY_FILE: Final = "authority.toml"


def covers(pattern: str, name: str) -> bool:
    """Whether one part of a pattern stands for a name; ``*`` stands for each, and only ``*`` for ``*`` itself."""
    return pattern in {"*", name}


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outermost table; its parts are read one by one, so that a mistake is named with its whole key."""

    schema: str
    order: tuple[Name, ...]
    roles: dict[str, dict[str, Any]]
    agencies: dict[str, dict[str, Any]]
    gates: dict[str, dict[str, Any]]
    categories: dict[str, dict[str, Any]]
    notices: dict[str, Any] = {}
    officers: dict[str, dict[str, Any]] = {}


T = TypeVar("T")
_SCHEMA: Final = "authority/1"


def read_authority(folder: Path) -> Authority:
    """Read the regulation in force.

    Args:
        folder: ``authority/`` of the office's home.

    Raises:
        ContractError: ``E_CONFIG`` naming the key, or that there is no authority here yet.
    """
    try:
        text = (folder / AUTHORITY_FILE).read_bytes()
    except OSError as error:
        raise ContractError(
            ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {error.strerror}; boothctl authority init makes an authority"
        ) from error
    return parse_authority(text)


def parse_authority(text: bytes) -> Authority:
    """Read the regulation from the bytes of its file.

    Raises:
        ContractError: ``E_CONFIG`` naming the key; ``E_SCHEMA``.
    """
    try:
        table = tomllib.loads(text.decode("utf-8"))
    except ValueError as error:  # of the letters or of the TOML
        raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {error}") from error
    if table.get("schema") != _SCHEMA:
        raise ContractError(
            ErrorCode.SCHEMA, f"{AUTHORITY_FILE}: schema is {table.get('schema')!r}, expected {_SCHEMA!r}"
        )
    file = _read(_File, table, "")
    authority = Authority(
        order=file.order,
        roles={name: _read(RoleTerms, part, f"roles.{name}") for name, part in file.roles.items()},
        agencies={name: _read(AgencyTerms, part, f"agencies.{name}") for name, part in file.agencies.items()},
        officers={name: _read(OfficerTerms, part, f"officers.{name}") for name, part in file.officers.items()},
        gates={name: _read(GateTerms, part, f"gates.{name}") for name, part in file.gates.items()},
        categories={name: _read(CategoryTerms, part, f"categories.{name}") for name, part in file.categories.items()},
        notices=_read(NoticeTerms, file.notices, "notices"),
    )
    for key, mistake in mistakes(authority):
        raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {key}: {mistake}")
    return authority


def _read(kind: type[T], table: dict[str, Any], where: str) -> T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `$")
        key = f"{where}{path.rstrip('`')}".lstrip(".")
        raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {key or 'outermost table'}: {words}") from error
