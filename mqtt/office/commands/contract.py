"""``boothctl contract``: what office and booths have agreed on, as pages and schemas."""

from pathlib import Path

import click

from mqtt.office.commands.manners import Polite, Told, tells
from mqtt.office.reference.export import all_pages, write


@click.group(cls=Polite)
def contract() -> None:
    """Publish the agreement between office and booths."""


@contract.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@tells
def export_command(folder: Path) -> Told:
    """Write topics, documents, errors and commands into FOLDER: pages, JSON Schemas and an AsyncAPI document."""
    pages = all_pages()
    changed = write(folder, pages)
    return Told(f"{len(pages)} files in {folder}, {changed} changed", {"files": len(pages), "changed": changed})
