"""A line that breaks every eight seconds: ours against ``curl -C -`` in a loop, through the same kind of line and cuts.

Ours counts from the agency's signature to the switch. The line takes a TCP connection without a round trip, for both.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mqtt.office.publish import publish_release
from provisioning.practice.processes import Processes
from tests.bench import files
from tests.bench.figures import Figure, Goal
from tests.bench.goodput import noise
from tests.bench.site import Site
from tests.world.line import Line, Quality

RATE: Final = 2e6 / 8
SHAPED: Final = Quality(rate=RATE, delay_s=0.3)
EVERY_S: Final = 8.0
SIZE: Final = 8 << 20
STREAM: Final = "city/dic"
HOW: Final = "2 Mbit/s, RTT 600 ms"


def rough(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield our share of what the same line gives us uncut, and the ratio to curl under the same cuts."""
    uncut = _ours(folder / "uncut", runs, cut=False)
    ours = _ours(folder / "cut", runs, cut=True)
    curl = _curl(folder / "curl", runs)
    whole = sorted(uncut)[len(uncut) // 2]
    yield Figure(
        "rough line", tuple(value / whole for value in ours), "of the line uncut",
        f"{HOW}, uncut {whole / RATE:.3f} of the rate; cut every {EVERY_S:.0f} s", Goal("≥", 0.85),
    )  # fmt: skip
    pairs = zip(ours, curl, strict=True)
    of_curl = sorted(curl)[len(curl) // 2] / RATE
    yield Figure(
        "rough line / curl -C -", tuple(a / b for a, b in pairs), "ratio",
        f"curl over HTTPS, the same cuts: {of_curl:.3f} of the rate", Goal("≥", 1.0),
    )  # fmt: skip


@contextmanager
def _breaking(lines: list[Line]) -> Iterator[None]:
    """Break every connection of the lines every so often."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(EVERY_S):
            for line in lines:
                line.glitch()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _ours(folder: Path, runs: int, *, cut: bool) -> tuple[float, ...]:
    """Bytes per second, each run with other bytes."""
    rates = []
    with Site(folder, SHAPED) as site:
        for run in range(runs):
            built = site.office.build(*STREAM.split("/"), {"film/film.dat": noise(SIZE, run)})
            with _breaking(site.lines if cut else []):
                began = time.monotonic()
                number = publish_release(site.office.home, site.office.engine, built, site.office.now)
                ended = site.until(lambda number=number: site.shown(STREAM) == number, f"release {number}")  # type: ignore[misc]
            rates.append(SIZE / (ended - began))
    return tuple(rates)


def _curl(folder: Path, runs: int) -> tuple[float, ...]:
    """Bytes per second of a loop that goes on where the last attempt ended."""
    rates = []
    folder.mkdir(parents=True)
    (folder / "film").write_bytes(noise(SIZE, 0))
    files.certify(folder)
    with Processes() as processes:
        port = files.start(folder, processes)
        with Line(port, SHAPED) as line:
            for _ in range(runs):
                got = folder / "got"
                got.unlink(missing_ok=True)
                command = f"until curl -sk -C - -o got https://127.0.0.1:{line.port}/film; do :; done"
                with _breaking([line]):
                    began = time.monotonic()
                    loop = processes.start(("sh", "-c", f"cd '{folder}' && {command}"), folder / "curl.log")
                    loop.wait()
                    rates.append(SIZE / (time.monotonic() - began))
                assert got.read_bytes() == noise(SIZE, 0), "curl has put it together wrongly"
    return tuple(rates)
