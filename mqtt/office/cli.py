"""``boothctl``: gathers its command groups from entry points, so that each part brings its own.

A group is loaded when it is asked for: ``boothctl content check`` never pays for the brokers.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click
from click.shell_completion import get_completion_class

from mqtt.office.commands.manners import Polite

GROUP: Final = "boothctl.commands"


class Gathered(Polite):
    """A group whose commands are the entry points of :data:`GROUP`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all command groups that are installed."""
        return sorted([*super().list_commands(ctx), *(entry.name for entry in entry_points(group=GROUP))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command group, None if nobody brings one of this name."""
        if own := super().get_command(ctx, cmd_name):
            return own
        found: EntryPoint | None = next(iter(entry_points(group=GROUP, name=cmd_name)), None)
        command = found.load() if found else None
        return command if isinstance(command, click.Command) else None


@click.command(cls=Gathered)
@click.version_option(package_name="gatebooth")
def cli() -> None:
    """Run the office of the information booths."""


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes SHELL complete the words of boothctl; put it where your shell reads such files."""
    complete = get_completion_class(shell)
    if complete is not None:
        click.echo(complete(cli, {}, "boothctl", "_BOOTHCTL_COMPLETE").source())


def main() -> None:
    """Run ``boothctl``."""
    cli(prog_name="boothctl")


if __name__ == "__main__":
    main()
