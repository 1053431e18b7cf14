"""One run: publish → fetch → activate → report, with something going wrong on the way.

A *power cut* run arms the disk, so that from a random call on nothing gets through; the agent is killed, the disk
forgets, readers look at what is left, the agent starts on it (and in some runs loses its power again while it repairs).
"""

import shutil
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.chaos.content import publish
from tests.chaos.disk import Fate
from tests.chaos.faults import some
from tests.chaos.invariants import LAWS, Problem, whole
from tests.chaos.world import World

FATES: Final = (Fate.LOST, Fate.LOST, Fate.MIXED, Fate.MIXED, Fate.MIXED, Fate.KEPT)
CALLS: Final = 900
"""About as many calls that change the disk as a release takes; a cut that comes later comes when all is done."""


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    cut: bool
    faults: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0


def run(world: World, seed: int, *, cut: bool) -> Outcome:
    """Publish, let things go wrong, heal, and look whether everything holds."""
    dice = Random(seed)
    outcome = Outcome(seed, cut)
    before, began = world.shown, time.monotonic()
    if cut:
        _lose_power(world, dice, outcome, before)
    else:
        _go_wrong(world, dice, outcome)
    world.heal()
    for law in LAWS:
        outcome.problems += law(world, before)
        if outcome.problems:
            break
    outcome.seconds = time.monotonic() - began
    return outcome


def _go_wrong(world: World, dice: Random, outcome: Outcome) -> None:
    publish(world.office, dice)
    world.record(dice)
    for fault in some(dice, with_edge=world.edge is not None):
        time.sleep(dice.choice((0.0, dice.uniform(0, 0.1), dice.uniform(0, 0.6))))
        outcome.faults.append(fault.name)
        fault.strike(world, dice)
        if dice.random() < 0.3:
            publish(world.office, dice)
        if dice.random() < 0.5:
            world.record(dice)


def _lose_power(world: World, dice: Random, outcome: Outcome, before: dict[str, int]) -> None:
    disk = world.disk
    assert disk is not None
    for _ in range(1 if dice.random() < 0.7 else 2):
        calls = dice.choice((dice.randint(1, 60), dice.randint(1, CALLS)))
        disk.arm(calls)
        world.record(dice)
        publish(world.office, dice)
        newest = world.newest
        world.until(lambda newest=newest: disk.dead or world.told == newest, 20.0)
        if not disk.dead:
            disk.arm(0)
        world.kill("agent")
        fate = dice.choice(FATES)
        outcome.faults.append(f"power cut at call {calls}, {fate}")
        disk.cut(fate, dice.getrandbits(32))
        shutil.rmtree(world.folder / "run", ignore_errors=True)
        outcome.problems += whole(world, before)
        world.start("agent")
