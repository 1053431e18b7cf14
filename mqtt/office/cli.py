"""``boothctl``: gathers its command groups from entry points, so that each part brings its own.

A group is loaded when it is asked for: ``boothctl content check`` never pays for the brokers.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from mqtt.contract.errors import ContractError

GROUP: Final = "boothctl.commands"


class Gathered(click.Group):
    """A group whose commands are the entry points of :data:`GROUP`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all command groups that are installed."""
        return sorted(entry.name for entry in entry_points(group=GROUP))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load a command group, None if nobody brings one of this name."""
        found: EntryPoint | None = next(iter(entry_points(group=GROUP, name=cmd_name)), None)
        command = found.load() if found else None
        return command if isinstance(command, click.Command) else None


@click.command(cls=Gathered)
@click.version_option(package_name="gatebooth")
def cli() -> None:
    """Run the office of the information booths."""


def main() -> None:
    """Run ``boothctl``; a refusal is one line with its code and remedy, exit status 1."""
    try:
        cli()
    except ContractError as error:
        click.echo(f"boothctl: {error}. {error.code.remedy}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
