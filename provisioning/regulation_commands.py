"""``boothctl regulation``, ``rotate-key`` and ``revoke-officer``: who may say what, and with which keys."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.authority import AUTHORITY_FILE, parse_authority, read_authority
from mqtt.office.brokers import update_brokers
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, tells
from mqtt.office.commands.options import home_option
from mqtt.office.explain import explain
from mqtt.office.home import Home
from mqtt.office.mistakes import TOP_ROLES
from mqtt.office.repository import opened
from provisioning.ceremony import FLOORS, rotate_top
from provisioning.regulation import Applied, apply_regulation, revoke_officer, rotate_officer, rotate_role
from provisioning.words import in_words

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group(cls=Polite)
def regulation() -> None:
    """The operating regulation: who may say what, with how many signatures, and why."""


@regulation.command("explain")
@click.argument("who")
@click.argument("what", nargs=-1, required=True)
@home_option
@tells
def explain_command(who: str, what: tuple[str, ...], home: Path) -> Told:
    """Answer whether WHO (an agency or an officer) may say WHAT, and why; exit 1 for no.

    WHAT is a category, CATEGORY/AGENCY, notice GATE/KIND, command NAME or config KEY.
    """
    answer = explain(read_authority(Home(home).authority), who, " ".join(what), datetime.now(UTC))
    lines = ["yes" if answer.may else "no", *(f"  {reason}" for reason in answer.because)]
    return Told("\n".join(lines), {"may": answer.may, "because": answer.because}, is_wrong=not answer.may)


@regulation.command("show")
@home_option
@tells
def show_command(home: Path) -> Told:
    """Say the whole regulation in plain words."""
    terms = read_authority(Home(home).authority)
    return Told("\n".join(in_words(terms)), terms)


@regulation.command("check")
@_file
@tells
def check_command(file: Path) -> Told:
    """Read FILE (an authority.toml) as a regulation, and change nothing."""
    terms = parse_authority(file.read_bytes())
    text = f"{file.name}: {len(terms.agencies)} agencies, {len(terms.officers)} officers, {len(terms.gates)} gates"
    return Told(text, terms)


@regulation.command("apply")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@acts(Act.REGULATED, "regulation")
def apply_command(file: Path | None, home: Path) -> Done:
    """Bring an edited regulation into force: FILE, or authority/authority.toml as it was edited in place."""
    text = (file or Home(home).authority / AUTHORITY_FILE).read_bytes()
    with opened(Home(home)) as engine:
        applied = apply_regulation(Home(home), engine, text, datetime.now(UTC))
        update_brokers(Home(home), engine)
    return _done("regulation", applied)


@click.command("revoke-officer")
@click.argument("name", metavar="OFFICER")
@home_option
@acts(Act.OFFICER_REVOKED, "{name}")
def revoke_officer_command(name: str, home: Path) -> Done:
    """Let the key of OFFICER count no more, on every booth that hears of it."""
    with opened(Home(home)) as engine:
        applied = revoke_officer(Home(home), engine, name, datetime.now(UTC))
        update_brokers(Home(home), engine)
    return _done(name, applied)


@click.command("rotate-key")
@click.argument("name", metavar="OFFICER|ROLE")
@click.option("--key", "place", metavar="file|hsm:NUMBER?label=TOKEN", help="Where an officer's new key lies.")
@click.option(
    "--restart-floors",
    is_flag=True,
    help="root only: other timestamp and snapshot keys; booths begin their versions anew.",
)
@click.option("--restart-clock", is_flag=True, help="root only: booths forget how late it once was.")
@click.option("--yes", is_flag=True, help="root only: do not ask at each step.")
@home_option
@acts(Act.KEY_ROTATED, "{name}")
def rotate_key_command(  # noqa: PLR0913 - one per option
    *, name: str, place: str | None, restart_floors: bool, restart_clock: bool, yes: bool, home: Path
) -> Done:
    """Give an OFFICER or a ROLE another key; for root and the roles it names this is a guided ceremony."""
    with opened(Home(home)) as engine:
        if name in TOP_ROLES:
            roles = (name, *(FLOORS if restart_floors else ()))
            if not yes:
                _guide(roles, restart_clock=restart_clock)
            version = rotate_top(
                Home(home), engine, dict.fromkeys(roles), datetime.now(UTC), new_clock_epoch=restart_clock
            )
            text = f"root {version}: other keys for {', '.join(dict.fromkeys(roles))}; keep them offline"
            return Done(name, text, {"root": version}, {"root": str(version)}, Act.ROOT_ROTATED)
        if restart_floors or restart_clock:
            raise ContractError(ErrorCode.CONFIG, "only root restarts floors or the clock")
        if name in read_authority(Home(home).authority).officers:
            return _done(name, rotate_officer(Home(home), engine, name, datetime.now(UTC), place))
        return _done(name, rotate_role(Home(home), engine, name, datetime.now(UTC)))


def _guide(roles: tuple[str, ...], *, restart_clock: bool) -> None:
    """Say what a root ceremony means, and go on only with a yes to each step."""
    click.echo("Ceremony: every booth follows root, one version after the other. At this table are needed:")
    click.echo(
        f"  the keys of root in force (authority/keys/root-N.pem), and a place for new keys of {', '.join(roles)}"
    )
    steps = ["Two persons are present, and this machine has no network?", "A copy of the office's folder is made?"]
    if len(roles) > 1:
        steps.append("Booths will begin the versions of timestamp and snapshot anew. Was their key in foreign hands?")
    if restart_clock:
        steps.append("Booths will forget how late it was. Is a wrong time signed, that cannot be waited for?")
    for step in steps:
        click.confirm(step, abort=True)


def _done(subject: str, applied: Applied) -> Done:
    lines = [f"{subject}: changed {', '.join(applied.roles) or 'nothing'}"]
    if applied.gates:
        lines.append(f"new gates: {', '.join(applied.gates)}")
    if applied.unsigned:
        lines.append(f"waits for other keys, booths keep what they have of it: {', '.join(applied.unsigned)}")
    data = {"roles": applied.roles, "gates": applied.gates, "unsigned": applied.unsigned}
    return Done(subject, "\n".join(lines), data, {"changed": json.dumps(applied.roles)})
