"""``boothctl content``: check, count, publish and sample a content source."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.table import Table

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.repository import Stream
from mqtt.office.chain import Act
from mqtt.office.commands.manners import Done, Polite, Told, acts, as_option, bar, partly, progress, tells
from mqtt.office.commands.options import home_option
from mqtt.office.commands.rehearsal import is_rehearsed
from mqtt.office.content.check import check
from mqtt.office.content.coverage import GROUPS, Cell, coverage
from mqtt.office.content.problems import Problem
from mqtt.office.content.regulation import required_languages
from mqtt.office.content.source import Source
from mqtt.office.content.streams import STREAMS_FILE, Streams
from mqtt.office.content.walk import read_source
from mqtt.office.home import Home

if TYPE_CHECKING:
    from mqtt.office.content.publishing import Change

_SOURCE: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(cls=Polite)
def content() -> None:
    """Work on a content source: a folder of texts and media in git."""


@content.command("check")
@click.argument("source", type=_SOURCE)
@home_option
@tells
def check_command(source: Path, home: Path) -> Told:
    """Explain every mistake in SOURCE with file and line; exit 1 when there are errors."""
    problems = _checked(read_source(source), home)
    errors = sum(problem.is_error for problem in problems)
    lines = [*map(str, problems), f"{errors} errors, {len(problems) - errors} warnings"]
    return Told("\n".join(lines), problems, is_wrong=errors > 0)


@content.command("coverage")
@click.argument("source", type=_SOURCE)
@click.option("--strict", is_flag=True, help="Exit 1 when a cell is empty.")
@tells
def coverage_command(source: Path, strict: bool) -> Told:
    """Count items by stream of the plan, gate, language and group of visitors."""
    parsed = read_source(source)
    cells = coverage(parsed)
    empty = [cell for cell in cells if not cell.items]
    for cell in empty if strict else ():
        click.echo(f"empty: stream {cell.stream}, {cell.gate}, {cell.language}, {cell.visitor}", err=True)
    return Told(_table(cells, parsed.streams), cells, is_wrong=strict and (bool(empty) or not cells))


@content.command("publish")
@click.argument("source", type=_SOURCE)
@click.option("--category", help="Only this category.")
@click.option("--agency", help="Only this agency.")
@as_option
@home_option
@acts(Act.PUBLISHED, "{category}/{agency}")
def publish_command(
    *, source: Path, category: str | None, agency: str | None, officers: tuple[str, ...], home: Path
) -> Done:
    """Build, sign and hand over a release of every stream of SOURCE that has changed.

    Where the regulation wants approval, or more signatures, the release waits: boothctl content proposals.
    """
    from mqtt.office.content.publishing import publish_changes  # noqa: PLC0415 - signing is not needed to check

    parsed = read_source(source)
    chosen = tuple(path for path in parsed.folders if _chosen(path, category, agency))
    if not chosen:
        there = ", ".join(parsed.folders) or "nothing"
        raise ContractError(ErrorCode.UNKNOWN, f"the source has no such category and agency; there is {there}")
    wrong = [problem for problem in _checked(parsed, home) if problem.is_error and _concerns(problem, chosen)]
    for problem in wrong:
        click.echo(str(problem), err=True)
    if wrong:
        raise ContractError(wrong[0].code, f"{len(wrong)} errors; nothing was published")
    changes: list[Change] = []
    for change in publish_changes(parsed, chosen, Home(home), datetime.now(UTC), officers):
        progress(str(change))
        changes.append(change)
        if change.files is not None:
            partly(_published(changes))
    return _published(changes)


@content.command("proposals")
@click.option("--all", "everything", is_flag=True, help="Also what is published or withdrawn.")
@home_option
@tells
def proposals_command(everything: bool, home: Path) -> Told:
    """Show the releases that wait for approval or for signatures."""
    from mqtt.office.proposals import listed  # noqa: PLC0415 - signing is not needed to check
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above

    with opened(Home(home)) as engine:
        found = listed(Home(home), engine, datetime.now(UTC), everything=everything)
    table = Table("Proposal", "State", "Steps taken", "Signed", "Waits for")
    for one in found:
        steps = ", ".join(f"{step}: {' '.join(names)}" for step, names in one.steps.items())
        table.add_row(one.proposal, one.state, steps, f"{one.signed} of {one.threshold}", one.waits_for or "–")
    return Told(table, found)


@content.command("cosign")
@click.argument("category")
@click.argument("agency")
@click.option("--number", type=click.IntRange(1), help="The release that was reviewed; refuse any other.")
@as_option
@home_option
@acts(Act.COSIGNED, "{category}/{agency}")
def cosign_command(*, category: str, agency: str, number: int | None, officers: tuple[str, ...], home: Path) -> Done:
    """Put Foreign Affairs' signature under the newest release of AGENCY's part of CATEGORY."""
    from mqtt.office.publish import cosign  # noqa: PLC0415 - signing is not needed to check
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above

    stream = Stream(category=category, agency=agency)
    with opened(Home(home)) as engine:
        signed = cosign(Home(home), engine, stream, datetime.now(UTC), number, officers)
    return Done(stream.name, f"{category}/{agency}: release {signed} is co-signed", {"number": signed})


@content.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option("--gate", required=True, help="Whose booths the stick is for.")
@home_option
@acts(Act.EXPORTED, "{gate}")
def export_command(folder: Path, gate: str, home: Path) -> Done:
    """Write everything a booth of a gate needs onto the stick mounted at DIR, and verify it there.

    Interrupted, run it again: it goes on where it was. A stick with other files is refused.
    """
    from mqtt.office.objects import Objects  # noqa: PLC0415 - the database is not needed to check
    from mqtt.office.repository import opened  # noqa: PLC0415 - as above
    from mqtt.office.stick import cargo_for, write_stick  # noqa: PLC0415 - as above

    with opened(Home(home)) as engine:
        cargo = cargo_for(engine, gate)
    objects, total = Objects(Home(home).objects), sum(cargo.blobs.values())
    if is_rehearsed(home):
        text = f"{gate}: {len(cargo.blobs)} files, {total} bytes would be written to {folder}"
        return Done(gate, text, {"files": len(cargo.blobs), "bytes": total})
    try:
        with bar(f"{gate}: {len(cargo.blobs)} files", total) as advance:
            size = write_stick(folder, cargo, objects, datetime.now(UTC), lambda done, _: advance(done))
    except OSError as error:
        detail = f"{folder}: {error.strerror}; what was written stays, run it again"
        raise ContractError(ErrorCode.DISK, detail) from error
    text = f"{gate}: {len(cargo.blobs)} files, {size} bytes, verified; take the stick out by its own command"
    return Done(gate, text, {"files": len(cargo.blobs), "bytes": size})


@content.command("sample")
@click.argument("folder", type=click.Path(path_type=Path))
@tells
def sample_command(folder: Path) -> Told:
    """Write the sample source into FOLDER, which must be empty or new, and draw its media there."""
    from mqtt.office.sample import write_sample  # noqa: PLC0415 - drawing is slow to load

    written = write_sample(folder)
    return Told(f"{written} files in {folder}", {"files": written})


def _published(changes: "list[Change]") -> Done:
    new = {change.stream: change.proposal or str(change.number) for change in changes if change.files is not None}
    return Done(",".join(new), "", changes, new)


def _checked(source: Source, home: Path) -> list[Problem]:
    return check(source, date.today(), required_languages(Home(home).authority))  # noqa: DTZ011 - the reader's day


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
