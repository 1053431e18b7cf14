"""``boothctl practice``: a whole office and booth on one machine, to learn on and to prove that they work."""

import sys
from pathlib import Path
from typing import Final

import click

from mqtt.office.commands.manners import Polite
from provisioning.practice.demo import CUT_FILE, demo

_folder = click.argument("folder", type=click.Path(path_type=Path), default=Path("build/demo"))
SMOKE_FOLDER: Final = Path("build/smoke")


@click.group(cls=Polite)
def practice() -> None:
    """Practise with an office and a booth on this machine."""


@practice.command("demo")
@_folder
@click.option("--tour/--no-tour", "with_tour", default=True, help="Show by itself what officers and operators do.")
def demo_command(folder: Path, with_tour: bool) -> None:
    """Start an office and one booth with two panels in FOLDER, until Ctrl-C."""
    demo(folder, sys.argv[0], with_tour=with_tour)


@practice.command("smoke")
@click.argument("folder", type=click.Path(path_type=Path), default=SMOKE_FOLDER)
def smoke_command(folder: Path) -> None:
    """Publish, cut, start cold, restore: each really checked; exit 0 only if all of it held."""
    from provisioning.practice.smoke import smoke  # noqa: PLC0415 - as above

    click.echo(smoke(folder, click.echo))


@practice.command("cut")
@_folder
def cut_command(folder: Path) -> None:
    """Cut the network of the demo that runs in FOLDER."""
    _running(folder)
    (folder / CUT_FILE).touch()
    click.echo("The brokers go within two seconds. Page and screen stay.")


@practice.command("restore")
@_folder
def restore_command(folder: Path) -> None:
    """Bring the network of the demo in FOLDER back."""
    _running(folder)
    (folder / CUT_FILE).unlink(missing_ok=True)
    click.echo("The brokers come back within two seconds; the booth follows by itself.")


def _running(folder: Path) -> None:
    if not (folder / "office").is_dir():
        raise click.ClickException(f"no demo in {folder}; start one with boothctl practice demo {folder}")
