"""``boothctl serve``: the office's running services, one process each, or all of them at once.

serve all ─┬─ serve brokers ─┬─ mosquitto (control)
│                 └─ mosquitto (bulk)
├─ serve publisher
├─ serve chunks
└─ serve collector
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import click

from mqtt.office import services
from mqtt.office.commands.options import home_option
from mqtt.office.home import Home
from mqtt.office.keeper import Keeper
from mqtt.office.link import Event, Stop

PROCESSES: Final = ("brokers", "publisher", "chunks", "collector")

_attached: Final = click.option(
    "--attached", is_flag=True, hidden=True, help="End when standard input is closed: the parent is gone."
)


@click.group()
def serve() -> None:
    """Run the office's services; each ends cleanly on SIGTERM or Ctrl-C."""


@serve.command()
@home_option
@_attached
def brokers(home: Path, attached: bool) -> None:
    """Run the control and the bulk broker (mosquitto) in the foreground."""
    _log_lines("brokers")
    services.run_brokers(Home(home), _stop_descriptor(attached=attached))


@serve.command()
@home_option
@_attached
def publisher(home: Path, attached: bool) -> None:
    """Publish metadata, assignments and small blobs, and follow every change."""
    _log_lines("publisher")
    services.run_publisher(Home(home), _inbox(attached=attached))


@serve.command()
@home_option
@_attached
@click.option("--hold-off-ms", default=250, show_default=True, help="One copy serves all booths of a gate so long.")
def chunks(home: Path, attached: bool, hold_off_ms: int) -> None:
    """Send the pieces of large blobs that booths ask for."""
    _log_lines("chunks")
    services.run_chunks(Home(home), _inbox(attached=attached), hold_off_ms / 1000)


@serve.command()
@home_option
@_attached
def collector(home: Path, attached: bool) -> None:
    """Record what booths report."""
    _log_lines("collector")
    services.run_collector(Home(home), _inbox(attached=attached))


@serve.command("all")
@home_option
@_attached
def all_(home: Path, attached: bool) -> None:
    """Run the brokers and all services; one that dies is started again."""
    _log_lines("serve")
    stop = _stop_descriptor(attached=attached)
    try:
        Keeper({name: _start(name, home) for name in PROCESSES}, stop, time.monotonic).run()
    finally:
        services.end_brokers(Home(home))


def _start(name: str, home: Path) -> Callable[[], "subprocess.Popen[bytes]"]:
    # -P: our own code, whatever lies in the folder that the command is called from
    program = (sys.executable, "-P", "-m", "mqtt.office.cli")
    command = (*program, "serve", name, "--attached", "--home", str(home.absolute()))
    return lambda: subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _log_lines(name: str) -> None:
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name}: %(levelname)s %(message)s")


def _inbox(*, attached: bool) -> "SimpleQueue[Event]":
    inbox: SimpleQueue[Event] = SimpleQueue()
    _when_told(lambda: inbox.put(Stop()), attached=attached)
    return inbox


def _stop_descriptor(*, attached: bool) -> int:
    readable, writable = os.pipe()
    _when_told(lambda: os.write(writable, b"."), attached=attached)
    return readable


def _when_told(stop: Callable[[], object], *, attached: bool) -> None:
    """Call ``stop`` on a signal, and when standard input closes; it must be safe in a signal handler."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
    if attached:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()


def _until_closed(stop: Callable[[], object]) -> None:
    while os.read(0, 4096):
        pass
    stop()
