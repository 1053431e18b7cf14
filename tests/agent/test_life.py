"""Laws of the agent's life: what arrives is shown and reported, and no way of dying loses what was verified."""

import random
import signal
import time

import pytest

from mqtt.bulk.window import MOST_BYTES
from mqtt.contract.state import StreamState
from mqtt.contract.topics import Plane
from tests.agent.conftest import Booth, World, end, item

pytestmark = pytest.mark.broker

LEAFLET = b"%PDF-1.5" + random.Random(7).randbytes(6_000_000)


def test_a_release_arrives_is_shown_and_the_office_hears_of_it(world: World, booth: Booth) -> None:
    """And the other processes of the booth are told of the link and of the time."""
    number = world.publish(item("tới nơi", **{"map.pdf": LEAFLET[:500_000]}))
    booth.start()
    booth.until_shown("tới nơi")
    booth.until_reported(number)

    assert booth.shows("money/map.pdf") == LEAFLET[:500_000]
    link, clock, report = booth.link(), booth.clock(), booth.reported()
    assert (link.control, link.bulk) == (True, True)
    assert link.since <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert clock.trusted
    assert abs(clock.now.timestamp() - time.time()) < 60
    assert report is not None
    assert report.errors == ()
    assert booth.online()


def test_an_agent_that_is_killed_fetches_nothing_verified_again(world: World) -> None:
    """SIGKILL at random moments of a transfer: what was on its way is lost, at most one window each time."""
    kills, dice = 4, random.Random(3)
    number = world.publish(item("nhiều lần", **{"map.pdf": LEAFLET}))
    with world.booth(rate=3_000_000, delay_s=0.02) as booth:
        for step in range(1, kills + 1):
            booth.start()
            booth.until(lambda step=step: booth.partial_bytes() > step * 900_000 + dice.randrange(200_000))
            booth.kill()
        booth.start()
        booth.until_shown("nhiều lần", 30)
        booth.until_reported(number)

        assert booth.shows("money/map.pdf") == LEAFLET
        down = booth.lines[Plane.BULK].carried[1]
        assert down <= len(LEAFLET) * 1.02 + (kills + 1) * MOST_BYTES / 2
        assert down >= len(LEAFLET)


def test_asked_to_end_it_ends_at_once_and_keeps_what_it_has(world: World) -> None:
    """In the middle of a transfer; the next start goes on from there."""
    world.publish(item("đang tải", **{"map.pdf": LEAFLET}))
    with world.booth(rate=3_000_000) as booth:
        agent = booth.start()
        booth.until(lambda: booth.partial_bytes() > 1_000_000)
        began = time.monotonic()
        assert end(agent) == 0
        assert time.monotonic() - began < 2
        before = booth.partial_bytes()
        assert before > 1_000_000
        carried = booth.lines[Plane.BULK].carried[1]

        booth.start()
        booth.until_shown("đang tải")
        assert booth.lines[Plane.BULK].carried[1] - carried < len(LEAFLET) - before + MOST_BYTES / 2


def test_it_ends_at_once_also_when_nobody_answers(booth: Booth) -> None:
    """A connection that is just being made is not waited for."""
    for line in booth.lines.values():
        line.black_hole()
    agent = booth.start()
    booth.until((booth.runtime / "link.json").exists)
    time.sleep(0.3)
    began = time.monotonic()
    assert end(agent, signal.SIGINT) == 0
    assert time.monotonic() - began < 2


def test_a_second_agent_on_the_same_booth_refuses_in_one_sentence(world: World, booth: Booth) -> None:
    number = world.publish(item("một mình"))
    booth.start()
    booth.until_reported(number)
    first = booth.process
    second = booth.start()
    assert second.wait(15) != 0
    assert "another agent runs on this booth" in booth.log
    assert first is not None
    assert first.poll() is None
    end(first)


def test_progress_of_a_long_transfer_reaches_the_office(world: World) -> None:
    """Before it is complete the office sees that it is on its way, and to which release."""
    number = world.publish(item("lâu", **{"map.pdf": LEAFLET}))
    with world.booth(rate=1_500_000) as booth:
        booth.start()

        def fetching() -> bool:
            report = booth.reported()
            one = report.streams.get("essentials/dic") if report else None
            return one is not None and (one.state, one.target, one.shown) == (StreamState.FETCHING, number, None)

        booth.until(fetching)
        booth.until_reported(number)
