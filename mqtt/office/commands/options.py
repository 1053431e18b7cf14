"""Options that several command groups share."""

from pathlib import Path
from typing import Final

import click

home_option: Final = click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path("office"),
    envvar="GATEBOOTH_HOME",
    show_default=True,
    help="Folder of the office.",
)
