"""``booth player``: the public screen."""

import logging
import signal
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from appliance import identity
from appliance.commands.identify import IDENTIFY_FACT
from appliance.commands.shot import SHOT_WANTED
from appliance.config.files import Effective, follow_log_level
from appliance.content.catalogue import Frame
from appliance.content.layout import Layout
from appliance.errors import ErrorCode, SetupError
from appliance.lib import files, health
from appliance.lib.clock import Clock
from appliance.lib.facts import FolderWatch, Watch
from appliance.lib.words import Words
from appliance.notices.folder import FOLDER, Folder
from appliance.notices.seen import Seen
from appliance.outbox.file import appender
from appliance.player import content
from appliance.player.events import Configured, ContentChanged, Event, Stop, Told
from appliance.player.facts import Ledger
from appliance.player.health import PlayerHealth
from appliance.player.player import Player
from appliance.player.programme import Entry, Programme
from appliance.player.quarantine import Quarantine
from appliance.player.screens import share_one_output
from appliance.player.shot import Photographer
from appliance.player.sign import NoticeSign, Sign, StickSign
from appliance.player.window import Window
from appliance.sticks import USB_FACT
from mqtt.contract.items import Kind
from mqtt.contract.state import Panel

SLATE_S: Final = 30.0
"""How long the slate stays before what was broken is tried again."""
_DEVICES: Final = Path("/dev")

_log = logging.getLogger(__name__)


def run(state: Path, runtime: Path) -> None:
    """Play until SIGTERM or SIGINT.

    Args:
        state: ``/var/lib/booth``; ``player/now.json`` is written there.
        runtime: ``/run/booth``; ``glass.json`` and the slate are written there.

    Raises:
        SetupError: ``E_CONFIG``; there is no identity or no panel with the role ``screen``.
        DeviceError: The compositor is gone; start the compositor, then the player again.
    """
    me = identity.read(state)
    panel = me.panel("screen")
    if panel is None:
        raise SetupError(ErrorCode.CONFIG, "identity.toml has no panel with the role screen")
    layout = Layout(state / "content")
    ledger = Ledger(files.make_folder(state / "player") / "now.json", files.make_folder(runtime) / "glass.json")
    files.make_folder(runtime / health.FOLDER)
    clock = Clock(runtime / "clock.json")
    slate = runtime / f"slate-{panel.width_px}x{panel.height_px}.png"

    words, effective = Words.load(), Effective(state)
    files.make_folder(effective.path.parent)
    notices_folder = Folder(files.make_folder(state / FOLDER))
    photographer = Photographer(runtime, me.panel)
    seen = Seen("screen", appender(state, runtime / "clock.json"))
    notices = NoticeSign(notices_folder, clock, me.gate, words, seen, lambda: effective.read().screen.notice_seconds)

    events: SimpleQueue[Event] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(Stop()))
    with (
        Watch([files.make_folder(layout.root) / layout.current.name], lambda _: events.put(ContentChanged())),
        Watch([effective.path], lambda _: events.put(Configured())),
        Watch([runtime / USB_FACT, runtime / IDENTIFY_FACT], lambda _: events.put(Told())),
        Watch([runtime / SHOT_WANTED], lambda _: photographer.look()),
        FolderWatch(notices_folder.path, lambda: events.put(Told())),
        Window(events.put, panel, video=_video_output(), sound=_sound_output()) as window,
    ):
        if share_one_output(me.panels):
            _bring_screen_to_front()
        Player(
            events,
            window,
            Programme(Entry(Frame("slate", slate, Kind.PICTURE, SLATE_S), stamp=())),
            read=lambda: _read(layout, me.gate, clock),
            draw_slate=lambda: _draw_slate(slate, panel),
            ledger=ledger,
            quarantine=Quarantine(state / "player" / "quarantine.json"),
            health=PlayerHealth(health.path_of(runtime, "player")),
            configure=lambda: _configure(window, effective),
            sign=Sign(notices, StickSign(runtime / USB_FACT, words), runtime / IDENTIFY_FACT, window.write),
        ).run()


def _configure(window: Window, effective: Effective) -> None:
    configuration = effective.read()
    window.set_volume(configuration.screen.volume_percent)
    follow_log_level(configuration)


def _read(layout: Layout, gate: str, clock: Clock) -> content.Content:
    now, trusted = clock.read()
    return content.read(layout, gate, now, trusted=trusted)


def _draw_slate(slate: Path, panel: Panel) -> None:
    if slate.is_file():
        return
    size = (str(panel.width_px), str(panel.height_px))
    try:
        subprocess.run([sys.executable, "-m", "appliance.player.slate", slate, *size], check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        _log.exception("the slate cannot be drawn")


def _bring_screen_to_front() -> None:
    from appliance.player.compositor import Compositor  # noqa: PLC0415 - 8 MB that booths with two outputs never need

    Compositor().bring("screen")


def _video_output() -> str:
    return "gpu,wlshm" if any(_DEVICES.glob("dri/renderD*")) else "wlshm"


def _sound_output() -> str:
    return "alsa,null" if (_DEVICES / "snd").exists() else "null"
