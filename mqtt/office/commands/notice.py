"""``boothctl notice``: raise, update, cancel, and see who has seen."""

import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import Certainty, MessageType, Notice, Severity, Status, Urgency
from mqtt.office.authority import Authority, read_authority
from mqtt.office.commands.options import home_option
from mqtt.office.commands.texts import read_texts, texts_options
from mqtt.office.commands.times import DURATION, MOMENT
from mqtt.office.home import Home
from mqtt.office.notices.asking import NoticeLine, listed, who_saw
from mqtt.office.notices.compose import Parts, compose, kinds_of, required_of
from mqtt.office.notices.raising import known, raise_notice
from mqtt.office.repository import opened

WIDE: Final = 160


@click.group()
def notice() -> None:
    """Say something urgent or timely on the booths of a gate."""


_json: Final = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_urgency: Final = click.option(
    "--urgent", "urgency", flag_value=Urgency.URGENT.value, default=None, help="Takes over screen and page."
)
_expires: Final = click.option("--expires", type=MOMENT, help="Until when it counts, e.g. 2026-12-01T18:00+07:00.")
_lasts: Final = click.option(
    "--for", "lasts", type=DURATION, help="For how long it counts, e.g. 90m, 6h, 2d; at most 72h."
)


@notice.command("new")
@click.option("--gate", required=True, help="At which gate; * is every gate.")
@click.option("--kind", required=True, help="What it is about; boothctl notice kinds tells which there are.")
@click.option("--status", type=click.Choice([one.value for one in Status]), default="actual", show_default=True)
@click.option("--severity", type=click.Choice([one.value for one in Severity]), default="unknown", show_default=True)
@click.option("--certainty", type=click.Choice([one.value for one in Certainty]), default="unknown", show_default=True)
@click.option("--from", "effective", type=MOMENT, help="From when it counts; at once if not given.")
@_urgency
@_expires
@_lasts
@texts_options
@_json
@home_option
def new_command(  # noqa: PLR0913 - one per option
    *,
    gate: str,
    kind: str,
    status: str,
    severity: str,
    certainty: str,
    effective: datetime | None,
    urgency: str | None,
    expires: datetime | None,
    lasts: timedelta | None,
    as_json: bool,
    home: Path,
    **words: Any,  # noqa: ANN401 - texts_options
) -> None:
    """Raise a notice; asks for the texts when none are given."""
    authority = read_authority(Home(home).authority)
    urgent = Urgency(urgency or Urgency.NORMAL)
    now = _now()
    parts = Parts(
        gate=gate,
        kind=kind,
        texts=read_texts(words, required_of(authority, urgent)),
        status=Status(status),
        urgency=urgent,
        severity=Severity(severity),
        certainty=Certainty(certainty),
        effective=effective,
        expires=_end(expires, lasts, effective or now),
    )
    _raise(home, authority, parts, now, as_json=as_json)


@notice.command("update")
@click.argument("notice_id", metavar="ID")
@_urgency
@_expires
@_lasts
@texts_options
@_json
@home_option
def update_command(  # noqa: PLR0913 - one per option
    *,
    notice_id: str,
    urgency: str | None,
    expires: datetime | None,
    lasts: timedelta | None,
    as_json: bool,
    home: Path,
    **words: Any,  # noqa: ANN401 - texts_options
) -> None:
    """Put another notice in the place of ID; a language that is given is said anew as a whole, others stay."""
    authority = read_authority(Home(home).authority)
    now = _now()
    with opened(Home(home)) as engine:
        before = _known(engine, notice_id)
    texts = {**before.texts, **read_texts(words, ())}
    urgent = Urgency(urgency or before.urgency)
    until = _end(expires, lasts, now) or max(before.expires, now + timedelta(minutes=1))
    parts = Parts(
        gate=before.gate, kind=before.kind, agency=before.agency, texts=texts, status=before.status, urgency=urgent,
        severity=before.severity, certainty=before.certainty, expires=until, type=MessageType.UPDATE,
        supersedes=(notice_id,),
    )  # fmt: skip
    _raise(home, authority, parts, now, as_json=as_json)


@notice.command("cancel")
@click.argument("notice_id", metavar="ID")
@_json
@home_option
def cancel_command(*, notice_id: str, as_json: bool, home: Path) -> None:
    """Take notice ID from every screen and page."""
    authority = read_authority(Home(home).authority)
    now = _now()
    with opened(Home(home)) as engine:
        before = _known(engine, notice_id)
    parts = Parts(
        gate=before.gate, kind=before.kind, agency=before.agency, texts={}, status=before.status,
        expires=now + timedelta(hours=72), type=MessageType.CANCEL, supersedes=(notice_id,),
    )  # fmt: skip
    _raise(home, authority, parts, now, as_json=as_json)


@notice.command("list")
@click.option("--all", "show_all", is_flag=True, help="Also what is over, updated or cancelled.")
@_json
@home_option
def list_command(*, show_all: bool, as_json: bool, home: Path) -> None:
    """Show the notices that count now."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        lines = listed(connection, _now())
    shown = [line for line in lines if show_all or (not line.is_over and line.later is None and line.notice.texts)]
    if as_json:
        _print_json(shown)
        return
    table = Table("Notice", "Gate", "Urgency", "Until", "Headline", "State")
    for line in shown:
        one = line.notice
        texts = [one.texts[language].headline for language in LANGUAGES if language in one.texts]
        until = f"{one.expires:%Y-%m-%d %H:%M} UTC"
        table.add_row(one.id, one.gate, one.urgency, until, texts[0] if texts else "–", _state(line))
    _print(table)


@notice.command("who-saw")
@click.argument("notice_id", metavar="ID")
@_json
@home_option
def who_saw_command(*, notice_id: str, as_json: bool, home: Path) -> None:
    """Show which booths have notice ID, and since when it is on their screen and page."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        lines = who_saw(connection, notice_id)
    if as_json:
        _print_json(lines)
        return
    table = Table("Booth", "Gate", "Received", "On the screen", "On the page")
    for line in lines:
        table.add_row(line.booth, line.gate, *(_moment(at) for at in (line.received, line.screen, line.page)))
    _print(table)


@notice.command("kinds")
@click.option("--gate", required=True, help="At which gate; * is every gate.")
@_json
@home_option
def kinds_command(*, gate: str, as_json: bool, home: Path) -> None:
    """Show what may be announced at a gate, and whose duty it is."""
    found = kinds_of(read_authority(Home(home).authority), gate)
    if as_json:
        _print_json(found)
        return
    for kind, agency in sorted(found.items()):
        click.echo(f"{kind:16} {agency}")


def _raise(home: Path, authority: Authority, parts: Parts, now: datetime, *, as_json: bool) -> None:
    made = compose(parts, authority, now, secrets.token_hex(2))
    with opened(Home(home)) as engine:
        raise_notice(Home(home), engine, made, now)
    if as_json:
        _print_json(made)
        return
    done = {MessageType.ALERT: "raised", MessageType.UPDATE: "updated", MessageType.CANCEL: "cancelled"}[made.type]
    subject = made.supersedes[0] if made.type is MessageType.CANCEL else made.id
    until = "" if made.type is MessageType.CANCEL else f", until {made.expires:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{subject}: {done} by {made.agency} for {_everywhere(made.gate)}{until}")


def _known(engine: Engine, notice_id: str) -> Notice:
    with engine.connect() as connection:
        found = known(connection, notice_id)
    if found is None:
        raise ContractError(ErrorCode.UNKNOWN, f"notice {notice_id}")
    return found


def _end(expires: datetime | None, lasts: timedelta | None, starts: datetime) -> datetime | None:
    if expires is not None and lasts is not None:
        raise click.UsageError("--expires and --for say the same thing: give one of them")
    return starts + lasts if lasts is not None else expires


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _state(line: NoticeLine) -> str:
    if line.notice.type is MessageType.CANCEL:
        return f"cancels {line.notice.supersedes[0]}"
    if line.later:
        return f"followed by {line.later}"
    return "over" if line.is_over else f"counts ({line.notice.status})"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def _everywhere(gate: str) -> str:
    return "every gate" if gate == "*" else gate


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())
