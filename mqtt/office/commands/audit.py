"""``boothctl audit``: who did what, and whether the log of it is whole."""

from collections import deque
from pathlib import Path

import click
from rich.table import Table

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office import audit as log
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Polite, Told, tells
from mqtt.office.commands.options import home_option
from mqtt.office.home import Home
from mqtt.office.repository import opened


@click.group(cls=Polite)
def audit() -> None:
    """Who did what at this office."""


@audit.command("verify")
@home_option
@tells
def verify_command(home: Path) -> Told:
    """Follow the chain of the log from its first line; exit 1 and the first wrong line if it is broken."""
    with opened(Home(home)) as engine:
        end = log.check(Home(home), engine)
    return Told(f"audit: ok entries={end.number}", {"entries": end.number, "digest": end.digest})


@audit.command("show")
@click.option("--act", type=click.Choice([act.value for act in Act]), help="Only this act.")
@click.option("--subject", help="Only what was done to this.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The newest so many.")
@home_option
@tells
def show_command(act: str | None, subject: str | None, limit: int, home: Path) -> Told:
    """Show what was done and what was refused, newest last."""
    found = (
        entry
        for entry in log.entries(Home(home))
        if act in {None, entry.act.value} and subject in {None, entry.subject}
    )
    chosen = list(deque(found, maxlen=limit))
    table = Table("No.", "At (UTC)", "Who", "Act", "Subject", "Refused", "More")
    for entry in chosen:
        more = ", ".join(f"{key}: {value}" for key, value in entry.detail.items())
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(entry.number), at, entry.who, entry.act, entry.subject, entry.code or "", more)
    return Told(table, chosen)


@audit.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@home_option
@tells
def export_command(file: Path, home: Path) -> Told:
    """Write a verified copy of the log into FILE, which must be new, and its last number and digest into FILE.head."""
    try:
        with opened(Home(home)) as engine:
            end = log.copy(Home(home), engine, file)
    except FileExistsError as error:
        raise ContractError(ErrorCode.EXISTS, f"{error.filename or error}") from error
    data = {"entries": end.number, "digest": end.digest}
    return Told(f"{end.number} entries in {file}; the last has digest {end.digest}", data)
