"""The whole player: on a machine whose clock is wrong, and with an item that kills it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.lib import facts
from appliance.lib.health import HealthFact, path_of

if TYPE_CHECKING:
    from tests.player.conftest import Stage

pytestmark = pytest.mark.screen

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
RED, GREEN = (200, 30, 30), (30, 160, 60)
PROGRAM = "import sys, pathlib; from appliance.services.player import run; run(*map(pathlib.Path, sys.argv[1:]))"

Still = Callable[[tuple[int, int, int]], Path]


@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("at", ["1970-01-02 00:00:00", "2038-01-19 03:14:08", "2106-02-07 06:28:16"])
def test_a_wrong_clock_never_empties_the_screen(stage: "Stage", still: Still, at: str) -> None:
    """The programme plays on, item after item."""
    stage.publish(one=(still(RED), 1.0), two=(still(GREEN), 1.0))
    fake = (f"LD_PRELOAD={LIBRARY}", f"FAKETIME=@{at}", "FAKETIME_DONT_FAKE_MONOTONIC=1")
    command = ("env", *fake, sys.executable, "-c", PROGRAM, str(stage.state), str(stage.runtime))
    stage.session.start(command, log=stage.folder / "player.log")
    for colour in (RED, GREEN, RED):
        stage.until(lambda colour=colour: stage.shows(colour), 40)


def test_an_item_that_kills_the_player_twice_is_skipped_and_named(stage: "Stage", still: Still) -> None:
    """From then on the others play; the office can read which it was."""
    stage.publish(killer=(still(RED), 600.0), good=(still(GREEN), 1.0))
    for _ in range(2):
        player = stage.play()
        stage.until(lambda: stage.shows(RED), 40)
        player.kill()
        player.wait()
    stage.play()
    stage.until(lambda: stage.shows(GREEN), 40)
    health = path_of(stage.runtime, "player")
    stage.until(lambda: (said := facts.read(health, HealthFact)) is not None and bool(said.quarantined), 10)
    said = facts.read(health, HealthFact)
    assert said is not None
    assert (said.holds, said.quarantined) == (True, ("programme/city/media/killer.png",))
