"""The demo: starts everything, says where to look, and shows both panels as pictures until Ctrl-C.

A cut is asked for by a file (``boothctl practice cut`` makes it, ``restore`` removes it): the brokers go and come back.
"""

import signal
import threading
from pathlib import Path
from typing import Final

import click

from provisioning.practice.booth import LOOKUP, SCREEN
from provisioning.practice.processes import PracticeError
from provisioning.practice.stage import Stage
from provisioning.practice.tour import Tour

EVERY_S: Final = 2.0
"""How often the pictures are taken anew."""
CUT_FILE: Final = "cut"
BEFORE_TOUR_S: Final = 10.0
STEP_S: Final = 8.0
"""How long a person may look at each step of the tour."""

_WORDS: Final = """
The office and one booth are running.

  Look-up point          {url}
  Pictures of the panels {screens}/screen.png and lookup.png, new every {every:.0f} seconds
  Content to edit        {content}

Try this in a second terminal:

  publish a change       {boothctl} content publish {content} --home {home}
  say something urgent   {boothctl} notice new --gate cat-bi --kind weather --urgent --home {home}
  what the office knows  {boothctl} booth list --home {home}
  cut the network        {boothctl} practice cut {folder}
  bring it back          {boothctl} practice restore {folder}

Ctrl-C ends everything.
"""


def demo(folder: Path, boothctl: str, *, with_tour: bool = True) -> None:
    """Run until SIGINT or SIGTERM.

    Args:
        folder: Where the practice lives; made anew.
        boothctl: How the person starts ``boothctl``, for the commands that are printed.
        with_tour: Show by itself what officers and operators do, once.

    Raises:
        PracticeError: Something is not installed, or a command failed.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    click.echo("Drawing the sample, making keys, starting the office …")
    with Stage(folder) as stage:
        stage.booth.power_on()
        click.echo(stage.publish(), nl=False)
        click.echo(
            _WORDS.format(
                url=stage.booth.url,
                screens=stage.screens,
                every=EVERY_S,
                content=stage.content,
                home=stage.office.home,
                folder=folder,
                boothctl=boothctl,
            )
        )
        if with_tour:
            threading.Thread(target=_tour, args=(stage, ended), daemon=True).start()
        is_cut = False
        while not ended.wait(EVERY_S):
            if (folder / CUT_FILE).exists() is not is_cut:
                is_cut = not is_cut
                (stage.office.cut if is_cut else stage.office.restore)()
                click.echo("The network is cut." if is_cut else "The network is back.")
            _pictures(stage)
        click.echo("Ending …")


def _tour(stage: Stage, ended: threading.Event) -> None:
    """Take the steps while the person looks; the demo goes on whatever comes of it."""
    if ended.wait(BEFORE_TOUR_S):
        return
    click.echo("A short tour of what officers and operators do; look at both panels.")
    try:
        if Tour(stage.office, stage.booth.state, stage.screens, click.echo, lambda: ended.wait(STEP_S)).walk():
            click.echo("The tour is over; now it is your turn.")
    except PracticeError as error:
        if not ended.is_set():
            click.echo(f"the tour ended early: {error.detail}", err=True)


def _pictures(stage: Stage) -> None:
    for output in (SCREEN, LOOKUP):
        try:
            stage.picture(output)
        except PracticeError as error:
            click.echo(f"no picture of {output}: {error.detail}", err=True)
