"""``boothctl serve``: the office's running services, one process each, or all of them at once.

serve all ─┬─ serve brokers ─┬─ mosquitto (control)
│                 └─ mosquitto (bulk)
├─ serve publisher
├─ serve chunks
└─ serve collector
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from mqtt.office import services
from mqtt.office.commands.manners import Polite
from mqtt.office.commands.options import home_option
from mqtt.office.commands.process import attached_option, inbox, log_lines, stop_descriptor
from mqtt.office.home import Home
from mqtt.office.keeper import Keeper

PROCESSES: Final = ("brokers", "publisher", "chunks", "collector")


@click.group(cls=Polite)
def serve() -> None:
    """Run the office's services; each ends cleanly on SIGTERM or Ctrl-C."""


@serve.command()
@home_option
@attached_option
def brokers(home: Path, attached: bool) -> None:
    """Run the control and the bulk broker (mosquitto) in the foreground."""
    log_lines("brokers")
    services.run_brokers(Home(home), stop_descriptor(attached=attached))


@serve.command()
@home_option
@attached_option
def publisher(home: Path, attached: bool) -> None:
    """Publish metadata, assignments and small blobs, and follow every change."""
    log_lines("publisher")
    services.run_publisher(Home(home), inbox(attached=attached))


@serve.command()
@home_option
@attached_option
@click.option("--hold-off-ms", default=250, show_default=True, help="One copy serves all booths of a gate so long.")
@click.option(
    "--gate-rate", type=click.IntRange(min=1), help="Bytes per second of media for one gate; no limit if not given."
)
def chunks(home: Path, attached: bool, hold_off_ms: int, gate_rate: int | None) -> None:
    """Send the pieces of large blobs that booths ask for."""
    log_lines("chunks")
    services.run_chunks(Home(home), inbox(attached=attached), hold_off_ms / 1000, gate_rate)


@serve.command()
@home_option
@attached_option
def collector(home: Path, attached: bool) -> None:
    """Record what booths report."""
    log_lines("collector")
    services.run_collector(Home(home), inbox(attached=attached))


@serve.command("all")
@home_option
@attached_option
def all_(home: Path, attached: bool) -> None:
    """Run the brokers and all services; one that dies is started again."""
    log_lines("serve")
    stop = stop_descriptor(attached=attached)
    try:
        Keeper({name: _start(name, home) for name in PROCESSES}, stop, time.monotonic).run()
    finally:
        services.end_brokers(Home(home))


def _start(name: str, home: Path) -> Callable[[], "subprocess.Popen[bytes]"]:
    # -P: our own code, whatever lies in the folder that the command is called from
    program = (sys.executable, "-P", "-m", "mqtt.office.cli")
    command = (*program, "serve", name, "--attached", "--home", str(home.absolute()))
    return lambda: subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
