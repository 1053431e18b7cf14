"""``booth``: one command per process of the booth; systemd starts one unit for each."""

import sys
from pathlib import Path

import click

from appliance.errors import BoothError

_STATE = click.option(
    "--state",
    type=click.Path(path_type=Path),
    default=Path("/var/lib/booth"),
    envvar="BOOTH_STATE",
    show_default=True,
    help="Data partition: identity, trust, content.",
)
_RUNTIME = click.option(
    "--run",
    "runtime",
    type=click.Path(path_type=Path),
    default=Path("/run/booth"),
    envvar="BOOTH_RUN",
    show_default=True,
    help="Volatile facts.",
)


@click.group()
@click.option("--log-level", default="INFO", envvar="BOOTH_LOG", show_default=True, help="DEBUG, INFO, WARNING, ERROR.")
def cli(log_level: str) -> None:
    """The information booth."""
    import logging  # noqa: PLC0415 - each command pays for what it needs

    try:
        logging.basicConfig(level=log_level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
        logging.getLogger("tuf").setLevel(logging.WARNING)  # each signature that a threshold does not need is a line
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--log-level") from error


@cli.command()
@_STATE
@_RUNTIME
@click.option(
    "--logs", type=click.Path(path_type=Path), envvar="BOOTH_LOGS", hidden=True, help="Instead of the journal."
)
def agent(state: Path, runtime: Path, logs: Path | None) -> None:
    """Follow the office: receive, verify, keep and switch content."""
    from appliance.services.agent import run  # noqa: PLC0415 - as below

    run(state, runtime, logs=logs)


@cli.command()
@_STATE
@_RUNTIME
def player(state: Path, runtime: Path) -> None:
    """Play the programme on the public screen."""
    from appliance.services.player import run  # noqa: PLC0415 - libmpv is loaded by the player only

    run(state, runtime)


@cli.command()
@_STATE
@_RUNTIME
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, envvar="BOOTH_PORT", show_default=True, help="On loopback."
)
def kiosk(state: Path, runtime: Path, port: int) -> None:
    """Serve the touch page to the browser on this booth."""
    from appliance.services.kiosk import run  # noqa: PLC0415 - Flask is loaded by the kiosk only

    run(state, runtime, port)


@cli.command()
@click.argument("number", metavar="SET", type=click.IntRange(min=1))
@_STATE
@click.option("--screen", help="Pixels of the public screen, such as 1920x1080.")
@click.option("--software", default="", help="Version that tries; what it could decode is not tried again.")
def prepare(number: int, state: Path, screen: str | None, software: str) -> None:
    """Make a staged content SET ready to be shown; started by the agent."""
    from appliance.prepare.task import Size  # noqa: PLC0415 - Pillow is loaded by the preparation only
    from appliance.services.prepare import run  # noqa: PLC0415 - as above

    try:
        size = Size(*map(int, screen.split("x"))) if screen else None
    except (ValueError, TypeError) as error:
        raise click.BadParameter("two numbers, such as 1920x1080", param_hint="--screen") from error
    run(state, number, size, software)


@cli.command()
@_STATE
def compositor(state: Path) -> None:
    """Print sway's configuration for the panels of this booth."""
    from appliance.services.compositor import print_config  # noqa: PLC0415 - as above

    print_config(state)


def main() -> None:
    """Run ``booth``; a refusal is one line with its code and remedy, exit status 1."""
    try:
        cli()
    except BoothError as error:
        click.echo(f"booth: {error}. {error.code.remedy}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
