"""The operating regulation as data: ``authority/authority.toml``.

    who may say what      [agencies.X] categories, duty notices     who comes first     order
    with which keys       keys, threshold, days                     where               [gates.X]

Who is believed is decided by the signed TUF metadata made from this file; the office reads here what the metadata
does not hold: how long signatures last, the order of agencies, the names.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES, Language, Name, is_name
from mqtt.contract.notices import DUTY_SUFFIX
from mqtt.contract.releases import COSIGNER

AUTHORITY_FILE: Final = "authority.toml"
RESERVED_CATEGORIES: Final = frozenset(
    {"ack", "assign", "command", "config", "firmware", "notice", "notices", "territory"}
)
"""First parts of target paths that are not categories."""
TOP_ROLES: Final = ("root", "targets", "snapshot", "timestamp")
OFFICE_ROLES: Final = ("assignments", "operations", "collector", "firmware")
_AGENCY_LIMIT: Final = 48 - len(DUTY_SUFFIX)

Count = Annotated[int, Meta(ge=1, le=16)]
Days = Annotated[int, Meta(ge=1, le=3660)]
_PATTERN: Final = r"^(\*|[a-z0-9][a-z0-9-]{1,47})/(\*|[a-z][a-z-]{1,31})$(?!\n)"


class RoleTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many keys a role has, how many must sign, and for how many days a signature lasts."""

    keys: Count
    threshold: Count
    days: Days

    @property
    def life(self) -> timedelta:
        """How long a signature lasts."""
        return timedelta(days=self.days)


class DutyTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Officers on duty: which notices they may sign, ``{gate}/{kind}``; each notice has an expiry of its own."""

    notices: Annotated[tuple[Annotated[str, Meta(pattern=_PATTERN)], ...], Meta(min_length=1)]
    keys: Count = 1
    threshold: Count = 1


class AgencyTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agency: its names, the categories it may publish in, its keys, its officers on duty."""

    vi: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]
    categories: tuple[Name, ...]
    keys: Count = 1
    threshold: Count = 1
    days: Days = 180
    duty: DutyTerms | None = None

    @property
    def terms(self) -> RoleTerms:
        """As a role."""
        return RoleTerms(keys=self.keys, threshold=self.threshold, days=self.days)


class GateTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One border gate: what kind it is, what it is called."""

    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,31}$(?!\n)")]
    vi: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]


class NoticeTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notices of all agencies: the languages each must have. An urgent one does with Vietnamese and English."""

    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = LANGUAGES


class CategoryTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One category: the languages each of its items must have; None leaves it to the design's defaults."""

    languages: tuple[Language, ...] | None = None


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The whole regulation; roles are ``root targets snapshot timestamp assignments operations collector firmware``."""

    order: tuple[Name, ...]
    roles: Mapping[str, RoleTerms]
    agencies: Mapping[str, AgencyTerms]
    gates: Mapping[str, GateTerms]
    categories: Mapping[str, CategoryTerms]
    notices: NoticeTerms = NoticeTerms()

    @property
    def notice_languages(self) -> tuple[str, ...]:
        """Languages that each notice must have unless it is urgent."""
        return self.notices.languages

    def __post_init__(self) -> None:
        for key, mistake in _mistakes(self):
            raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {key}: {mistake}")

    def life_of(self, role: str) -> timedelta:
        """How long a signature of a role lasts.

        Raises:
            ContractError: ``E_CONFIG``; the regulation does not know the role.
        """
        terms = self.roles.get(role) or (self.agencies[role].terms if role in self.agencies else None)
        if terms is None:
            raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: nothing is said about role {role}")
        return terms.life


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The outermost table; its parts are read one by one, so that a mistake is named with its whole key."""

    schema: str
    order: tuple[Name, ...]
    roles: dict[str, dict[str, Any]]
    agencies: dict[str, dict[str, Any]]
    gates: dict[str, dict[str, Any]]
    categories: dict[str, dict[str, Any]]
    notices: dict[str, Any] = {}


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


def _mistakes(authority: Authority) -> Iterator[tuple[str, str]]:
    yield from _wrong_names(authority)
    yield from _wrong_roles(authority)
    if COSIGNER not in authority.agencies:
        yield "agencies", f"{COSIGNER} must be one of them: it co-signs what shows territory"
    if not authority.gates:
        yield "gates", "there must be at least one"
    if sorted(authority.order) != sorted(authority.agencies):
        odd = sorted(set(authority.order) ^ set(authority.agencies)) or ["an agency twice"]
        yield "order", f"must name each agency once; look at {', '.join(odd)}"
    for name, agency in authority.agencies.items():
        yield from _wrong_agency(authority, name, agency)
    yield from _overlaps(authority)


def _wrong_names(authority: Authority) -> Iterator[tuple[str, str]]:
    for part in ("agencies", "gates", "categories"):
        for name in getattr(authority, part):
            if not is_name(name):
                yield f"{part}.{name}", "a name is 2 to 48 of a-z, 0-9 and hyphen, no hyphen first"
    for name in authority.agencies:
        if name in {*TOP_ROLES, *OFFICE_ROLES} or name.endswith(DUTY_SUFFIX) or len(name) > _AGENCY_LIMIT:
            yield f"agencies.{name}", f"this name is taken by a role, ends in {DUTY_SUFFIX} or is too long"
    for name in authority.categories:
        if name in RESERVED_CATEGORIES:
            yield f"categories.{name}", "this name has another meaning in signed paths"


def _wrong_roles(authority: Authority) -> Iterator[tuple[str, str]]:
    for name in (*TOP_ROLES, *OFFICE_ROLES):
        if name not in authority.roles:
            yield f"roles.{name}", "is missing"
    for name, terms in authority.roles.items():
        if name not in {*TOP_ROLES, *OFFICE_ROLES}:
            yield f"roles.{name}", "nobody knows this role"
        if terms.threshold > terms.keys:
            yield f"roles.{name}.threshold", f"{terms.threshold} of {terms.keys} keys can never sign"


def _wrong_agency(authority: Authority, name: str, agency: AgencyTerms) -> Iterator[tuple[str, str]]:
    key = f"agencies.{name}"
    if agency.threshold > agency.keys:
        yield f"{key}.threshold", f"{agency.threshold} of {agency.keys} keys can never sign"
    for category in agency.categories:
        if category not in authority.categories:
            yield f"{key}.categories", f"{category} is not described under [categories]"
    if agency.duty is None:
        return
    if agency.duty.threshold > agency.duty.keys:
        yield f"{key}.duty.threshold", f"{agency.duty.threshold} of {agency.duty.keys} keys can never sign"
    for notice in agency.duty.notices:
        gate = notice.partition("/")[0]
        if gate != "*" and gate not in authority.gates:
            yield f"{key}.duty.notices", f"{gate} is not described under [gates]"


def _overlaps(authority: Authority) -> Iterator[tuple[str, str]]:
    """Two duties for one notice: booths ask the first delegation only, so the second would never be heard."""
    heard: list[tuple[str, str]] = []
    for name, agency in authority.agencies.items():
        for notice in agency.duty.notices if agency.duty else ():
            for other, earlier in heard:
                if _meet(notice, earlier):
                    yield f"agencies.{name}.duty.notices", f"{notice} is already the duty of {other} ({earlier})"
            heard.append((name, notice))


def covers(pattern: str, name: str) -> bool:
    """Whether one part of a pattern stands for a name; ``*`` stands for each, and only ``*`` for ``*`` itself."""
    return pattern in {"*", name}


def _meet(one: str, other: str) -> bool:
    return all(a == b or "*" in {a, b} for a, b in zip(one.split("/"), other.split("/"), strict=True))
