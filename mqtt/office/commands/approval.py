"""``boothctl approve``, ``sign`` and ``withdraw``: the steps a release takes, each by another officer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy import Engine

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import is_name
from mqtt.contract.repository import Stream
from mqtt.office import proposals
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, acts, as_option
from mqtt.office.commands.options import home_option
from mqtt.office.commands.rehearsal import is_rehearsed
from mqtt.office.home import Home
from mqtt.office.repository import opened
from mqtt.office.requests import Given, read_file
from mqtt.office.terms import Duty
from mqtt.office.withdraw import withdraw_release

_proposal: Final = click.argument("name", metavar="PROPOSAL")
_file: Final = click.Path(dir_okay=False, path_type=Path)
_request: Final = click.option("--request", type=_file, help="Write what is to be signed on the officer's machine.")
_given: Final = click.option("--signed", "given", type=_file, help="What boothctl signer sign has written there.")


@click.command()
@_proposal
@_request
@_given
@as_option
@home_option
@acts(Act.APPROVED, "{name}")
def approve(*, name: str, request: Path | None, given: Path | None, officers: tuple[str, ...], home: Path) -> Done:
    """Agree, as a reviewer, with exactly the release that waits as PROPOSAL."""
    officer = _one(officers)
    with opened(Home(home)) as engine:
        if request is not None:
            return _asked(home, engine, name, officer, Duty.REVIEWER, request)
        signed = read_file(given, Given) if given else None
        proposals.approve(Home(home), engine, name, officer, datetime.now(UTC), signed)
    return Done(name, f"{name}: approved by {officer}", {"officer": officer})


@click.command()
@_proposal
@_request
@_given
@as_option
@home_option
@acts(Act.SIGNED, "{name}")
def sign(*, name: str, request: Path | None, given: Path | None, officers: tuple[str, ...], home: Path) -> Done:
    """Sign, as a publisher, the release that waits as PROPOSAL; with the last signature it is published."""
    officer = _one(officers)
    with opened(Home(home)) as engine:
        if request is not None:
            return _asked(home, engine, name, officer, Duty.PUBLISHER, request)
        signed = read_file(given, Given) if given else None
        number = proposals.sign(Home(home), engine, name, officer, datetime.now(UTC), signed)
    what = f"published as release {number}" if number is not None else "others must sign as well"
    return Done(name, f"{name}: signed by {officer}; {what}", {"officer": officer, "release": number})


@click.command()
@click.argument("what", metavar="PROPOSAL|CATEGORY/AGENCY")
@click.option("--number", type=click.IntRange(1), help="Which release of a stream; the newest if not given.")
@as_option
@home_option
@acts(Act.WITHDRAWN, "{what}")
def withdraw(*, what: str, number: int | None, officers: tuple[str, ...], home: Path) -> Done:
    """Take back a proposal, or a release that is published: the one before it is shown again, this one never."""
    category, slash, agency = what.partition("/")
    with opened(Home(home)) as engine:
        if not slash:
            officer = _one(officers)
            proposals.withdraw(Home(home), engine, what, officer, datetime.now(UTC))
            return Done(what, f"{what}: withdrawn by {officer}", {"officer": officer})
        if not (is_name(category) and is_name(agency)):
            raise ContractError(ErrorCode.MALFORMED, f"{what} is not like essentials/police")
        stream = Stream(category=category, agency=agency)
        head = withdraw_release(Home(home), engine, stream, datetime.now(UTC), officers=officers, number=number)
    revoked = ", ".join(map(str, head.revoked))
    text = f"{what}: release {head.number} is shown instead; never again {revoked}"
    return Done(what, text, {"release": head.number, "revoked": list(head.revoked)}, {"revoked": revoked})


def _asked(  # noqa: PLR0913, PLR0917 - one step of one person
    home: Path, engine: Engine, name: str, officer: str, step: Duty, file: Path
) -> Done:
    asked = proposals.request(Home(home), engine, name, officer, step, datetime.now(UTC))
    if not is_rehearsed(home):
        file.write_bytes(encode(asked))
    text = f"{name}: {file} is for {officer}: boothctl signer sign {file.name}"
    return Done(name, text, {"officer": officer, "file": str(file)}, {"for": officer}, Act.REQUESTED)


def _one(officers: tuple[str, ...]) -> str:
    if len(officers) != 1:
        raise ContractError(ErrorCode.OFFICER, "one person takes this step: say who with --as, once")
    return officers[0]
