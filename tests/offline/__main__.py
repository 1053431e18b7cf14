"""``make offline DAYS=180``: months without a line, day by day, both panels looked at; one last line."""

import sys
from pathlib import Path
from typing import Final

import click

from tests.offline.journey import Journey

FOLDER: Final = Path("build/offline")


@click.command()
@click.option("--days", default=180, show_default=True, help="How long the booth is cut off.")
def main(days: int) -> None:
    """Live through the days and say what did not hold."""
    journey = Journey(FOLDER.absolute(), days, lambda words: click.echo(f"offline: {words}"))
    converged = "ok"
    try:
        journey.live()
    except TimeoutError as error:
        click.echo(f"offline: {error}")
        converged = "no"
    for what in journey.broken:
        click.echo(f"offline: {what}")
    if journey.broken:
        converged = "no"
    click.echo(f"offline: days={days} blank={journey.blank} lost={journey.lost} converged={converged}")
    sys.exit(0 if converged == "ok" and not journey.blank and not journey.lost else 1)


if __name__ == "__main__":
    main()
