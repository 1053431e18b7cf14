"""A gate with an edge: one copy over the line, and booths that live through the loss of either side."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt.contract.topics import Plane
from mqtt.office.brokers import update_brokers
from provisioning.edge.issue import remove_edge
from tests.broker.conftest import Peer
from tests.gate_world import GateWorld
from tests.world.line import Quality

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


def test_progress_moves_in_what_the_office_is_told(world: GateWorld) -> None:
    """Through the edge, and at the rate that the booth allows itself."""
    identity = world.add_booth("cb-01") / "identity/identity.toml"
    identity.write_text(identity.read_text("utf-8") + "\n[transfer]\nrate_limit = 120000\n", "utf-8")
    world.start_booth("cb-01")
    world.until(lambda: world.reported("cb-01"), "the first report")
    began = time.monotonic()
    number = world.publish(noise(3 * MIB))
    seen: list[int] = []

    def done() -> bool:
        report = world.reported("cb-01")
        stream = report.streams.get("city/dic") if report else None
        if stream and 0 < stream.have < stream.need and stream.have not in seen:
            seen.append(stream.have)
        return world.shown("cb-01") == number

    ended = world.until(done, "it is shown")

    assert ended - began >= (3 * MIB - 200_000) / 120_000
    assert len(seen) >= 2
    assert seen == sorted(seen)


def test_a_dead_edge_costs_nothing_but_the_way_and_a_living_one_takes_its_booths_back(world: GateWorld) -> None:
    identity = world.add_booth("cb-01") / "identity/identity.toml"
    text = identity.read_text("utf-8").replace('clock = "system"', 'clock = "system"\nreturn_s = 4', 1)
    identity.write_text(text, "utf-8")
    world.start_booth("cb-01")
    world.until(lambda: world.reported("cb-01"), "the first report")
    assert "as cb-01" in world.log("edge")
    assert "as cb-01" not in world.log("brokers")

    world.stop_edge()
    first = world.publish(noise(MIB, 1))
    world.until(lambda: world.shown("cb-01") == first, "the office serves it directly")
    assert "as cb-01" in world.log("brokers")

    came = world.came("edge", "cb-01")
    world.edge = world.start_edge()
    world.until(lambda: world.came("edge", "cb-01") >= came + 2, "both sessions are back at the edge")
    second = world.publish(noise(MIB, 2))
    world.until(lambda: world.shown("cb-01") == second, "the edge serves it again")


@pytest.mark.timeout(400)
def test_an_edge_that_lacks_the_office_is_left_by_booths_that_do_not_and_taken_back(world: GateWorld) -> None:
    """The booth has a line of its own to the office; only the edge's is cut."""
    identity = world.add_booth("cb-01") / "identity/identity.toml"
    text = identity.read_text("utf-8").replace('clock = "system"', 'clock = "system"\nreturn_s = 4', 1)
    for line in world.lines.values():
        text = text.replace(str(line.port), str(line.target))
    identity.write_text(text, "utf-8")
    world.start_booth("cb-01")
    world.until(lambda: world.reported("cb-01"), "the first report")
    assert "as cb-01" not in world.log("brokers")

    world.cut()
    first = world.publish(noise(MIB, 1))
    world.until(lambda: world.shown("cb-01") == first, "it comes from the office", 120)

    came = world.came("edge", "cb-01")
    world.mend()
    world.until(lambda: world.came("edge", "cb-01") >= came + 2, "both sessions are back at the edge", 200)
    second = world.publish(noise(MIB, 2))
    world.until(lambda: world.shown("cb-01") == second, "the edge serves it again")


def test_with_the_office_cut_off_a_booth_that_comes_later_gets_what_the_edge_has(world: GateWorld) -> None:
    world.add_booth("cb-01")
    world.add_booth("cb-02")
    number = world.publish(noise(2 * MIB))
    world.start_booth("cb-01")
    world.until(lambda: world.shown("cb-01") == number, "the first booth shows it")
    world.cut()

    world.start_booth("cb-02")

    world.until(lambda: world.shown("cb-02") == number, "the second one has it from the edge")


def test_what_was_on_its_way_when_the_line_was_cut_goes_on_when_it_is_back(world: GateWorld) -> None:
    world.add_booth("cb-01")
    world.start_booth("cb-01")
    world.until(lambda: world.reported("cb-01"), "the first report")
    for line in world.lines.values():
        line.quality = Quality(rate=1e6)
    number = world.publish(noise(4 * MIB))
    world.until(lambda: any((world.edge_folder / "chunks").glob("??/*")), "some of it has come")
    world.cut()
    world.mend()

    world.until(lambda: world.shown("cb-01") == number, "it is shown")


def test_an_edge_says_nothing_for_another_gate(world: GateWorld) -> None:
    """Its certificate at the office's broker, used by a thief without any bridge."""
    world.office.add_booth("hp-01", "hai-phong-port")
    world.add_booth("cb-01")
    update_brokers(world.office.home, world.office.engine)
    world.stop_edge()
    tls = world.edge_folder / "tls"
    ports = {plane: line.target for plane, line in world.lines.items()}
    mine = ("gb/v1/booth/cb-01/reported", "gb/v1/gate/cat-bi/local/n-1")
    others = (
        "gb/v1/booth/hp-01/reported",
        "gb/v1/booth/cb-01/cmd/reboot",
        "gb/v1/booth/cb-01/ack",
        "gb/v1/gate/cat-bi/assign",
        "gb/v1/gate/cat-bi/notice/n-1",
        "gb/v1/gate/hai-phong-port/local/n-1",
        "gb/v1/repo/meta",
        "gb/v1/enrol/cb-01/csr",
    )
    office = world.office.home.tls
    with Peer(office, "collector", ports[Plane.CONTROL]) as collector:  # takes the session of the service over
        collector.listen("gb/v1/#")
        with Peer(tls, "bridge-control", ports[Plane.CONTROL], "edge-cat-bi") as thief:
            thief.say([(name, b"x") for name in (*others, *mine)])
            collector.wait_heard(mine[-1])
            thief.listen("gb/v1/#")
            thief.listen("gb/v1/marker")
            heard = {name for name, _ in thief.heard}

    assert {name for name, data in collector.heard if data == b"x"} == set(mine)
    assert not any("hai-phong" in name or "hp-01" in name for name in heard)
    assert "gb/v1/repo/meta" in heard


def test_an_edge_that_is_removed_carries_nothing_any_more_and_its_booths_find_the_office(world: GateWorld) -> None:
    world.add_booth("cb-01")
    world.start_booth("cb-01")
    world.until(lambda: world.reported("cb-01"), "the first report")
    first = world.publish(noise(MIB, 1))
    world.until(lambda: world.shown("cb-01") == first, "it comes through the edge")

    remove_edge(world.office.home, world.office.engine, "cat-bi")
    update_brokers(world.office.home, world.office.engine)
    before = sum(1 for _ in (world.edge_folder / "chunks").glob("??/*"))
    world.publish(noise(MIB, 2))
    time.sleep(3)
    assert world.shown("cb-01") == first
    assert sum(1 for _ in (world.edge_folder / "chunks").glob("??/*")) == before

    world.stop_edge()
    newest = world.publish(noise(MIB, 3))
    world.until(lambda: world.shown("cb-01") == newest, "it comes from the office")
