"""Laws of the line: whatever happens between booth and office, it costs only time."""

import random
import time

import pytest

from mqtt.contract.topics import Plane
from tests.agent.conftest import Booth, World, item
from tests.world.line import Quality

pytestmark = pytest.mark.broker

LEAFLET = b"%PDF-1.5" + random.Random(9).randbytes(3_000_000)


def test_a_line_that_is_cut_and_mended_brings_the_next_release(world: World, booth: Booth) -> None:
    number = world.publish(item("trước"))
    booth.start()
    booth.until_reported(number)

    for line in booth.lines.values():
        line.cut()
    booth.until(lambda: not booth.link().control and not booth.link().bulk)
    with booth.unmoved():
        number = world.publish(item("sau", **{"map.pdf": LEAFLET}))
        time.sleep(0.5)
    for line in booth.lines.values():
        line.mend()

    booth.until_shown("sau")
    booth.until_reported(number)
    assert booth.online()


def test_cuts_in_the_middle_of_a_transfer_cost_what_was_on_its_way(world: World) -> None:
    world.publish(item("cắt", **{"map.pdf": LEAFLET}))
    with world.booth(rate=1_500_000, delay_s=0.02) as booth:
        booth.start()
        for step in (1, 2):
            booth.until(lambda step=step: booth.partial_bytes() > step * 800_000)
            booth.lines[Plane.BULK].glitch()
        booth.until_shown("cắt")

        assert booth.lines[Plane.BULK].carried[1] <= len(LEAFLET) * 1.02 + 3 * 512 * 1024


def test_a_broker_that_falls_silent_is_noticed_and_left(world: World, booth: Booth) -> None:
    """Half-open TCP: nothing closes the connection, so only the silence tells."""
    number = world.publish(item("im lặng"))
    booth.start(keepalive_s=1)
    booth.until_reported(number)

    booth.lines[Plane.CONTROL].black_hole()
    booth.until(lambda: not booth.link().control, 8)
    assert booth.link().bulk
    booth.lines[Plane.CONTROL].mend()
    booth.lines[Plane.CONTROL].glitch()

    booth.until(lambda: booth.link().control)
    number = world.publish(item("lại nghe"))
    booth.until_shown("lại nghe")
    booth.until_reported(number)


def test_a_line_that_cuts_everything_into_slices_delivers_whole_messages(world: World) -> None:
    number = world.publish(item("lát mỏng", **{"map.pdf": LEAFLET[:150_000]}))
    with world.booth(slice_bytes=7) as booth:
        booth.lines[Plane.BULK].quality = Quality(slice_bytes=61)
        booth.start()
        booth.until_reported(number)
        assert booth.shows("money/map.pdf") == LEAFLET[:150_000]


def test_a_broker_that_forgets_everything_fills_again(world: World, booth: Booth) -> None:
    """A broker is a cache: the office's database says it all again, and so does the booth."""
    number = world.publish(item("nhớ"))
    booth.start()
    booth.until_reported(number)

    world.stop_brokers(wipe=True)
    booth.until(lambda: not booth.link().control)
    with booth.unmoved():
        number = world.publish(item("quên rồi nhớ"))
        world.start_brokers()
    booth.until_shown("quên rồi nhớ")
    booth.until_reported(number)
    assert booth.online()


def test_an_office_whose_services_die_is_waited_for(world: World, booth: Booth) -> None:
    """The broker lives, nobody stands behind it: the page stays, and goes on when they are back."""
    number = world.publish(item("có người"))
    booth.start()
    booth.until_reported(number)

    world.kill_services()
    with booth.unmoved():
        number = world.publish(item("có người lại", **{"map.pdf": LEAFLET}))
        time.sleep(0.5)
        assert booth.process is not None
        assert booth.process.poll() is None
    for name in ("publisher", "chunks", "collector"):
        world.start_service(name)
    booth.until_shown("có người lại")
    booth.until_reported(number)
