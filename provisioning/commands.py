"""``boothctl authority`` and ``boothctl booth``: who is believed, and which booths there are."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import Panel
from mqtt.office.authority import read_authority
from mqtt.office.brokers import update_brokers
from mqtt.office.commands.options import home_option
from mqtt.office.home import Home
from mqtt.office.repository import opened, renew
from mqtt.office.settings import SETTINGS_FILE, Settings, read_settings
from provisioning.authority import DEFAULT, found_authority
from provisioning.booths import NewBooth, add_booth, revoke_booth
from provisioning.inventory import BoothLine, inventory
from provisioning.records import ask_for_records, records_of
from provisioning.words import in_words

WIDE: Final = 160
"""Columns of a table that is not written to a terminal."""
PRACTICE: Final = "The keys were made on this machine: they are for practice, not for service."
_PANEL: Final = re.compile(
    r"(?P<output>[A-Za-z0-9-]+):(?P<role>[a-z]+):(?P<width>\d+)x(?P<height>\d+):(?P<inch>\d+(\.\d+)?)"
)

_port = click.IntRange(1, 65535)


@click.group()
def authority() -> None:
    """Who may say what: the regulation, its keys, its certificates."""


@authority.command("init")
@click.argument("regulation", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--host", "hosts", multiple=True, help="Name or address of the brokers; the first goes into the booths.")
@click.option("--control-port", type=_port, help="Port of the control broker.")
@click.option("--bulk-port", type=_port, help="Port of the bulk broker.")
@home_option
def init_command(
    regulation: Path | None, hosts: tuple[str, ...], control_port: int | None, bulk_port: int | None, home: Path
) -> None:
    """Make the authority from REGULATION (an authority.toml; the one of plan 129/KH-UBND when not given)."""
    with _plainly():
        given = {"hosts": hosts or None, "control_port": control_port, "bulk_port": bulk_port}
        made = found_authority(
            Home(home), (regulation or DEFAULT).read_bytes(), _settings(home, given), datetime.now(UTC)
        )
        with opened(Home(home)) as engine:
            update_brokers(Home(home), engine)
    if made.resumed:
        click.echo("An earlier run had been cut off; its authority is finished now, with the options of that run.")
    terms = made.authority
    click.echo(f"authority in {Home(home).authority}: {len(terms.agencies)} agencies, {len(terms.gates)} gates")
    click.echo(PRACTICE)


@authority.command("show")
@home_option
def show_command(home: Path) -> None:
    """Say in plain words who may say what, with how many signatures, for how long."""
    with _plainly():
        for line in in_words(read_authority(Home(home).authority)):
            click.echo(line)


@authority.command("template")
def template_command() -> None:
    """Print the regulation of plan 129/KH-UBND, to be edited and given to init."""
    click.echo(DEFAULT.read_text("utf-8"), nl=False)


@authority.command("renew")
@home_option
def renew_command(home: Path) -> None:
    """Sign again what is old, where the keys are here: a timestamp after six hours, others after half their time."""
    with _plainly(), opened(Home(home)) as engine:
        renewed = renew(Home(home), engine, datetime.now(UTC))
    click.echo(f"signed again: {', '.join(renewed)}" if renewed else "nothing is old enough to be signed again")


@click.group()
def booth() -> None:
    """The inventory of booths."""


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
def add_command(  # noqa: PLR0913 - one per option
    *, booth_id: str, gate: str, roles: str, panels: tuple[Panel, ...], clock: str, home: Path
) -> None:
    """Issue the identity of booth ID and assign it the streams of its gate."""
    with _plainly(), opened(Home(home)) as engine:
        named = tuple(role.strip() for role in roles.split(","))
        new = NewBooth(booth=booth_id, gate=gate, roles=named, panels=panels, clock=clock)
        folder = add_booth(Home(home), engine, new, datetime.now(UTC))
        update_brokers(Home(home), engine)
    click.echo(f"identity of {booth_id} in {folder}; copy it to identity/ on the booth's data partition")
    click.echo(PRACTICE)


@booth.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of booths.")
@home_option
def list_command(as_json: bool, home: Path) -> None:
    """Show every booth with the newest it has said of itself."""
    with _plainly(), opened(Home(home)) as engine, engine.connect() as connection:
        lines = inventory(connection)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(lines), indent=1).decode())
        return
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(_table(lines))


@booth.command("records")
@click.argument("booth_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of records.")
@click.option("--limit", default=200, show_default=True, help="The newest so many.")
@click.option("--ask-again", is_flag=True, help="This database was restored: ask the booth for what it keeps.")
@home_option
def records_command(booth_id: str, as_json: bool, limit: int, ask_again: bool, home: Path) -> None:
    """Show what booth ID has recorded: starts, switches, refusals, counts, and the gaps among them."""
    with _plainly(), opened(Home(home)) as engine, engine.begin() as connection:
        if ask_again:
            ask_for_records(connection, booth_id)
        lines = records_of(connection, booth_id, limit)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(lines), indent=1).decode())
        return
    table = Table("Received", "At", "Priority", "Number", "Kind", "What")
    for line in lines:
        sure = "" if line.clock_trusted else " (at the earliest)"
        at = f"{line.at:%Y-%m-%d %H:%M:%S}{sure}" if line.at else "–"
        table.add_row(f"{line.received:%Y-%m-%d %H:%M}", at, line.priority, line.numbers, line.kind, line.what)
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


@booth.command("revoke")
@click.argument("booth_id", metavar="ID")
@home_option
def revoke_command(booth_id: str, home: Path) -> None:
    """Take booth ID out of service for good."""
    with _plainly(), opened(Home(home)) as engine:
        done = revoke_booth(Home(home), engine, booth_id, datetime.now(UTC))
        update_brokers(Home(home), engine)
    click.echo(f"{booth_id} is revoked" if done else f"{booth_id} was revoked before")


def _settings(home: Path, given: dict[str, Any]) -> Settings:
    """What the options say, over what ``office.toml`` says, over the defaults."""
    there = (home / SETTINGS_FILE).exists()
    before = read_settings(home) if there else Settings()
    said = {key: value for key, value in given.items() if value is not None}
    try:
        return msgspec.convert(msgspec.to_builtins(before) | said, Settings)
    except msgspec.ValidationError as error:
        raise ContractError(ErrorCode.CONFIG, f"{SETTINGS_FILE}: {error}") from error


@contextmanager
def _plainly() -> Iterator[None]:
    """Say a refusal in one line with its remedy."""
    try:
        yield
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error


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
