"""What is wrong with a regulation that reads well: rules between its parts; pure."""

from collections.abc import Iterator
from typing import Final

from mqtt.contract.names import PAGES, is_name
from mqtt.contract.notices import DUTY_SUFFIX
from mqtt.contract.releases import COSIGNER
from mqtt.office.terms import OPERATIONS, STEPS, AgencyTerms, Authority, Duty

RESERVED_CATEGORIES: Final = frozenset(
    {"ack", "assign", "command", "config", "firmware", "notice", "notices", "territory"}
)
"""First parts of target paths that are not categories."""
TOP_ROLES: Final = ("root", "targets", "snapshot", "timestamp")
OFFICE_ROLES: Final = ("assignments", OPERATIONS, "collector", "firmware")
_AGENCY_LIMIT: Final = 48 - len(DUTY_SUFFIX)


def mistakes(authority: Authority) -> Iterator[tuple[str, str]]:
    """Yield the keys that are wrong, and what is wrong with each."""
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
    yield from _wrong_officers(authority)
    yield from _wrong_approvals(authority)


def _wrong_names(authority: Authority) -> Iterator[tuple[str, str]]:
    for part in ("agencies", "gates", "categories"):
        for name in getattr(authority, part):
            if not is_name(name):
                yield f"{part}.{name}", "a name is 2 to 48 of a-z, 0-9 and hyphen, no hyphen first"
    for name in authority.agencies:
        if name in {*TOP_ROLES, *OFFICE_ROLES} or name.endswith(DUTY_SUFFIX) or len(name) > _AGENCY_LIMIT:
            yield f"agencies.{name}", f"this name is taken by a role, ends in {DUTY_SUFFIX} or is too long"
    for name in authority.categories:
        if name in RESERVED_CATEGORIES | PAGES:
            yield f"categories.{name}", "this name has another meaning in signed paths, or is a page of the booth"


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


def _meet(one: str, other: str) -> bool:
    return all(a == b or "*" in {a, b} for a, b in zip(one.split("/"), other.split("/"), strict=True))


def _wrong_officers(authority: Authority) -> Iterator[tuple[str, str]]:
    for name, officer in authority.officers.items():
        key = f"officers.{name}"
        if not is_name(name):
            yield key, "a name is 2 to 48 of a-z, 0-9 and hyphen, no hyphen first"
        if officer.agency not in authority.agencies:
            yield f"{key}.agency", f"{officer.agency} is not described under [agencies]"
        elif Duty.NOTICES in officer.duties and authority.agencies[officer.agency].duty is None:
            yield f"{key}.duties", f"{officer.agency} has no duty to announce anything"
        if officer.gate is not None and officer.gate not in authority.gates:
            yield f"{key}.gate", f"{officer.gate} is not described under [gates]"
    for role, threshold in _thresholds(authority):
        named = authority.officers_of(role)
        serving = [name for name, officer in named.items() if officer.revoked is None]
        if named and len(serving) < threshold:
            yield "officers", f"{role} needs {threshold} officers and has {len(serving)}"


def _thresholds(authority: Authority) -> Iterator[tuple[str, int]]:
    yield OPERATIONS, authority.roles[OPERATIONS].threshold if OPERATIONS in authority.roles else 1
    for name, agency in authority.agencies.items():
        yield name, agency.threshold
        if agency.duty:
            yield f"{name}{DUTY_SUFFIX}", agency.duty.threshold


def _wrong_approvals(authority: Authority) -> Iterator[tuple[str, str]]:
    """Steps that nobody can take."""
    for name, category in authority.categories.items():
        key = f"categories.{name}.approval"
        if [step for step in STEPS if step in category.approval] != list(category.approval):
            yield key, f"its steps are some of {', '.join(STEPS)}, in this order"
        for agency, terms in authority.agencies.items():
            for step in category.approval if name in terms.categories else ():
                able = [
                    officer
                    for officer, one in authority.officers.items()
                    if one.agency == agency and step in one.duties and one.revoked is None
                ]
                if not able:
                    yield key, f"{agency} has no officer who is {step}"
