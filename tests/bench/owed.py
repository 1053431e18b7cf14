"""What a booth owes: a million rows through repeated kills, and a week of silence that ends."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from appliance.outbox.file import clocks, path_of
from appliance.outbox.policy import Caps
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Entry, Moment
from mqtt.contract.records import Priority
from mqtt.office.database import gaps, records
from mqtt.office.publish import publish_release
from tests.bench.figures import Figure, Goal
from tests.bench.site import Site
from tests.world.line import Quality

EVENTS: Final = 1_000_000
PORTION: Final = 500
AHEAD: Final = 50_000
"""Rows that may be owed at once, so that none has to go: about half of what has room."""
KILL_EVERY: Final = 50_000
RATE: Final = 20e6 / 8
SHAPED: Final = Quality(rate=RATE, delay_s=0.05)
STREAM: Final = "city/dic"
MIB: Final = 1 << 20
FULL: Final = 0.9
"""Share of each room that a week has filled."""
PAD: Final = "x" * 400


def events(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield rows per second from a writing process to the office's table while agent, collector and line are broken."""
    lost, twice, rates = [], [], []
    for run in range(runs):
        with Site(folder / str(run), Quality()) as site:
            rates.append(EVENTS / _write_and_break(site))
            found, given_up = _names(site)
        lost.append(EVENTS - len(found) + given_up)
        twice.append(sum(found.values()) - len(found))
    how = f"{EVENTS} rows, {EVENTS // KILL_EVERY} kills and cuts"
    yield Figure("events lost", tuple(lost), "rows", how, Goal("≤", 0))
    yield Figure("events twice", tuple(twice), "rows", how, Goal("≤", 0))
    yield Figure("events", tuple(rates), "rows/s", how)


def _write_and_break(site: Site) -> float:
    """Return the seconds until the last row is at the office."""
    outbox = _outbox(site)
    breaking = cycle((lambda: site.kill("agent"), lambda: site.kill("collector"), site.lines[0].glitch))
    began = time.monotonic()
    for first in range(0, EVENTS, PORTION):
        outbox.append_all([Entry("event", {"n": n}, Priority.METRIC) for n in range(first, first + PORTION)])
        if first % KILL_EVERY == KILL_EVERY - PORTION:
            next(breaking)()
            site.until(lambda first=first: first - _count(site) < AHEAD, "the office to follow")  # type: ignore[misc]
    return site.until(lambda: _count(site) >= EVENTS, "the last row") - began


def week(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield how long, beyond its bytes, a booth that was silent for a week takes to owe nothing and show all."""
    beyond, seconds, sizes = [], [], []
    for run in range(runs):
        with Site(folder / str(run), SHAPED) as site:
            _publish(site, 0)
            for line in site.lines:
                line.cut()
            written = _fill(site)
            numbers = [_publish(site, seed) for seed in (1, 2, 3)]
            before = [line.carried for line in site.lines]
            began = time.monotonic()
            for line in site.lines:
                line.mend()
            site.until(lambda: site.shown(STREAM) == numbers[-1], "the newest release")  # noqa: B023 - called at once
            ended = site.until(lambda: _count(site) == written, "every row")  # noqa: B023 - called at once
            found, given_up = _names(site)
            assert len(found) == written, f"{written - len(found)} rows lost"
            assert not given_up, "rows were given up"
            # the slowest of four ways: two planes, each with a rate of its own in both directions
            most = max(
                after - then
                for line, was in zip(site.lines, before, strict=True)
                for after, then in zip(line.carried, was, strict=True)
            )
            seconds.append(ended - began)
            beyond.append(ended - began - most / RATE)
            sizes.append(most / MIB)
    reference = (
        f"{max(sizes):.0f} MiB at 20 Mbit/s, RTT 100 ms: {max(sizes) * MIB / RATE:.0f} s of {max(seconds):.0f} s"
    )
    yield Figure("week offline, beyond its bytes", tuple(beyond), "s", reference, Goal("≤", 60))


def _fill(site: Site) -> int:
    """Write a week of rows until every room is nearly full; returns how many."""
    outbox, now = _outbox(site), clocks(site.runtime / "clock.json")()
    written = 0
    for priority, room in Caps().rooms.items():
        count = int(room.limit_bytes * FULL) // (len(PAD) + 160)
        for first in range(0, count, PORTION):
            at = now.at - timedelta(days=7) * (1 - first / count)
            moment = Moment(at, now.trusted, now.boot, now.boottime_ns)
            names = range(written, written + min(PORTION, count - first))
            outbox.append_all([Entry("event", {"n": n, "pad": PAD}, priority, moment) for n in names])
            written = names.stop
    return written


def _publish(site: Site, seed: int) -> int:
    contents = {f"page-{n}/vi.md": f"Bản {seed}, trang {n}".encode() for n in range(20)}
    built = site.office.build(*STREAM.split("/"), contents)
    number = publish_release(site.office.home, site.office.engine, built, site.office.now)
    if seed == 0:
        site.until(lambda: site.shown(STREAM) == number, "the first release")
    return number


def _outbox(site: Site) -> Outbox:
    site.until(path_of(site.state).exists, "the outbox")
    return Outbox(path_of(site.state), clocks(site.runtime / "clock.json"))


def _count(site: Site) -> int:
    query = select(func.count()).select_from(records).where(records.c.kind == "event")
    with site.office.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def _names(site: Site) -> tuple[Counter[int], int]:
    with site.office.engine.connect() as connection:
        found = Counter(
            body["n"] for body in connection.scalars(select(records.c.body).where(records.c.kind == "event"))
        )
        return found, int(connection.scalar(select(func.count()).select_from(gaps)) or 0)
