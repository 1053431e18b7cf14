"""The smoke: what a release must survive on its way to a traveller's eyes, each step checked from outside.

publish ─ edit ─ cut ─ cold boot without network ─ restore, second edit ─ what the office knows
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from mqtt.contract.errors import ErrorCode
from mqtt.contract.names import LANGUAGES
from provisioning.practice.edits import ITEM, STREAM, Edit
from provisioning.practice.processes import PracticeError
from provisioning.practice.stage import Stage
from provisioning.practice.tour import CLOSED, OPENS, Tour
from provisioning.practice.witness import Witness

STEP_S: Final = 90.0
"""A step takes a few seconds; a busy two-core machine may need far longer."""
PROGRAMME_S: Final = 180.0
"""Longer than the sample's programme, so that every item has its turn."""

FIRST: Final = Edit("Money, edited once", (214, 40, 130))
SECOND: Final = Edit("Money, edited twice", (30, 170, 90))


def smoke(folder: Path, say: Callable[[str], None]) -> str:
    """Run all steps and return the one line that sums them up.

    Args:
        folder: Where the practice lives; made anew.
        say: Told what is being done.

    Raises:
        PracticeError: The first step that did not hold, named in the detail.
    """
    began = time.monotonic()
    with Stage(folder, page=f"/en/{ITEM}") as stage:
        witness = Witness(stage)
        say("publishing the sample")
        stage.booth.power_on()
        stage.publish()
        languages = [language for language in LANGUAGES if _until(_speaks(witness, language), f"page in {language}")]
        _until(witness.screen_shows_programme, "sample on the screen", PROGRAMME_S)
        for edit in (FIRST, SECOND):
            _refuse_if(witness.page_shows(edit) or witness.screen_shows(edit), "an edit is seen before it is made")

        say("publishing an edit")
        FIRST.make(stage.content)
        stage.publish()
        _until(lambda: witness.page_shows(FIRST), "edit on the page")
        _until(lambda: witness.screen_shows(FIRST), "edit on the screen", PROGRAMME_S)

        say("announcing, configuring")
        panels = _Panels(witness)
        if not Tour(stage.office, stage.booth.state, stage.screens, lambda _: None, panels.look).walk():
            raise PracticeError(ErrorCode.PRACTICE, "the tour was not taken to its end")

        say("cutting the network")
        stage.office.cut()
        _until(lambda: not witness.link_is_up, "booth notices the cut")
        _until(lambda: witness.page_shows(FIRST), "page without network")
        _until(witness.screen_moves_on, "screen without network", PROGRAMME_S)

        say("starting the booth cold, without network")
        stage.booth.power_off()
        _refuse_if(witness.page_answers, "the booth was switched off and still answers")
        stage.booth.power_on()
        _until(lambda: witness.page_shows(FIRST), "page after a cold boot")
        _until(witness.screen_shows_programme, "screen after a cold boot", PROGRAMME_S)
        _refuse_if(witness.link_is_up, "the network was cut and the booth says that it is there")

        say("publishing a second edit, bringing the network back")
        SECOND.make(stage.content)
        stage.publish()
        stage.office.restore()
        _until(lambda: witness.page_shows(SECOND), "second edit on the page")
        _until(lambda: witness.screen_shows(SECOND), "second edit on the screen", PROGRAMME_S)
        number = witness.newest_release(STREAM)
        _until(lambda: witness.reported_release(STREAM) == number, "report at the office")
    return (
        f"smoke: ok release={number} languages={len(languages)} page=ok screen=ok offline=ok coldboot=ok resumed=ok "
        f"seconds={time.monotonic() - began:.0f}"
    )


class _Panels:
    """What both panels must show after each step of the tour."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._steps = iter((CLOSED, OPENS, None, None, None))

    def look(self) -> bool:
        """Look at the page and at the screen; never ends the tour."""
        said = next(self._steps)
        if said is None:
            _until(lambda: not self._witness.announces(), "nothing is announced any more")
        else:
            for language, headline in said.items():
                _until(partial(self._witness.page_announces, language, headline), f"notice in {language}")
            _until(self._witness.announces, "notice on the screen", PROGRAMME_S)
        return False


def _speaks(witness: Witness, language: str) -> Callable[[], bool]:
    return lambda: witness.page_speaks(language)


def _until(holds: Callable[[], bool], what: str, seconds: float = STEP_S) -> bool:
    """Wait for the world outside to become so; True, or the step is named."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise PracticeError(ErrorCode.PRACTICE, f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)
    return True


def _refuse_if(wrong: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if wrong:
        raise PracticeError(ErrorCode.PRACTICE, what)
