"""``boothctl contract``: what office and booths have agreed on, as pages and schemas."""

from pathlib import Path

import click

from mqtt.contract.errors import ContractError
from mqtt.office.reference.export import all_pages, write


@click.group()
def contract() -> None:
    """Publish the agreement between office and booths."""


@contract.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_command(folder: Path) -> None:
    """Write topics, documents, errors and commands into FOLDER: pages, JSON Schemas and an AsyncAPI document."""
    try:
        pages = all_pages()
    except ContractError as error:
        raise click.ClickException(f"{error}. {error.code.remedy}") from error
    changed = write(folder, pages)
    click.echo(f"{len(pages)} files in {folder}, {changed} changed")
