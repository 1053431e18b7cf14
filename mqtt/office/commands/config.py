"""``boothctl config``: edit, compare, push, look back, roll back; and how far each booth has come."""

import difflib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.table import Table

from mqtt.contract.configuration import keys
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.layers import read_values
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, as_option, tells
from mqtt.office.commands.options import home_option
from mqtt.office.commands.times import DURATION
from mqtt.office.configuration.asking import merged_for, standings
from mqtt.office.configuration.pushing import history, newest_of, push, rollback
from mqtt.office.configuration.rollout import PAUSE, Rollout
from mqtt.office.configuration.targets import Target, read_draft, set_key, target_of
from mqtt.office.home import Home
from mqtt.office.repository import opened

_target: Final = click.argument("what", metavar="all|gate/GATE|booth/ID")


@click.group(cls=Polite)
def config() -> None:
    """Configure booths: all of them, those of a gate, or one."""


@config.command("keys")
@tells
def keys_command() -> Told:
    """Show every key: what it takes, its default, and what it means."""
    table = Table("Key", "Takes", "Default", "", "Meaning")
    for key in keys().values():
        marks = "confirmed" if key.confirmed else "protected" if key.protected else ""
        takes = " ".join(part for part in (key.kind, key.unit, f"({key.bounds})" if key.bounds else "") if part)
        table.add_row(key.path, takes, key.default, marks, key.description)
    return Told(table, list(keys().values()))


@config.command("set")
@_target
@click.argument("key")
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take the key out: the layer says nothing of it any more.")
@home_option
@acts(Act.CONFIG_EDITED, "{what}")
def set_command(*, what: str, key: str, value: str | None, unset: bool, home: Path) -> Done:
    """Set KEY to VALUE in the draft; booths hear of it with push."""
    if (value is None) is not unset:
        raise click.UsageError("give a VALUE, or --unset")
    target = _resolve(home, what)
    set_key(Home(home), target, key, value)
    said = "is said nothing of" if value is None else f"= {value}"
    return Done(str(target), f"{target}: {key} {said} in {target.draft(Home(home)).name}", {"key": key, "value": value})


@config.command("diff")
@_target
@home_option
@tells
def diff_command(what: str, home: Path) -> Told:
    """Show what push would change."""
    target = _resolve(home, what)
    draft = read_draft(Home(home), target)
    read_values(draft.encode())
    with opened(Home(home)) as engine, engine.connect() as connection:
        newest = newest_of(connection, target)
    before = newest.text if newest else ""
    number = newest.revision if newest else 0
    names = (f"revision {number}", "draft")
    lines = list(difflib.unified_diff(before.splitlines(), draft.splitlines(), *names, lineterm=""))
    return Told("\n".join(lines) or f"{target}: the draft says what revision {number} says", lines)


@config.command("push")
@_target
@click.option("--waves", help="Percent of the booths in each wave, e.g. 10,50,100; all at once if not given.")
@click.option("--pause", type=DURATION, default=PAUSE, help="At least so long between two waves.  [default: 10m]")
@click.option("--abort-above", type=click.IntRange(0, 100), default=20, show_default=True,
              help="Given up when more than so many percent of the booths reached have failed.")  # fmt: skip
@as_option
@home_option
@acts(Act.CONFIG_PUSHED, "{what}")
def push_command(  # noqa: PLR0913 - one per option
    *, what: str, waves: str | None, pause: timedelta, abort_above: int, officers: tuple[str, ...], home: Path
) -> Done:
    """Make the draft the newest revision and let booths have it; protected keys need an operations officer."""
    target, now = _resolve(home, what), datetime.now(UTC)
    rollout = _rollout(waves, pause, abort_above, now) if waves else None
    with opened(Home(home)) as engine:
        done = push(Home(home), engine, target, read_draft(Home(home), target), now, officers=officers, rollout=rollout)
    how = f", in waves of {waves} %" if waves else ""
    return Done(
        str(target), f"{target}: revision {done.revision} is pushed{how}", done, {"revision": str(done.revision)}
    )


@config.command("history")
@_target
@home_option
@tells
def history_command(what: str, home: Path) -> Told:
    """Show every revision, newest first."""
    target = _resolve(home, what)
    with opened(Home(home)) as engine, engine.connect() as connection:
        found = history(connection, target)
    table = Table("Revision", "At (UTC)", "Signed by", "State", "Says")
    for one in found:
        table.add_row(str(one.revision), f"{one.at:%Y-%m-%d %H:%M}", one.who or "–", one.state, one.text.strip())
    return Told(table, found)


@config.command("rollback")
@_target
@click.argument("revision", required=False, type=click.IntRange(1))
@as_option
@home_option
@acts(Act.CONFIG_ROLLED_BACK, "{what}")
def rollback_command(*, what: str, revision: int | None, officers: tuple[str, ...], home: Path) -> Done:
    """Say again what REVISION said, or the one before the newest; a roll-out under way ends."""
    target = _resolve(home, what)
    with opened(Home(home)) as engine:
        done = rollback(Home(home), engine, target, revision, datetime.now(UTC), officers=officers)
    return Done(str(target), f"{target}: revision {done.revision} counts", done, {"revision": str(done.revision)})


@config.command("show")
@click.argument("booth_id", metavar="BOOTH")
@home_option
@tells
def show_command(booth_id: str, home: Path) -> Told:
    """Show every key of a booth: what the office wants, and which layer says so."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        merged = merged_for(connection, booth_id)
    values = msgspec.to_builtins(merged.configuration)
    table = Table("Key", "Value", "Said by")
    for path in keys():
        section, _, key = path.partition(".")
        value = msgspec.json.encode(values[section][key]).decode()
        table.add_row(path, value, merged.origins.get(path, "default"))
    return Told(table, merged)


@config.command("status")
@home_option
@tells
def status_command(home: Path) -> Told:
    """Show how far each booth has come, what it has refused and why."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        found = standings(connection)
    table = Table("Booth", "Gate", "Standing", "Wanted", "Has", "Refused")
    for one in found:
        refused = "; ".join(f"{refusal.key}: {refusal.code}" for refusal in one.refused)
        table.add_row(one.booth, one.gate, one.standing, _said(one.wanted), _said(one.has), refused or "–")
    return Told(table, found)


def _resolve(home: Path, what: str) -> Target:
    with opened(Home(home)) as engine, engine.connect() as connection:
        return target_of(connection, what)


def _rollout(waves: str, pause: timedelta, abort_above: int, now: datetime) -> Rollout:
    try:
        percent = [int(part) for part in waves.split(",")]
        table = {"waves": percent, "pause_s": pause.total_seconds(), "abort_percent": abort_above, "since": now}
        return msgspec.convert(table, Rollout)
    except ValueError as error:
        raise ContractError(ErrorCode.CONFIG, f"waves {waves}: {error}") from error


def _said(revisions: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in revisions.items()) or "–"
