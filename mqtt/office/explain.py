"""Who may say what, and why: the regulation asked one question; pure.

"hoa"  "essentials/dic"          → yes: hoa is publisher of dic, dic supplies essentials; and what else it takes
"police"  "notice cat-bi/fire"   → yes: its officers on duty may; 1 of 2 must sign
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import duty_role
from mqtt.contract.releases import COSIGNER
from mqtt.office.notices.compose import agency_for
from mqtt.office.terms import OPERATIONS, Authority, Duty, OfficerTerms

_NOTICE: Final = re.compile(r"notice[ /](?P<gate>[^/\s]+)/(?P<kind>[^/\s]+)")
_ORDER: Final = re.compile(r"(command|config)[ /].+")


@dataclass(frozen=True)
class Answer:
    """Whether somebody may, and the reasons, each a sentence."""

    may: bool
    because: tuple[str, ...]


def explain(authority: Authority, who: str, what: str, now: datetime) -> Answer:
    """Answer whether an agency or an officer may say something.

    Args:
        authority: The regulation in force.
        who: An agency or an officer.
        what: ``{category}``, ``{category}/{agency}``, ``notice {gate}/{kind}``, ``command {name}`` or ``config {key}``.
        now: An appointment ends.

    Raises:
        ContractError: ``E_UNKNOWN``; the regulation knows no such agency, officer, category or gate.
    """
    officer = authority.officers.get(who)
    agency = officer.agency if officer else who
    if agency not in authority.agencies:
        known = ", ".join((*authority.agencies, *authority.officers))
        raise ContractError(ErrorCode.UNKNOWN, f"{who}; the regulation knows {known}")
    if officer and not officer.serves(now):
        return Answer(may=False, because=(f"the appointment of {who} has ended",))
    if found := _NOTICE.fullmatch(what):
        return _notice(authority, who, officer, agency, found["gate"], found["kind"])
    if _ORDER.fullmatch(what):
        return _order(authority, who, officer)
    return _release(authority, who, officer, agency, *_stream(authority, what, agency))


def _stream(authority: Authority, what: str, agency: str) -> tuple[str, str]:
    category, _, supplier = what.partition("/")
    if category not in authority.categories:
        raise ContractError(ErrorCode.UNKNOWN, f"category {category}; there are {', '.join(authority.categories)}")
    return category, supplier or agency


def _notice(  # noqa: PLR0913, PLR0917 - the parts of one question
    authority: Authority, who: str, officer: OfficerTerms | None, agency: str, gate: str, kind: str
) -> Answer:
    if gate != "*" and gate not in authority.gates:
        raise ContractError(ErrorCode.UNKNOWN, f"gate {gate}; there are {', '.join(authority.gates)}")
    competent = agency_for(authority, gate, kind)
    if competent != agency:
        whose = f"it is the duty of {competent}" if competent else "it is nobody's duty"
        return Answer(may=False, because=(f"{whose}",))
    duty = authority.agencies[agency].duty
    if officer and Duty.NOTICES not in officer.duties:
        return Answer(may=False, because=(f"{who} is not on duty for notices of {agency}",))
    return Answer(
        may=True,
        because=(
            f"notices of {kind} at {gate} are the duty of {agency}",
            _signatures(authority, duty_role(agency), duty.threshold if duty else 1),
            f"each needs texts in {', '.join(authority.notice_languages)}; an urgent one in vi, en",
            "each has an expiry of its own, at most 72 hours",
        ),
    )


def _order(authority: Authority, who: str, officer: OfficerTerms | None) -> Answer:
    terms = authority.roles[OPERATIONS]
    if authority.officers_of(OPERATIONS) and (officer is None or Duty.OPERATIONS not in officer.duties):
        able = ", ".join(authority.officers_of(OPERATIONS))
        return Answer(may=False, because=(f"{who} is not an operations officer: {able}",))
    return Answer(
        may=True,
        because=(
            "commands and protected keys of the configuration are signed by operations",
            _signatures(authority, OPERATIONS, terms.threshold),
        ),
    )


def _release(  # noqa: PLR0913, PLR0917 - the parts of one question
    authority: Authority, who: str, officer: OfficerTerms | None, agency: str, category: str, supplier: str
) -> Answer:
    terms = authority.agencies[agency]
    if supplier != agency:
        return Answer(may=False, because=(f"{category}/{supplier} belongs to {supplier}, {who} speaks for {agency}",))
    if category not in terms.categories:
        able = [name for name, one in authority.agencies.items() if category in one.categories]
        return Answer(
            may=False, because=(f"{agency} may not publish in {category}: {', '.join(able) or 'nobody'} may",)
        )
    steps = authority.categories[category].approval
    if officer and not set(officer.duties) & {*steps, Duty.PUBLISHER}:
        return Answer(may=False, because=(f"{who} has no part in what {agency} publishes",))
    return Answer(may=True, because=tuple(_conditions(authority, who, officer, agency, category)))


def _conditions(
    authority: Authority, who: str, officer: OfficerTerms | None, agency: str, category: str
) -> Iterator[str]:
    rules, terms = authority.categories[category], authority.agencies[agency]
    yield f"{agency} publishes in {category}"
    if officer:
        yield f"{who} is {', '.join(officer.duties)} of {agency}"
    yield _signatures(authority, agency, terms.threshold)
    if rules.approval:
        persons = ", each another person" if rules.distinct else ""
        yield f"steps: {' → '.join(rules.approval)}{persons}"
    if rules.languages:
        yield f"each item must be there in {', '.join(rules.languages)}"
    if rules.longest_days:
        yield f"a release is over after {rules.longest_days} days"
    if rules.sponsors_percent:
        yield f"at most {rules.sponsors_percent} % of air time with a sponsor"
    if agency != COSIGNER:
        yield f"what shows territory needs the signature of {COSIGNER} as well"
    if rules.legal_basis:
        yield f"legal basis: {rules.legal_basis}"


def _signatures(authority: Authority, role: str, threshold: int) -> str:
    named = [name for name, officer in authority.officers_of(role).items() if officer.revoked is None]
    return f"{threshold} of {', '.join(named)} must sign" if named else f"{threshold} of its keys must sign"
