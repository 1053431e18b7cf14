"""How long ``make gate`` takes once set up."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Goal


def gate(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield seconds of the gate; its words go into the folder."""
    folder.mkdir(parents=True)
    seconds = []
    for run in range(runs):
        began = time.monotonic()
        with (folder / f"gate-{run}.log").open("wb") as words:
            subprocess.run(("make", "gate"), check=True, stdout=words, stderr=words)
        seconds.append(time.monotonic() - began)
    yield Figure("make gate", tuple(seconds), "s", "this machine, idle", Goal("≤", 60))
