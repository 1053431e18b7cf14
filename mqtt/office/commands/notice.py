"""``boothctl notice``: raise, update, cancel, and see who has seen."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table
from sqlalchemy import Engine

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import Certainty, MessageType, Notice, Severity, Status, Urgency
from mqtt.office.authority import read_authority
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, as_option, tells
from mqtt.office.commands.options import home_option
from mqtt.office.commands.texts import read_texts, texts_options
from mqtt.office.commands.times import DURATION, MOMENT
from mqtt.office.home import Home
from mqtt.office.notices.asking import NoticeLine, listed, who_saw
from mqtt.office.notices.compose import Parts, compose, kinds_of, require_sound, required_of
from mqtt.office.notices.raising import NOBODY, known, raise_notice
from mqtt.office.repository import opened
from mqtt.office.terms import Authority


@click.group(cls=Polite)
def notice() -> None:
    """Say something urgent or timely on the booths of a gate."""


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
@as_option
@home_option
@acts(Act.NOTICE_RAISED, "{gate}/{kind}")
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
    officers: tuple[str, ...],
    home: Path,
    **words: Any,  # noqa: ANN401 - texts_options
) -> Done:
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
    return _raise(home, authority, parts, now, officers)


@notice.command("update")
@click.argument("notice_id", metavar="ID")
@_urgency
@_expires
@_lasts
@texts_options
@as_option
@home_option
@acts(Act.NOTICE_UPDATED, "{notice_id}")
def update_command(  # noqa: PLR0913 - one per option
    *,
    notice_id: str,
    urgency: str | None,
    expires: datetime | None,
    lasts: timedelta | None,
    officers: tuple[str, ...],
    home: Path,
    **words: Any,  # noqa: ANN401 - texts_options
) -> Done:
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
    return _raise(home, authority, parts, now, officers)


@notice.command("cancel")
@click.argument("notice_id", metavar="ID")
@as_option
@home_option
@acts(Act.NOTICE_CANCELLED, "{notice_id}")
def cancel_command(*, notice_id: str, officers: tuple[str, ...], home: Path) -> Done:
    """Take notice ID from every screen and page."""
    authority = read_authority(Home(home).authority)
    now = _now()
    with opened(Home(home)) as engine:
        before = _known(engine, notice_id)
    parts = Parts(
        gate=before.gate, kind=before.kind, agency=before.agency, texts={}, status=before.status,
        expires=now + timedelta(hours=72), type=MessageType.CANCEL, supersedes=(notice_id,),
    )  # fmt: skip
    return _raise(home, authority, parts, now, officers)


@notice.command("list")
@click.option("--all", "show_all", is_flag=True, help="Also what is over, updated or cancelled.")
@home_option
@tells
def list_command(*, show_all: bool, home: Path) -> Told:
    """Show the notices that count now."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        lines = listed(connection, _now())
    shown = [line for line in lines if show_all or (not line.is_over and line.later is None and line.notice.texts)]
    table = Table("Notice", "Gate", "Urgency", "Until", "Headline", "State")
    for line in shown:
        one = line.notice
        texts = [one.texts[language].headline for language in LANGUAGES if language in one.texts]
        until = f"{one.expires:%Y-%m-%d %H:%M} UTC"
        table.add_row(one.id, one.gate, one.urgency, until, texts[0] if texts else "–", _state(line))
    return Told(table, shown)


@notice.command("who-saw")
@click.argument("notice_id", metavar="ID")
@home_option
@tells
def who_saw_command(*, notice_id: str, home: Path) -> Told:
    """Show which booths have notice ID, and since when it is on their screen and page."""
    with opened(Home(home)) as engine, engine.connect() as connection:
        lines = who_saw(connection, notice_id)
    table = Table("Booth", "Gate", "Received", "On the screen", "On the page")
    for line in lines:
        table.add_row(line.booth, line.gate, *(_moment(at) for at in (line.received, line.screen, line.page)))
    return Told(table, lines)


@notice.command("kinds")
@click.option("--gate", required=True, help="At which gate; * is every gate.")
@home_option
@tells
def kinds_command(*, gate: str, home: Path) -> Told:
    """Show what may be announced at a gate, and whose duty it is."""
    found = kinds_of(read_authority(Home(home).authority), gate)
    return Told("\n".join(f"{kind:16} {agency}" for kind, agency in sorted(found.items())), found)


@notice.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", help="In whose name; that of the officer who signs, if not given.")
@click.option("--gate", help="At which gate, where the document does not say; * is every gate.")
@click.option("--kind", help="What it is about, whatever the document calls it.")
@as_option
@home_option
@acts(Act.NOTICE_RAISED, "{gate}/{kind}")
def import_command(  # noqa: PLR0913 - one per option
    *, file: Path, agency: str | None, gate: str | None, kind: str | None, officers: tuple[str, ...], home: Path
) -> Done:
    """Raise the notice that stands in FILE, a CAP 1.2 document."""
    from mqtt.office.notices.cap import read_cap  # noqa: PLC0415 - XML is read by this command only

    authority = read_authority(Home(home).authority)
    now = _now()
    speaker = agency or (authority.officer(officers[0], now).agency if officers else None)
    if speaker is None:
        raise click.UsageError("say in whose name: --agency, or --as for the officer who signs")
    found = read_cap(file.read_bytes(), authority.gates, speaker, gate=gate, kind=kind)
    if found.notice.type is not MessageType.CANCEL:
        require_sound(found.notice.texts, found.notice.urgency, authority)
    for warning in found.warnings:
        click.echo(f"{file.name}: {warning}", err=True)
    return _send(home, authority, found.notice, now, officers)


@notice.command("export")
@click.argument("notice_id", metavar="ID")
@click.argument("file", required=False, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@home_option
@tells
def export_command(*, notice_id: str, file: Path | None, home: Path) -> Told:
    """Write notice ID as a CAP 1.2 document, into FILE or onto the terminal."""
    from mqtt.office.notices.cap import write_cap  # noqa: PLC0415 - as above

    with opened(Home(home)) as engine:
        found = _known(engine, notice_id)
        earlier = [_known(engine, one) for one in found.supersedes]
    document = write_cap(found, read_authority(Home(home).authority).gates, earlier)
    if file is None:
        return Told(document.decode(), found)
    file.write_bytes(document)
    return Told(f"{notice_id} is in {file}", found)


def _raise(home: Path, authority: Authority, parts: Parts, now: datetime, officers: tuple[str, ...]) -> Done:
    return _send(home, authority, compose(parts, authority, now, secrets.token_hex(2)), now, officers)


def _send(home: Path, authority: Authority, made: Notice, now: datetime, officers: tuple[str, ...]) -> Done:
    if made.type is not MessageType.CANCEL:
        for warning in require_sound(made.texts, made.urgency, authority):
            click.echo(f"please look at this: {warning}", err=True)
    with opened(Home(home)) as engine:
        raise_notice(Home(home), engine, made, now, officers)
    act, done = _DONE[made.type]
    subject = made.supersedes[0] if made.type is MessageType.CANCEL else made.id
    until = "" if made.type is MessageType.CANCEL else f", until {made.expires:%Y-%m-%d %H:%M} UTC"
    text = f"{subject}: {done} by {made.agency} for {_everywhere(made.gate)}{until}"
    return Done(made.id, text, made, {"gate": made.gate, "follows": ",".join(made.supersedes)}, act)


_DONE: Final = {
    MessageType.ALERT: (Act.NOTICE_RAISED, "raised"),
    MessageType.UPDATE: (Act.NOTICE_UPDATED, "updated"),
    MessageType.CANCEL: (Act.NOTICE_CANCELLED, "cancelled"),
}


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
        return "its keys count no more" if line.later == NOBODY else f"followed by {line.later}"
    return "over" if line.is_over else f"counts ({line.notice.status})"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def _everywhere(gate: str) -> str:
    return "every gate" if gate == "*" else gate
