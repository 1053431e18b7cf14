"""The regulation in plain words, for the people who have to sign it."""

from collections.abc import Iterator
from typing import Final

from mqtt.contract.releases import COSIGNER
from mqtt.office.terms import AgencyTerms, Authority, RoleTerms

_TASKS: Final = {
    "root": "says which keys are believed",
    "targets": "says which agency may publish what",
    "snapshot": "says which versions belong together",
    "timestamp": "says that this is the newest",
    "assignments": "says which booth shows what",
    "operations": "orders booths and protects their configuration",
    "collector": "acknowledges what booths have sent in",
    "firmware": "publishes the booths' software",
}


def in_words(authority: Authority) -> Iterator[str]:
    """Yield the regulation line by line."""
    yield "Gates"
    for gate, one in authority.gates.items():
        yield f"  {gate} ({one.kind}): {one.vi} / {one.en}"
    yield "Agencies, in the order in which they are shown"
    for agency in authority.order:
        yield from _agency(agency, authority.agencies[agency])
    yield "Roles of the office"
    for role, terms in authority.roles.items():
        yield f"  {role} {_TASKS[role]}; {_signing(terms)}"
    yield "Languages each item must have"
    for category, said in authority.categories.items():
        yield f"  {category}: {', '.join(said.languages) if said.languages else 'as by default'}"


def _agency(agency: str, terms: AgencyTerms) -> Iterator[str]:
    yield f"  {agency}: {terms.vi} / {terms.en}"
    yield f"    may publish in {', '.join(terms.categories) or 'no category'}; {_signing(terms.terms)}"
    if agency == COSIGNER:
        yield "    must co-sign every release that shows territory, whoever publishes it"
    if terms.duty:
        officers = f"{terms.duty.threshold} of {terms.duty.keys} officers on duty"
        yield f"    {officers} may sign notices {', '.join(terms.duty.notices)} (* is every gate)"


def _signing(terms: RoleTerms) -> str:
    return f"{terms.threshold} of {terms.keys} keys sign, for {terms.days} days"
