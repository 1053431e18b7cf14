"""How every command of ``boothctl`` behaves: what it says, with which exit code, and what it leaves behind.

@group.command("add")                 a group of class Polite: refusals end in one line with code and remedy
@acts(Act.BOOTH_ADDED, "{booth_id}")  --json, --dry-run; an entry in the audit log when it was done or refused
def add_command(…, home) -> Done      what it says, as text and as data

@group.command("list")
@tells                                --json
def list_command(…, home) -> Told     a table or lines, and the same as data
"""

import difflib
import functools
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.chain import Act
from mqtt.office.commands.rehearsal import rehearsed
from mqtt.office.home import Home

WIDE: Final = 160
"""Columns of a table that is not written to a terminal."""
OUT_OF_REACH: Final = 3
INTERRUPTED: Final = 130
"""What a shell says of a program that Ctrl-C has ended."""
_JSON: Final = "gatebooth.json"
_PARTLY: Final = "gatebooth.partly"
DRY: Final = "dry run: nothing was changed"


@dataclass(frozen=True)
class Told:
    """An answer: for a person, and as data; ``is_wrong`` ends with exit code 1: something is not in order."""

    text: str | Table
    data: object
    is_wrong: bool = False


@dataclass(frozen=True)
class Done:
    """What was done: for a person, as data, and for the audit log.

    Attributes:
        subject: What it was done to.
        detail: More about it.
        act: Instead of the one the command was declared with.
    """

    subject: str
    text: str
    data: object = None
    detail: Mapping[str, str] = field(default_factory=dict)
    act: Act | None = None


class Refusal(click.ClickException):
    """A refusal as ``boothctl`` says it: code, what exactly, what to do next."""

    def __init__(self, error: ContractError, *, as_json: bool) -> None:
        super().__init__(f"{error}. {error.code.remedy}")
        self.error = error
        self.as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it: to a person on standard error, to a program as JSON on standard output."""
        if self.as_json:
            said = {"code": self.error.code, "detail": self.error.detail, "remedy": self.error.code.remedy}
            click.echo(msgspec.json.encode(said).decode(), file=file)
        else:
            click.echo(f"boothctl: {self.message}", file=file, err=True)


class OutOfReach(Refusal):
    """A refusal that may be none a moment later."""

    exit_code = OUT_OF_REACH


class Polite(click.Group):
    """A group whose commands may refuse with a ``ContractError``, and that guesses what was meant."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command; a refusal becomes one line."""
        try:
            return super().invoke(ctx)
        except ContractError as error:
            kind = OutOfReach if error.code is ErrorCode.LINK else Refusal
            raise kind(error, as_json=_wants_json(ctx)) from error
        except (KeyboardInterrupt, click.Abort) as error:
            if isinstance(error, click.Abort) and not isinstance(error.__context__, KeyboardInterrupt):
                raise  # the answer was no
            click.echo("boothctl: interrupted; what was finished stays. Run it again to go on.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from error

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:  # noqa: ANN401 - click's signature
        """Find a command; a misspelt one is told its likely name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0] if args else "", self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from error


_json_option: Final = click.option("--json", "as_json", is_flag=True, help="Say it as one JSON document.")
_dry_option: Final = click.option("--dry-run", "dry_run", is_flag=True, help="Say what would be done; change nothing.")
as_option: Final = click.option(
    "--as", "officers", multiple=True, metavar="OFFICER", help="Who signs; again for each who signs with you here."
)


def tells(command: Callable[..., Told]) -> Callable[..., None]:
    """Let a command that only answers take ``--json``."""

    @_json_option
    @functools.wraps(command)
    def run(*args: Any, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - any option of any command
        _listen(as_json=as_json)
        told = command(*args, **options)
        if as_json:
            click.echo(_json(told.data))
        elif isinstance(told.text, Table):
            Console(width=None if sys.stdout.isatty() else WIDE).print(told.text)
        elif told.text:
            click.echo(told.text)
        if told.is_wrong:
            raise SystemExit(1)

    return run


def acts(act: Act, about: str) -> Callable[[Callable[..., Done]], Callable[..., None]]:
    """Let a command that changes something take ``--json`` and ``--dry-run``, and write it into the audit log.

    Args:
        act: What it does; ``Done`` may say another.
        about: Subject of a refusal, from the command's options: ``{category}/{agency}``. One not given is ``*``.
    """

    def declare(command: Callable[..., Done]) -> Callable[..., None]:
        @_json_option
        @_dry_option
        @functools.wraps(command)
        def run(*args: Any, as_json: bool, dry_run: bool, home: Path, **options: Any) -> None:  # noqa: ANN401 - as above
            _listen(as_json=as_json)
            if dry_run:
                with rehearsed(home) as copy:
                    done = command(*args, home=copy, **options)
                said = _words(done, as_json=as_json, is_done=False).replace(str(copy), str(home))
            else:
                done = _audited(act, home, about, options, lambda: command(*args, home=home, **options))
                said = _words(done, as_json=as_json, is_done=True)
            if said:
                click.echo(said)
            if dry_run and not as_json:
                click.echo(DRY)

        return run

    return declare


def _words(done: Done, *, as_json: bool, is_done: bool) -> str:
    return _json({"done": is_done, "subject": done.subject, "result": done.data}) if as_json else done.text


def _listen(*, as_json: bool) -> None:
    click.get_current_context().meta[_JSON] = as_json


def _wants_json(ctx: click.Context) -> bool:
    """Whether the command that runs was asked for JSON: all contexts of one call share their ``meta``."""
    return bool(ctx.meta.get(_JSON))


def partly(done: Done) -> None:
    """Tell what is done for good by now: the audit log has it even if the rest is refused or interrupted."""
    click.get_current_context().meta[_PARTLY] = done


def progress(text: str) -> None:
    """Say how far a long command is; programs that read JSON are told nothing."""
    if not _wants_json(click.get_current_context()):
        click.echo(text)


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Draw how far long work is; what is yielded takes how much of ``total`` is done."""
    with click.progressbar(length=total, label=label, hidden=_wants_json(click.get_current_context())) as drawn:
        yield lambda done: drawn.update(done - drawn.pos)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


def _audited(act: Act, home: Path, about: str, options: Mapping[str, Any], command: Callable[[], Done]) -> Done:
    officers: Collection[str] = options.get("officers") or ()
    asked = about.format_map({key: "*" if value is None else value for key, value in options.items()})
    told = click.get_current_context().meta
    told.pop(_PARTLY, None)
    try:
        done = command()
    except BaseException as error:
        if part := told.get(_PARTLY):
            _write(home, part.act or act, part.subject, officers, part.detail, None)
        if isinstance(error, ContractError):
            _write(home, act, asked, officers, {"detail": error.detail}, error.code)
        raise
    subject = done.subject or asked
    try:
        _write(home, done.act or act, subject, officers, done.detail, None)
    except ContractError as error:
        raise ContractError(error.code, f"{error.detail}; {subject}: it is done and does not stand there") from error
    return done


def _write(  # noqa: PLR0913, PLR0917 - one line has these parts
    home: Path, act: Act, subject: str, officers: Collection[str], detail: Mapping[str, str], code: ErrorCode | None
) -> None:
    from mqtt.office import audit  # noqa: PLC0415 - the database is not needed to say --help
    from mqtt.office.authority import AUTHORITY_FILE  # noqa: PLC0415 - as above
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above

    if not (Home(home).authority / AUTHORITY_FILE).exists():
        return  # a refusal where no office is: there is nobody to tell
    with opened(Home(home)) as engine:
        audit.append(Home(home), engine, act, subject, officers=officers, detail=detail, code=code)
