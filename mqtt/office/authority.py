"""The operating regulation as data: ``authority/authority.toml``.

    who may say what      [agencies.X] categories, duty notices     who comes first     order
    with which keys       keys, threshold, days                     where               [gates.X]

Who is believed is decided by the signed TUF metadata made from this file; the office reads here what the metadata
does not hold: how long signatures last, the order of agencies, the names.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import Name
from mqtt.office.mistakes import mistakes
from mqtt.office.terms import AgencyTerms, CategoryTerms, GateTerms, NoticeTerms, OfficerTerms, RoleTerms

AUTHORITY_FILE: Final = "authority.toml"


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The whole regulation; roles are ``root targets snapshot timestamp assignments operations collector firmware``."""

    order: tuple[Name, ...]
    roles: Mapping[str, RoleTerms]
    agencies: Mapping[str, AgencyTerms]
    officers: Mapping[str, OfficerTerms]
    gates: Mapping[str, GateTerms]
    categories: Mapping[str, CategoryTerms]
    notices: NoticeTerms = NoticeTerms()

    @property
    def notice_languages(self) -> tuple[str, ...]:
        """Languages that each notice must have unless it is urgent."""
        return self.notices.languages

    def __post_init__(self) -> None:
        for key, mistake in mistakes(self):
            raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {key}: {mistake}")

    def officers_of(self, role: str) -> dict[str, OfficerTerms]:
        """Return everybody who has ever been named for a role; empty when its keys have no names."""
        return {name: officer for name, officer in self.officers.items() if role in officer.roles}

    def officer(self, name: str, now: datetime) -> OfficerTerms:
        """Return an officer whose appointment holds.

        Raises:
            ContractError: ``E_OFFICER``.
        """
        officer = self.officers.get(name)
        if officer is None:
            known = ", ".join(self.officers) or "nobody by name"
            raise ContractError(ErrorCode.OFFICER, f"{name}; the regulation knows {known}")
        if not officer.serves(now):
            raise ContractError(ErrorCode.OFFICER, f"{name}: the appointment has ended")
        return officer

    def life_of(self, role: str) -> timedelta:
        """How long a signature of a role lasts.

        Raises:
            ContractError: ``E_CONFIG``; the regulation does not know the role.
        """
        terms = self.roles.get(role) or (self.agencies[role].terms if role in self.agencies else None)
        if terms is None:
            raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: nothing is said about role {role}")
        return terms.life


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
    return Authority(
        order=file.order,
        roles={name: _read(RoleTerms, part, f"roles.{name}") for name, part in file.roles.items()},
        agencies={name: _read(AgencyTerms, part, f"agencies.{name}") for name, part in file.agencies.items()},
        officers={name: _read(OfficerTerms, part, f"officers.{name}") for name, part in file.officers.items()},
        gates={name: _read(GateTerms, part, f"gates.{name}") for name, part in file.gates.items()},
        categories={name: _read(CategoryTerms, part, f"categories.{name}") for name, part in file.categories.items()},
        notices=_read(NoticeTerms, file.notices, "notices"),
    )


def _read(kind: type[T], table: dict[str, Any], where: str) -> T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `$")
        key = f"{where}{path.rstrip('`')}".lstrip(".")
        raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {key or 'outermost table'}: {words}") from error
