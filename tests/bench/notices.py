"""How long a notice takes from the officer's act to the booth's disk: idle, and while bulk fills a thin line.

Counted from before it is signed until ``notices/{id}.dsse`` is there under its name; page and screen look at that file.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Final

from mqtt.office.publish import publish_release
from tests.bench.figures import Figure, Goal
from tests.bench.goodput import noise
from tests.bench.site import Site
from tests.world.line import Quality

COUNT: Final = 100
"""Notices of one run; the 99th of them in order is the figure."""
BUSY: Final = 50
"""While bulk runs: each takes its time on the line."""
DELAY_S: Final = 0.3
RATE: Final = 2e6 / 8
THIN: Final = Quality(rate=RATE, delay_s=DELAY_S)
LEAST_USED: Final = 0.7
"""Of the line, by both planes, while notices are on their way; less, and nothing was measured."""
HOW: Final = "2 Mbit/s, RTT 600 ms, one wire for both planes"
LOAD_BYTES: Final = 60 << 20
APART_S: Final = 0.4


def announced(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield the 99th percentile idle, and beyond the line's own delay while bulk runs."""
    idle = [_idle(folder / f"idle-{run}") for run in range(runs)]
    fair = [_busy(folder / f"fair-{run}", "fair") for run in range(runs)]
    fifo = [_busy(folder / f"fifo-{run}", "fifo") for run in range(runs)]
    yield Figure(
        "notice idle, p99", tuple(_p99(one) * 1000 for one in idle), "ms",
        f"{COUNT} notices on loopback, median {_median(idle) * 1000:.0f} ms", Goal("≤", 100),
    )  # fmt: skip
    yield Figure(
        "notice while bulk runs, p99", tuple((_p99(one) - DELAY_S) * 1000 for one in fair), "ms beyond one way",
        f"{HOW}, flow queueing, median {(_median(fair) - DELAY_S) * 1000:.0f} ms", Goal("≤", 200),
    )  # fmt: skip
    yield Figure(
        "the same, first come first served", tuple((_p99(one) - DELAY_S) * 1000 for one in fifo), "ms beyond one way",
        f"{HOW}, one queue; a chunk alone takes up to 524 ms, median {(_median(fifo) - DELAY_S) * 1000:.0f} ms",
    )  # fmt: skip


def _idle(folder: Path) -> list[float]:
    with Site(folder, Quality()) as site:
        site.office.announce()
        return [_one(site) for _ in range(COUNT)]


def _busy(folder: Path, wire: str) -> list[float]:
    with Site(folder, THIN, wire=wire) as site:
        built = site.office.build("city", "dic", {"load/load.dat": noise(LOAD_BYTES, 1)})
        publish_release(site.office.home, site.office.engine, built, site.office.now)
        begin = site.carried
        site.until(lambda: site.carried > begin + (2 << 20), "bulk runs")
        times, begin, began = [], site.carried, time.monotonic()
        for _ in range(BUSY):
            times.append(_one(site))
            time.sleep(APART_S)
        used = (site.carried - begin) / (time.monotonic() - began) / RATE
        if used < LEAST_USED:
            raise SystemExit(f"bench: bulk used only {used:.2f} of the line")
        return times


def _one(site: Site) -> float:
    begin = time.monotonic()
    made = site.office.announce()
    path = site.state / "notices" / f"{made.id}.dsse"
    while not path.exists():
        if time.monotonic() > begin + 30:
            raise SystemExit(f"bench: {made.id} did not arrive")
        time.sleep(0.0005)
    return time.monotonic() - begin


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


def _median(runs: list[list[float]]) -> float:
    every = sorted(one for run in runs for one in run)
    return every[len(every) // 2]
