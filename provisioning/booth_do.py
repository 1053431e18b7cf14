"""``boothctl booth ID do …``: order something of a booth and watch what becomes of it."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from sqlalchemy import Engine

from mqtt.contract.commands import CommandName, Outcome, Result
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, acts, as_option, progress
from mqtt.office.commands.options import home_option
from mqtt.office.commands.rehearsal import is_rehearsed
from mqtt.office.commands.times import DURATION
from mqtt.office.home import Home
from mqtt.office.ordering import LASTS, Ordered, answer_to, order
from mqtt.office.repository import opened

LOOK_S: Final = 0.2


class BoothGroup(Polite):
    """A group in which ``ID do …`` is ``do ID …``."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:  # noqa: ANN401 - click's signature
        """Find a command, also behind the name of a booth."""
        if len(args) > 1 and args[1] == "do":
            args = ["do", args[0], *args[2:]]
        return super().resolve_command(ctx, args)


@click.command("do")
@click.argument("booth_id", metavar="ID")
@click.argument("name", type=click.Choice([one.value for one in CommandName]))
@click.argument("arguments", nargs=-1, metavar="[KEY=VALUE]…")
@click.option("--wait", type=DURATION, default=timedelta(minutes=1), help="How long to watch.  [default: 1m]")
@click.option(
    "--for", "lasts", type=DURATION, default=LASTS, help="How long it waits for a booth that is away.  [default: 10m]"
)
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Where a picture or a log goes.")
@as_option
@home_option
@acts(Act.COMMANDED, "{booth_id}")
def do_command(  # noqa: PLR0913 - one per option
    *,
    booth_id: str,
    name: str,
    arguments: tuple[str, ...],
    wait: timedelta,
    lasts: timedelta,
    save: Path | None,
    officers: tuple[str, ...],
    home: Path,
) -> Done:
    """Order booth ID to do something, also as: booth ID do NAME.

    identify [seconds=60], screenshot [panel=screen|lookup], logs [unit=agent] [lines=500], restart unit=kiosk, reboot,
    selftest, update.
    """
    given = dict(_argument(text) for text in arguments)
    with opened(Home(home)) as engine:
        sent = order(
            Home(home), engine, booth_id, CommandName(name), given, datetime.now(UTC), secrets.token_hex(3),
            officers=officers, lasts=lasts,
        )  # fmt: skip
        if is_rehearsed(home):
            return Done(booth_id, f"{name} would be sent to {booth_id}", sent)
        progress(f"{booth_id}: {name} is on its way ({sent.id})")
        ended = _watch(engine, sent.id, wait)
    return _said(booth_id, ended, save)


def _watch(engine: Engine, command_id: str, wait: timedelta) -> Ordered:
    """Say each step once, until the end or until patience is over."""
    told: tuple[Outcome, int] | None = None
    end = time.monotonic() + wait.total_seconds()
    while True:
        with engine.connect() as connection:
            now = answer_to(connection, command_id)
        if now.result is not None and (step := (now.result.outcome, now.result.percent)) != told:
            told = step
            progress(f"{now.booth}: {now.result.outcome} {now.result.percent} % {now.result.detail}".rstrip())
        if now.done or time.monotonic() > end:
            return now
        time.sleep(LOOK_S)


def _said(booth_id: str, ended: Ordered, save: Path | None) -> Done:
    result = ended.result
    if result is None:
        raise ContractError(ErrorCode.LINK, f"{booth_id} has not answered; the command waits until {ended.expires} UTC")
    if result.outcome in {Outcome.REJECTED, Outcome.FAILED}:
        raise ContractError(result.code or ErrorCode.UNSUPPORTED, f"{booth_id}: {result.detail}")
    return Done(booth_id, _text(booth_id, result, save), msgspec.structs.replace(result, data=b""),
                {"id": ended.id, "command": ended.name})  # fmt: skip


def _text(booth_id: str, result: Result, save: Path | None) -> str:
    if save is not None and result.data:
        save.write_bytes(result.data)
        return f"{booth_id}: {len(result.data)} bytes of {result.media_type} in {save}"
    if result.media_type == "text/plain" and result.data:
        return result.data.decode("utf-8", "replace").rstrip()
    return f"{booth_id}: {result.detail or result.outcome}"


def _argument(text: str) -> tuple[str, str | int]:
    key, separator, value = text.partition("=")
    if not separator or not key.isidentifier():
        raise click.BadParameter(f"{text!r} is not like seconds=60", param_hint="KEY=VALUE")
    return key, int(value) if value.isdigit() else value
