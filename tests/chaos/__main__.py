"""``make chaos N=1000 [SEED=…]``: break a real world in every place, at random points, and look whether it holds."""

import os
import secrets
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import click

from mqtt.contract.errors import ContractError, ErrorCode
from tests.chaos import fuse, systematic
from tests.chaos.fuse import Mount
from tests.chaos.run import Outcome, run
from tests.chaos.world import World, prepare

FOLDER: Final = Path("build/chaos")
SHARE: Final = 5
"""Every fifth run is a power cut."""
KINDS: Final = ("torn", "lost", "twice", "stuck")
TELL_EVERY: Final = 50
ATTEMPTS: Final = 3


class Workers:
    """Several worlds side by side that share the runs.

    Args:
        folder: For the worlds.
        runs: Seed of each run, and whether it is a power cut.
    """

    def __init__(self, folder: Path, runs: list[tuple[int, bool]]) -> None:
        self._folder = folder
        self._todo: SimpleQueue[tuple[int, bool]] = SimpleQueue()
        for one in runs:
            self._todo.put(one)
        self.outcomes: SimpleQueue[Outcome | BaseException] = SimpleQueue()

    def stop(self) -> None:
        """Take no more runs; worlds end when theirs is over."""
        with suppress(Empty):
            while True:
                self._todo.get_nowait()

    def work(self, number: int) -> None:
        """Take runs until there are none; after a run that failed the next one gets a new world."""
        life = 0
        try:
            while not self._todo.empty():
                life += 1
                folder = self._folder / f"{number}-{life}"
                if self._live(folder, with_edge=number == 0):
                    shutil.rmtree(folder, ignore_errors=True)
        except BaseException as error:  # noqa: BLE001 - told to the main thread, which ends everything
            self.outcomes.put(error)

    def _live(self, folder: Path, *, with_edge: bool) -> bool:
        with _born(folder, with_edge=with_edge) as world:
            while True:
                try:
                    seed, cut = self._todo.get_nowait()
                except Empty:
                    return True
                outcome = run(world, seed, cut=cut)
                self.outcomes.put(outcome)
                if outcome.problems:
                    return False


@contextmanager
def _born(folder: Path, *, with_edge: bool) -> Iterator[World]:
    """Give a world; several are born at once, and a port that was free may be another's by the time it is used."""
    with ExitStack() as stack:
        for attempt in range(ATTEMPTS):
            try:
                place = folder / str(attempt)
                world = stack.enter_context(World(place, mounted=fuse.possible(), with_edge=with_edge))
                break
            except ContractError as error:
                if error.code is not ErrorCode.CONFIG or attempt + 1 == ATTEMPTS:
                    raise
        yield world


def is_cut(seed: int) -> bool:
    """Whether the run with this seed is a power cut, so that a seed alone can be run again."""
    return seed % SHARE == 0 and fuse.possible()


@click.command()
@click.option("--n", "number", default=1000, show_default=True, help="Runs; every fifth seed is a power cut.")
@click.option("--seed", type=int, help="Of the first run; the others follow. Random when left out.")
@click.option("--workers", default=4, show_default=True, help="Worlds side by side.")
@click.option(
    "--everywhere", is_flag=True, help="First cut the power at every call of an activation, a trust update, the outbox."
)
@click.option("--tell", is_flag=True, help="Say of every run what went wrong and how long it took.")
def main(number: int, seed: int | None, workers: int, everywhere: bool, tell: bool) -> None:  # noqa: FBT001 - flags
    """Run, say what did not hold, end with one line."""
    seed = secrets.randbelow(10**9) if seed is None else seed
    if not fuse.possible():
        click.echo("chaos: no /dev/fuse or no fusermount3 here: power cuts and full disks cannot be modelled")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    click.echo(f"chaos: N={number} seed={seed}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _send_away_words()
    if everywhere and fuse.possible():
        _cut_everywhere(FOLDER.absolute() / "everywhere")
    prepare()
    workplace = Workers(FOLDER.absolute(), [(one, is_cut(one)) for one in range(seed, seed + number)])
    outcomes = _gather(workplace, min(workers, number), number, tell=tell)
    failed = {kind: sum(any(kind == one for one, _ in outcome.problems) for outcome in outcomes) for kind in KINDS}
    counted = " ".join(f"{kind}={count}" for kind, count in failed.items())
    cuts = sum(outcome.cut for outcome in outcomes)
    click.echo(f"chaos: N={len(outcomes)} {counted} cuts={cuts} seed={seed}")
    sys.exit(1 if any(failed.values()) or (everywhere and not fuse.possible()) else 0)


def _cut_everywhere(folder: Path) -> None:
    folder.mkdir()
    with ExitStack() as stack:
        disks = [stack.enter_context(Mount(folder / str(number), folder / "log")) for number in range(3)]
        activation, update, owing = systematic.everywhere(folder, *disks)
    click.echo(
        f"chaos: power cut at every call: activation {activation}, trust update {update}, outbox {owing}, all recovered"
    )


def _send_away_words() -> None:
    """Let the brokers talk into a file; what matters is said on standard output."""
    words = os.open(FOLDER / "words.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(words, sys.stderr.fileno())
    os.close(words)


def _gather(workers: Workers, count: int, number: int, *, tell: bool) -> list[Outcome]:
    threads = [threading.Thread(target=workers.work, args=(place,), daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    try:
        return _listen(workers, number, tell=tell)
    finally:
        workers.stop()
        for thread in threads:
            thread.join()


def _listen(workers: Workers, number: int, *, tell: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    began = time.monotonic()
    while len(outcomes) < number:
        match workers.outcomes.get():
            case Outcome() as outcome:
                outcomes.append(outcome)
                if tell:
                    click.echo(f"{outcome.seed}: {outcome.seconds:.1f} s, {', '.join(outcome.faults)}")
                for kind, what in outcome.problems:
                    click.echo(f"chaos: {kind} seed={outcome.seed} after {', '.join(outcome.faults)}: {what}")
                if len(outcomes) % TELL_EVERY == 0:
                    click.echo(f"chaos: {len(outcomes)} runs, {time.monotonic() - began:.0f} s")
            case error:
                click.echo("".join(traceback.format_exception(error)))
                raise error
    return outcomes


if __name__ == "__main__":
    main()
