"""``boothctl content``: check, count, publish and sample a content source."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mqtt.contract.errors import ContractError
from mqtt.contract.names import LANGUAGES
from mqtt.contract.repository import Stream
from mqtt.office.commands.options import home_option
from mqtt.office.content.check import check
from mqtt.office.content.coverage import GROUPS, Cell, coverage
from mqtt.office.content.problems import Problem
from mqtt.office.content.regulation import required_languages
from mqtt.office.content.source import Source
from mqtt.office.content.streams import STREAMS_FILE, Streams
from mqtt.office.content.walk import read_source
from mqtt.office.home import Home

WIDE: Final = 160
"""Columns of a table that is not written to a terminal."""

_SOURCE: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def content() -> None:
    """Work on a content source: a folder of texts and media in git."""


@content.command("check")
@click.argument("source", type=_SOURCE)
@home_option
def check_command(source: Path, home: Path) -> None:
    """Explain every mistake in SOURCE with file and line; exit 1 when there are errors."""
    problems = _checked(read_source(source), home)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.is_error for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise SystemExit(1)


@content.command("coverage")
@click.argument("source", type=_SOURCE)
@click.option("--json", "as_json", is_flag=True, help="One JSON list of cells.")
@click.option("--strict", is_flag=True, help="Exit 1 when a cell is empty.")
def coverage_command(source: Path, as_json: bool, strict: bool) -> None:
    """Count items by stream of the plan, gate, language and group of visitors."""
    parsed = read_source(source)
    cells = coverage(parsed)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(cells), indent=1))
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDE)
        console.print(_table(cells, parsed.streams))
    empty = [cell for cell in cells if not cell.items]
    for cell in empty if strict else ():
        click.echo(f"empty: stream {cell.stream}, {cell.gate}, {cell.language}, {cell.visitor}", err=True)
    if strict and (empty or not cells):
        raise SystemExit(1)


@content.command("publish")
@click.argument("source", type=_SOURCE)
@click.option("--category", help="Only this category.")
@click.option("--agency", help="Only this agency.")
@home_option
def publish_command(source: Path, category: str | None, agency: str | None, home: Path) -> None:
    """Build, sign and hand over a release of every stream of SOURCE that has changed."""
    from mqtt.office.content.publishing import publish_changes  # noqa: PLC0415 - signing is not needed to check

    parsed = read_source(source)
    chosen = tuple(path for path in parsed.folders if _chosen(path, category, agency))
    if not chosen:
        raise click.ClickException("the source has no such category and agency")
    wrong = [problem for problem in _checked(parsed, home) if problem.is_error and _concerns(problem, chosen)]
    for problem in wrong:
        click.echo(str(problem), err=True)
    if wrong:
        raise click.ClickException(f"{len(wrong)} errors; nothing was published")
    try:
        for change in publish_changes(parsed, chosen, Home(home), datetime.now(UTC)):
            click.echo(str(change))
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error


@content.command("cosign")
@click.argument("category")
@click.argument("agency")
@click.option("--number", type=click.IntRange(1), help="The release that was reviewed; refuse any other.")
@home_option
def cosign_command(category: str, agency: str, number: int | None, home: Path) -> None:
    """Put Foreign Affairs' signature under the newest release of AGENCY's part of CATEGORY."""
    from mqtt.office.publish import cosign  # noqa: PLC0415 - signing is not needed to check
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above

    stream = Stream(category=category, agency=agency)
    try:
        with opened(Home(home)) as engine:
            signed = cosign(Home(home), engine, stream, datetime.now(UTC), number)
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error
    click.echo(f"{category}/{agency}: release {signed} is co-signed")


@content.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option("--gate", required=True, help="Whose booths the stick is for.")
@home_option
def export_command(folder: Path, gate: str, home: Path) -> None:
    """Write everything a booth of a gate needs onto the stick mounted at DIR, and verify it there.

    Interrupted, run it again: it goes on where it was. A stick with other files is refused.
    """
    from mqtt.office.objects import Objects  # noqa: PLC0415 - the database is not needed to check
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above
    from mqtt.office.stick import cargo_for, write_stick  # noqa: PLC0415 - as above

    try:
        with opened(Home(home)) as engine:
            cargo = cargo_for(engine, gate)
        with click.progressbar(length=sum(cargo.blobs.values()), label=f"{gate}: {len(cargo.blobs)} files") as bar:
            objects = Objects(Home(home).objects)
            size = write_stick(folder, cargo, objects, datetime.now(UTC), lambda done, _: bar.update(done - bar.pos))
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}; what was written stays, run it again") from error
    click.echo(f"{gate}: {len(cargo.blobs)} files, {size} bytes, verified; take the stick out by its own command")


@content.command("sample")
@click.argument("folder", type=click.Path(path_type=Path))
def sample_command(folder: Path) -> None:
    """Write the sample source into FOLDER, which must be empty or new, and draw its media there."""
    from mqtt.office.sample import write_sample  # noqa: PLC0415 - drawing is slow to load

    try:
        written = write_sample(folder)
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error
    click.echo(f"{written} files in {folder}")


def _checked(source: Source, home: Path) -> list[Problem]:
    try:
        return check(source, date.today(), required_languages(Home(home).authority))  # noqa: DTZ011 - the reader's day
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error


def _chosen(path: str, category: str | None, agency: str | None) -> bool:
    of_category, of_agency = path.split("/")
    return category in {None, of_category} and agency in {None, of_agency}


def _concerns(problem: Problem, paths: tuple[str, ...]) -> bool:
    return problem.file == STREAMS_FILE or f"{problem.file}/".startswith(tuple(f"{path}/" for path in paths))


def _table(cells: tuple[Cell, ...], streams: Streams) -> Table:
    table = Table("Stream", "Gate", "Language", *GROUPS)
    counts = {(cell.stream, cell.gate, cell.language, cell.visitor): cell.items for cell in cells}
    for stream in streams.streams:
        for gate in streams.gates:
            for language in LANGUAGES:
                row = [counts[stream.number, gate, language, group] for group in GROUPS]
                shown = [str(count) if count else "[red]0[/red]" for count in row]
                first = (f"{stream.number} {stream.en}", gate) if language == LANGUAGES[0] else ("", "")
                table.add_row(*first, language, *shown)
        table.add_section()
    return table
