"""The door to mpv: one long-lived full-screen window that shows one file after another.

The last picture stays until the next one is ready (``keep-open``), so that nothing black shows in between. Stills stay
for ever: the player's own timer ends them. mpv's thread only posts.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import mpv

from appliance.errors import DeviceError, ErrorCode
from appliance.player.events import Ended, Event, Failed, Started, WindowLost
from appliance.player.screens import PLAYER
from appliance.player.strip import HEIGHT, Line, events
from mqtt.contract.state import Panel

_OPTIONS: Final = {
    "wayland_app_id": PLAYER,
    "fullscreen": True,
    "force_window": "immediate",
    "idle": True,
    "keep_open": True,
    "keep_open_pause": False,
    "image_display_duration": "inf",
    "osc": False,
    "osd_level": 0,
    "cursor_autohide": "always",
    "input_default_bindings": False,
    "audio_fallback_to_null": True,
    # Files are local, small and not to be trusted further than their own bytes.
    "config": False,
    "ytdl": False,
    "load_scripts": False,
    "access_references": False,
    "autoload_files": False,
    "cache": False,
    "demuxer_max_bytes": "16MiB",
    "demuxer_max_back_bytes": 0,
}

_log = logging.getLogger(__name__)


class Window:
    """One mpv; use as a context manager.

    Args:
        post: Takes events, also from mpv's thread; must return at once.
        panel: Which it fills.
        video: mpv's video output: ``gpu``, or ``wlshm`` where there is no GPU.
        sound: mpv's audio output, ``null`` for silence.

    Raises:
        DeviceError: ``E_CONFIG``; there is no compositor to give a window. Start it, then the player again.
    """

    def __init__(self, post: Callable[[Event], None], panel: Panel, *, video: str, sound: str) -> None:
        self._panel = panel
        self._post = post
        self._playing = 0
        hardware = "no" if video == "wlshm" else "auto-safe"
        try:
            self._mpv = mpv.MPV(vo=video, ao=sound, hwdec=hardware, log_handler=_note, loglevel="error", **_OPTIONS)
        except ValueError as error:
            raise DeviceError(ErrorCode.CONFIG, f"mpv gets no window: {error}") from error
        self._mpv.command("keybind", "CLOSE_WIN", "quit")
        self._mpv.event_callback("start-file", "playback-restart", "end-file", "shutdown")(self._heard)
        self._mpv.observe_property("eof-reached", self._reached_end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._mpv.terminate()

    def show(self, file: Path) -> int:
        """Begin to load a file in place of what is on; returns the ticket its events will carry."""
        return int(self._mpv.command("loadfile", str(file), "replace")["playlist_entry_id"])

    def write(self, lines: tuple[Line, ...]) -> None:
        """Let these lines stand below whatever is shown, until others come; none takes them away."""
        kind = "ass-events" if lines else "none"
        self._mpv.command("osd-overlay", id=1, format=kind, data=events(lines, self._panel), res_x=0, res_y=HEIGHT)

    def set_volume(self, percent: int) -> None:
        """Let films be so loud."""
        self._mpv.volume = percent

    @property
    def has_picture(self) -> bool:
        """Whether the file that was started has given a picture: a broken one starts and ends without."""
        return self._mpv.dwidth is not None

    def _heard(self, event: mpv.MpvEvent) -> None:
        match event.event_id.value:
            case mpv.MpvEventID.START_FILE:
                self._playing = int(event.data.playlist_entry_id)
            case mpv.MpvEventID.PLAYBACK_RESTART:
                self._post(Started(self._playing))
            case mpv.MpvEventID.END_FILE if event.data.reason == mpv.MpvEventEndFile.ERROR:
                self._post(Failed(int(event.data.playlist_entry_id)))
            case mpv.MpvEventID.SHUTDOWN:
                self._post(WindowLost())

    def _reached_end(self, _name: str, reached: object) -> None:
        if reached:
            self._post(Ended(self._playing))


def _note(_level: str, part: str, text: str) -> None:
    _log.info("mpv %s: %s", part, text.strip())
