"""A gate with an edge: one copy over the line, and booths that live through the loss of either side."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate_world import GateWorld

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]
MIB = 1 << 20


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def world(open_folder: Path, request: pytest.FixtureRequest) -> Iterator[GateWorld]:
    with GateWorld(open_folder / request.node.name) as found:
        yield found


def test_two_booths_behind_an_edge_cost_one_copy(world: GateWorld) -> None:
    for booth in ("cb-01", "cb-02"):
        world.add_booth(booth)
        world.start_booth(booth)
    for booth in ("cb-01", "cb-02"):
        world.until(lambda booth=booth: world.reported(booth), f"{booth} reports")
    before = world.carried

    number = world.publish(noise(8 * MIB))
    for booth in ("cb-01", "cb-02"):
        world.until(lambda booth=booth: world.shown(booth) == number, f"{booth} shows it")

    assert world.carried - before <= 1.02 * 8 * MIB
    assert any((world.edge_folder / "chunks").glob("??/*"))
