"""The browser's window beside and behind the player's: kiosk mode is never left."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from appliance.player.compositor import Compositor
from appliance.player.screens import sway_config
from mqtt.contract.state import Panel
from provisioning.practice.session import Session

if TYPE_CHECKING:
    from tests.player.conftest import Stage

pytestmark = [pytest.mark.screen, pytest.mark.browser]

RED, GREEN = (200, 20, 20), (20, 160, 20)
PAGE = "data:text/html;charset=utf-8,<title>page</title><body style='background:rgb(20,160,20)'>"
START_S = 30.0

Still = Callable[[tuple[int, int, int]], Path]


def covered(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Whether one colour fills the panel: tabs or an address bar would stand at its top."""
    return image.getcolors() == [(image.width * image.height, colour)]


def test_page_and_programme_fill_an_output_each(stage: "Stage", still: Still, tmp_path: Path) -> None:
    """The player comes, dies and comes again; the page stays a page."""
    lookup = stage.panels[1]
    stage.publish(one=(still(RED), 600.0))
    stage.session.start_browser(PAGE, tmp_path / "profile")
    stage.until(lambda: covered(stage.picture(lookup), GREEN), START_S)

    for _ in range(2):
        player = stage.play()
        stage.until(lambda: covered(stage.picture(), RED), START_S)
        assert covered(stage.picture(lookup), GREEN)
        player.kill()
        player.wait()

    assert covered(stage.picture(lookup), GREEN)


def test_on_one_output_page_and_programme_take_turns(tmp_path: Path, still: Still, stage_type: "type[Stage]") -> None:
    """A workspace per role: switching back and forth keeps both full screen."""
    panels = tuple(
        Panel(output="HEADLESS-1", role=role, width_px=1280, height_px=720, diagonal_inch=43)
        for role in ("screen", "lookup")
    )
    with Session(sway_config(panels), outputs=1) as session:
        stage = stage_type(tmp_path / "booth", session, panels)
        stage.publish(one=(still(RED), 600.0))
        session.start_browser(PAGE, tmp_path / "profile")
        stage.play()
        stage.until(lambda: covered(stage.picture(), RED), START_S)
        compositor = Compositor(Path(session.environment["SWAYSOCK"]))

        compositor.bring("lookup")
        stage.until(lambda: covered(stage.picture(), GREEN), START_S)
        for _ in range(3):
            compositor.bring("screen")
            stage.until(lambda: covered(stage.picture(), RED), 5)
            compositor.bring("lookup")
            stage.until(lambda: covered(stage.picture(), GREEN), 5)
