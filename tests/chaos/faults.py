"""What can go wrong, one actor each; a run takes some at random. Another actor is another line in ``FAULTS``."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from mqtt.contract.topics import Plane
from tests.chaos.world import World, publish_elsewhere

Strike = Callable[[World, Random], None]
DAY_S: Final = 86_400.0
CLOCKS_S: Final = (-20_000 * DAY_S, -400 * DAY_S, -3600.0, 3600.0, 20 * DAY_S, 5000 * DAY_S, 20_000 * DAY_S)
"""1972 and the like, a little off, as far ahead as one witness is believed, beyond 2038."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        weight: How often it is taken, against the others.
        strike: Does it. What it leaves broken, :meth:`~tests.chaos.world.World.heal` repairs.
    """

    name: str
    weight: int
    strike: Strike


def _kill(name: str) -> Strike:
    def strike(world: World, dice: Random) -> None:
        world.kill(name)
        time.sleep(dice.uniform(0, 0.2))
        world.start(name)

    return strike


def _kill_broker(plane: Plane) -> Strike:
    def strike(world: World, dice: Random) -> None:
        world.kill_broker(world.brokers, plane)
        time.sleep(dice.uniform(0, 0.3))
        world.heal()

    return strike


def _kill_edge(world: World, dice: Random) -> None:
    """Its cache, one of its brokers, or all of it; for a moment, or until everything is healed."""
    if world.edge_brokers is None:
        return
    dead = dice.choice(("cache", Plane.CONTROL, Plane.BULK, "all"))
    for plane in Plane:
        if dead in (plane, "all"):
            world.kill_broker(world.edge_brokers, plane)
    if dead in ("cache", "all"):
        world.kill("cache")
    time.sleep(dice.uniform(0, 0.5))
    if dice.random() < 0.5:
        world.heal()


def _cut(world: World, dice: Random) -> None:
    lines = dice.choice((world.lines, world.lines[:1], world.lines[1:]))
    for line in lines:
        line.cut()
    time.sleep(dice.uniform(0.02, 0.8))
    for line in lines:
        line.mend()


def _glitch(world: World, dice: Random) -> None:
    for _ in range(dice.randint(1, 4)):
        for line in world.lines:
            line.glitch()
        time.sleep(dice.uniform(0, 0.1))


def _black_hole(world: World, dice: Random) -> None:
    for line in world.lines:
        line.black_hole()
    time.sleep(dice.uniform(0.05, 0.5))
    for line in world.lines:
        line.mend()
        if dice.random() < 0.9:
            line.glitch()


def _fill_disk(world: World, dice: Random) -> None:
    if world.disk is None:
        return
    world.disk.limit(dice.choice((0, dice.randint(1, 20_000), dice.randint(1, 400_000))))
    time.sleep(dice.uniform(0.05, 0.6))
    if dice.random() < 0.5:
        world.kill("agent")
        world.start("agent")
        time.sleep(dice.uniform(0.05, 0.6))
    world.disk.limit(None)
    if dice.random() < 0.9:
        world.kill("agent")
        world.start("agent")


def _jump(world: World, dice: Random) -> None:
    world.set_clock(dice.choice(CLOCKS_S))
    if dice.random() < 0.5:
        world.kill("agent")
        world.start("agent")
    time.sleep(dice.uniform(0.05, 0.6))
    if dice.random() < 0.5:
        world.set_clock(0)


def _kill_publishing(world: World, dice: Random) -> None:
    process = publish_elsewhere(world.office.home.root, dice.getrandbits(32))
    time.sleep(dice.uniform(0, 0.3))
    process.kill()
    process.join()


FAULTS: Final = (
    Fault("agent", 5, _kill("agent")),
    Fault("publisher", 2, _kill("publisher")),
    Fault("chunks", 2, _kill("chunks")),
    Fault("collector", 2, _kill("collector")),
    Fault("control broker", 2, _kill_broker(Plane.CONTROL)),
    Fault("bulk broker", 2, _kill_broker(Plane.BULK)),
    Fault("edge", 2, _kill_edge),
    Fault("cut", 3, _cut),
    Fault("glitch", 3, _glitch),
    Fault("black hole", 2, _black_hole),
    Fault("full disk", 2, _fill_disk),
    Fault("clock", 3, _jump),
    Fault("publishing", 2, _kill_publishing),
)


def some(dice: Random, *, with_edge: bool) -> list[Fault]:
    """One to three faults; where there is an edge it has its share."""
    faults = FAULTS if with_edge else tuple(fault for fault in FAULTS if fault.name != "edge")
    weights = [fault.weight * (3 if fault.name == "edge" else 1) for fault in faults]
    return dice.choices(faults, weights, k=dice.randint(1, 3))
