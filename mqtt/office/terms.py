"""What the operating regulation can say, as types: roles, agencies, officers, gates, categories, notices."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES, Instant, Language, Name
from mqtt.contract.notices import duty_role

OPERATIONS: Final = "operations"
IN_FILE: Final = "file"
"""An officer's key that lies in a file."""

Count = Annotated[int, Meta(ge=1, le=16)]
Days = Annotated[int, Meta(ge=1, le=3660)]
Words = Annotated[str, Meta(min_length=1)]
Percent = Annotated[int, Meta(ge=0, le=100)]
NoticePattern = Annotated[str, Meta(pattern=r"^(\*|[a-z0-9][a-z0-9-]{1,47})/(\*|[a-z][a-z-]{1,31})$(?!\n)")]
KeyPlace = Annotated[str, Meta(pattern=r"^(file|hsm:[0-9]{0,9}(\?label=[^\s]{1,200})?)$(?!\n)")]


class Duty(StrEnum):
    """What an officer may do. The first three are the steps of approval, in their order."""

    AUTHOR = "author"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    NOTICES = "notices"
    OPERATIONS = "operations"


STEPS: Final = (Duty.AUTHOR, Duty.REVIEWER, Duty.PUBLISHER)


class _Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: no word of the regulation is passed over."""


class RoleTerms(_Terms, frozen=True, kw_only=True):
    """How many keys a role has, how many must sign, and for how many days a signature lasts."""

    keys: Count
    threshold: Count
    days: Days

    @property
    def life(self) -> timedelta:
        """How long a signature lasts."""
        return timedelta(days=self.days)


class DutyTerms(_Terms, frozen=True, kw_only=True):
    """Officers on duty: which notices they may sign, ``{gate}/{kind}``; each notice has an expiry of its own."""

    notices: Annotated[tuple[NoticePattern, ...], Meta(min_length=1)]
    keys: Count = 1
    threshold: Count = 1


class AgencyTerms(_Terms, frozen=True, kw_only=True):
    """One agency: its names, the categories it may publish in, its keys, its officers on duty."""

    vi: Words
    en: Words
    categories: tuple[Name, ...]
    keys: Count = 1
    threshold: Count = 1
    days: Days = 180
    duty: DutyTerms | None = None

    @property
    def terms(self) -> RoleTerms:
        """As a role."""
        return RoleTerms(keys=self.keys, threshold=self.threshold, days=self.days)


class OfficerTerms(_Terms, frozen=True, kw_only=True):
    """One officer: a person with a key of their own.

    Attributes:
        name: As on the badge.
        gate: Where the officer stands, with the right to speak to that gate's own broker; None is the office.
        until: When the appointment runs out; None is never.
        revoked: From when on the key counts no more, whatever ``until`` says.
        key: ``file``, or a PKCS#11 token as ``hsm:{number}?label={token}``.
    """

    name: Words
    agency: Name
    duties: Annotated[tuple[Duty, ...], Meta(min_length=1)]
    gate: Name | None = None
    until: Instant | None = None
    revoked: Instant | None = None
    key: KeyPlace = IN_FILE

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose signatures the officer gives; an author and a reviewer sign nothing that booths look at."""
        signing = {
            Duty.PUBLISHER: self.agency,
            Duty.NOTICES: duty_role(self.agency),
            Duty.OPERATIONS: OPERATIONS,
        }
        return tuple(signing[duty] for duty in self.duties if duty in signing)

    def serves(self, now: datetime) -> bool:
        """Whether the appointment holds."""
        return self.revoked is None and (self.until is None or now < self.until)


class GateTerms(_Terms, frozen=True, kw_only=True):
    """One border gate: what kind it is, what it is called."""

    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,31}$(?!\n)")]
    vi: Words
    en: Words


class NoticeTerms(_Terms, frozen=True, kw_only=True):
    """Notices of all agencies: the languages each must have. An urgent one does with Vietnamese and English."""

    languages: Annotated[tuple[Language, ...], Meta(min_length=1)] = LANGUAGES


class CategoryTerms(_Terms, frozen=True, kw_only=True):
    """One category.

    Attributes:
        languages: Which each of its items must have; None leaves it to the design's defaults.
        approval: Steps that a release takes, each by an officer with that duty; none lets the agency's keys suffice.
        distinct: Whether each step must be another person.
        legal_basis: On what it rests, for whoever asks.
        longest_days: After so many days a release is over, whatever its items say; None is no limit.
        sponsors_percent: Largest share of air time with a sponsor.
    """

    languages: tuple[Language, ...] | None = None
    approval: tuple[Duty, ...] = ()
    distinct: bool = True
    legal_basis: str = ""
    longest_days: Days | None = None
    sponsors_percent: Percent = 0


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The whole regulation, read and checked by :func:`mqtt.office.authority.parse_authority`.

    Attributes:
        order: Agencies, who comes first comes first.
        roles: ``root targets snapshot timestamp assignments operations collector firmware``.
    """

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
            raise ContractError(ErrorCode.CONFIG, f"the regulation: nothing is said about role {role}")
        return terms.life
