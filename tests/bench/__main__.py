"""``make bench``: every figure as a median against a reference of the same run; a table and ``build/bench.json``."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from tests.bench.edits import edits
from tests.bench.fanout import fanout
from tests.bench.figures import Figure
from tests.bench.gate import gate
from tests.bench.goodput import goodput
from tests.bench.memory import memory, video
from tests.bench.notices import announced
from tests.bench.owed import events, week
from tests.bench.rough import rough

Bench = Callable[[Path, int], Iterator[Figure]]
BENCHES: Final[dict[str, Bench]] = {
    "goodput": goodput,
    "rough": rough,
    "edits": edits,
    "memory": memory,
    "video": video,
    "fanout": fanout,
    "events": events,
    "week": week,
    "notices": announced,
    "gate": gate,
}
FOLDER: Final = Path("build/bench")
RESULT: Final = Path("build/bench.json")


@click.command()
@click.option("--only", default=",".join(BENCHES), show_default=True, help="Names, separated by commas.")
@click.option("--runs", default=5, show_default=True, help="Runs of each figure; the median counts.")
def main(only: str, runs: int) -> None:
    """Measure, print a table, write build/bench.json."""
    names = only.split(",")
    if unknown := set(names) - set(BENCHES):
        raise click.BadParameter(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    figures: list[Figure] = []
    for name in names:
        click.echo(f"measuring {name} …")
        figures += BENCHES[name](FOLDER.absolute() / name, runs)
        RESULT.write_text(
            json.dumps([figure.row() for figure in figures], indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
    Console(width=150).print(_table(figures))
    shutil.rmtree(FOLDER, ignore_errors=True)


def _table(figures: list[Figure]) -> Table:
    table = Table("Figure", "Median", "Unit", "Lowest – highest", "Reference", "Goal", "Met")
    for one in figures:
        spread = f"{min(one.values):.4g} – {max(one.values):.4g}"
        met = {True: "yes", False: "NO", None: ""}[one.met]
        table.add_row(one.name, f"{one.value:.4g}", one.unit, spread, one.reference, str(one.goal or ""), met)
    return table


if __name__ == "__main__":
    main()
