"""``booth kiosk``: the touch page, for the browser on this booth only."""

import logging
import signal
import sys
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from waitress import create_server

from appliance import identity
from appliance.commands.identify import IDENTIFY_FACT, shown
from appliance.config.files import Effective, follow_log_level
from appliance.content.layout import Layout
from appliance.errors import DeviceError, ErrorCode, SetupError
from appliance.kiosk.app import create_app
from appliance.kiosk.check import Check
from appliance.kiosk.edition import Desk
from appliance.kiosk.glass import Glass
from appliance.kiosk.shelf import Follower, Shelf
from appliance.kiosk.stick import UsbSign
from appliance.lib import files, health
from appliance.lib.clock import Clock
from appliance.lib.words import Words
from appliance.notices.folder import FOLDER, Folder
from appliance.notices.seen import Seen
from appliance.outbox.file import appender
from appliance.sticks import USB_FACT
from mqtt.contract.names import LANGUAGES

HOST: Final = "127.0.0.1"
PORT: Final = 8080
THREADS: Final = 4
BODY_LIMIT: Final = 1024
"""Bytes of a request's body: nobody has anything to send us."""

_log = logging.getLogger(__name__)


def run(state: Path, runtime: Path, port: int = PORT) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        state: ``/var/lib/booth``; only read.
        runtime: ``/run/booth``; ``clock.json`` and ``usb.json`` are read there, ``health/kiosk.json`` written.
        port: On the loopback interface; 0 takes any that is free.

    Raises:
        SetupError: ``E_CONFIG``; there is no identity, or one that no page can be made for.
        DeviceError: ``E_CONFIG``; the port is taken.
    """
    me = identity.read(state)
    languages = tuple(language for language in me.languages if language in LANGUAGES)
    if not languages:
        raise SetupError(ErrorCode.CONFIG, f"identity.toml has none of the languages {' '.join(LANGUAGES)}")
    try:
        zone = ZoneInfo(me.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SetupError(ErrorCode.CONFIG, f"identity.toml: unknown zone {me.zone!r}") from error

    layout = Layout(files.make_folder(state / "content"))
    shelf = Shelf(layout)
    notices, effective = Folder(state / FOLDER), Effective(state)

    def offered() -> tuple[str, ...]:
        configuration = effective.read()
        follow_log_level(configuration)
        return configuration.kiosk.languages or languages

    def named() -> str | None:
        return shown(runtime / IDENTIFY_FACT)

    desk = Desk(
        shelf, Clock(runtime / "clock.json"), me.gate, zone, UsbSign(runtime / USB_FACT), notices, offered, named
    )
    seen = Seen("page", appender(state, runtime / "clock.json"))
    app = create_app(desk, Words.load(), Glass.of(me.panel("lookup")), seen)
    try:
        server = create_server(app, host=HOST, port=port, threads=THREADS, ident=None, max_request_body_size=BODY_LIMIT)
    except OSError as error:
        raise DeviceError(ErrorCode.CONFIG, f"port {port}: {error.strerror}") from error
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a page with many pictures waits its turn: no news
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    files.make_folder(runtime / health.FOLDER)
    check = Check(health.path_of(runtime, "kiosk"), app, desk)
    with Follower(shelf, layout, check.run):
        _log.info("the page is at http://%s:%s/", HOST, server.effective_port)
        server.run()
