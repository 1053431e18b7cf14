"""``boothctl authority`` and ``boothctl booth``: who is believed, and which booths there are."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.table import Table

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Panel
from mqtt.office.audit import append
from mqtt.office.authority import read_authority
from mqtt.office.brokers import update_brokers
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, tells
from mqtt.office.commands.options import home_option
from mqtt.office.home import Home
from mqtt.office.repository import opened, renew
from mqtt.office.settings import SETTINGS_FILE, Settings, read_settings
from provisioning.authority import DEFAULT, found_authority
from provisioning.booth_do import BoothGroup, do_command
from provisioning.booths import NewBooth, add_booth, revoke_booth
from provisioning.inventory import BoothLine, inventory
from provisioning.records import ask_for_records, records_of
from provisioning.words import in_words

PRACTICE: Final = "The keys were made on this machine: they are for practice, not for service."
_PANEL: Final = re.compile(
    r"(?P<output>[A-Za-z0-9-]+):(?P<role>[a-z]+):(?P<width>\d+)x(?P<height>\d+):(?P<inch>\d+(\.\d+)?)"
)

_port = click.IntRange(1, 65535)


@click.group(cls=Polite)
def authority() -> None:
    """Who may say what: the regulation, its keys, its certificates."""


@authority.command("init")
@click.argument("regulation", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--host", "hosts", multiple=True, help="Name or address of the brokers; the first goes into the booths.")
@click.option("--control-port", type=_port, help="Port of the control broker.")
@click.option("--bulk-port", type=_port, help="Port of the bulk broker.")
@home_option
@acts(Act.FOUNDED, "authority")
def init_command(
    regulation: Path | None, hosts: tuple[str, ...], control_port: int | None, bulk_port: int | None, home: Path
) -> Done:
    """Make the authority from REGULATION (an authority.toml; the one of plan 129/KH-UBND when not given)."""
    given = {"hosts": hosts or None, "control_port": control_port, "bulk_port": bulk_port}
    made = found_authority(Home(home), (regulation or DEFAULT).read_bytes(), _settings(home, given), datetime.now(UTC))
    with opened(Home(home)) as engine:
        update_brokers(Home(home), engine)
    terms = made.authority
    resumed = ("An earlier run had been cut off; its authority is finished now, with the options of that run.\n"
               if made.resumed else "")  # fmt: skip
    text = f"authority in {Home(home).authority}: {len(terms.agencies)} agencies, {len(terms.gates)} gates"
    data = {"agencies": list(terms.agencies), "gates": list(terms.gates), "resumed": made.resumed}
    return Done("authority", f"{resumed}{text}\n{PRACTICE}", data)


@authority.command("show")
@home_option
@tells
def show_command(home: Path) -> Told:
    """Say in plain words who may say what, with how many signatures, for how long."""
    terms = read_authority(Home(home).authority)
    return Told("\n".join(in_words(terms)), terms)


@authority.command("template")
def template_command() -> None:
    """Print the regulation of plan 129/KH-UBND, to be edited and given to init."""
    click.echo(DEFAULT.read_text("utf-8"), nl=False)


@authority.command("renew")
@home_option
@acts(Act.RENEWED, "authority")
def renew_command(home: Path) -> Done:
    """Sign again what is old, where the keys are here: a timestamp after six hours, others after half their time."""
    with opened(Home(home)) as engine:
        renewed = renew(Home(home), engine, datetime.now(UTC))
    text = f"signed again: {', '.join(renewed)}" if renewed else "nothing is old enough to be signed again"
    return Done(",".join(renewed), text, list(renewed))


@click.group(cls=BoothGroup)
def booth() -> None:
    """The inventory of booths."""


booth.add_command(do_command)


def _panels(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[Panel, ...]:
    return tuple(_panel(text) for text in given)


def _panel(text: str) -> Panel:
    found = _PANEL.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like HDMI-A-1:screen:1920x1080:43")
    part: Callable[[str], Any] = found.__getitem__
    table = {
        "output": part("output"),
        "role": part("role"),
        "width_px": int(part("width")),
        "height_px": int(part("height")),
        "diagonal_inch": float(part("inch")),
    }
    try:
        return msgspec.convert(table, Panel)
    except msgspec.ValidationError as error:
        raise click.BadParameter(f"{text}: {error}") from error


@booth.command("add")
@click.argument("booth_id", metavar="ID")
@click.option("--gate", required=True, help="Where it stands.")
@click.option("--roles", required=True, help="What it plays: some of screen,lookup,counter.")
@click.option("--panel", "panels", multiple=True, callback=_panels, metavar="OUTPUT:ROLE:WIDTHxHEIGHT:INCHES",
              help="A display, e.g. HDMI-A-1:screen:1920x1080:43; repeat for each.")  # fmt: skip
@click.option("--clock", type=click.Choice(["auto", "system"]), default="auto", show_default=True,
              help="system believes the machine's clock: for practice on a workstation.")  # fmt: skip
@home_option
@acts(Act.BOOTH_ADDED, "{booth_id}")
def add_command(  # noqa: PLR0913 - one per option
    *, booth_id: str, gate: str, roles: str, panels: tuple[Panel, ...], clock: str, home: Path
) -> Done:
    """Issue the identity of booth ID and assign it the streams of its gate."""
    with opened(Home(home)) as engine:
        named = tuple(role.strip() for role in roles.split(","))
        new = NewBooth(booth=booth_id, gate=gate, roles=named, panels=panels, clock=clock)
        folder = add_booth(Home(home), engine, new, datetime.now(UTC))
        update_brokers(Home(home), engine)
    text = f"identity of {booth_id} in {folder}; copy it to identity/ on the booth's data partition\n{PRACTICE}"
    return Done(booth_id, text, {"booth": booth_id, "gate": gate, "identity": str(folder)}, {"gate": gate})


@booth.command("list")
@home_option
@tells
def list_command(home: Path) -> Told:
    """Show every booth with the newest it has said of itself."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        lines = inventory(connection)
    return Told(_table(lines), lines)


@booth.command("records")
@click.argument("booth_id", metavar="ID")
@click.option("--limit", default=200, show_default=True, help="The newest so many.")
@click.option("--ask-again", is_flag=True, help="This database was restored: ask the booth for what it keeps.")
@home_option
@tells
def records_command(booth_id: str, limit: int, ask_again: bool, home: Path) -> Told:
    """Show what booth ID has recorded: starts, switches, refusals, counts, and the gaps among them."""
    with opened(Home(home)) as engine:
        with engine.begin() as connection:
            if ask_again:
                ask_for_records(connection, booth_id)
            lines = records_of(connection, booth_id, limit)
        if ask_again:
            append(Home(home), engine, Act.RECORDS_ASKED, booth_id)
    table = Table("Received", "At", "Priority", "Number", "Kind", "What")
    for line in lines:
        sure = "" if line.clock_trusted else " (at the earliest)"
        at = f"{line.at:%Y-%m-%d %H:%M:%S}{sure}" if line.at else "–"
        table.add_row(f"{line.received:%Y-%m-%d %H:%M}", at, line.priority, line.numbers, line.kind, line.what)
    return Told(table, lines)


@booth.command("revoke")
@click.argument("booth_id", metavar="ID")
@home_option
@acts(Act.BOOTH_REVOKED, "{booth_id}")
def revoke_command(booth_id: str, home: Path) -> Done:
    """Take booth ID out of service for good."""
    with opened(Home(home)) as engine:
        done = revoke_booth(Home(home), engine, booth_id, datetime.now(UTC))
        update_brokers(Home(home), engine)
    return Done(booth_id, f"{booth_id} is revoked" if done else f"{booth_id} was revoked before", {"revoked": True})


def _settings(home: Path, given: dict[str, Any]) -> Settings:
    """What the options say, over what ``office.toml`` says, over the defaults."""
    there = (home / SETTINGS_FILE).exists()
    before = read_settings(home) if there else Settings()
    said = {key: value for key, value in given.items() if value is not None}
    try:
        return msgspec.convert(msgspec.to_builtins(before) | said, Settings)
    except msgspec.ValidationError as error:
        raise ContractError(ErrorCode.CONFIG, f"{SETTINGS_FILE}: {error}") from error


def _table(lines: list[BoothLine]) -> Table:
    table = Table("Gate", "Booth", "Roles", "State", "Heard", "Content set", "Shown", "Errors")
    for line in lines:
        shown = sum(report.shown is not None for report in line.streams.values())
        table.add_row(
            line.gate,
            line.booth,
            ", ".join(line.roles),
            _state(line),
            f"{line.heard:%Y-%m-%d %H:%M} UTC" if line.heard else "never",
            "–" if line.content_set is None else str(line.content_set),
            f"{shown} of {len(line.streams)} streams" if line.streams else "–",
            ", ".join(sorted({str(error.code) for error in line.errors})) or "–",
        )
    return table


def _state(line: BoothLine) -> str:
    if line.revoked:
        return "revoked"
    if line.unreadable:
        return f"unreadable: {', '.join(line.unreadable)}"
    return {True: "online", False: "offline", None: "not seen yet"}[line.online]
