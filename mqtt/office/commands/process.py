"""How a service's process lives: told to end by a signal, or by its standard input closing with its parent."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

import click

from mqtt.office.link import Event, Stop

attached_option: Final = click.option(
    "--attached", is_flag=True, hidden=True, help="End when standard input is closed: the parent is gone."
)


def log_lines(name: str) -> None:
    """Write what happens to standard error, with the name of the process."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name}: %(levelname)s %(message)s")


def inbox(*, attached: bool) -> "SimpleQueue[Event]":
    """Return the queue of a service's events; ``Stop`` comes when it is time to end."""
    events: SimpleQueue[Event] = SimpleQueue()
    _when_told(lambda: events.put(Stop()), attached=attached)
    return events


def stop_descriptor(*, attached: bool) -> int:
    """Return a descriptor that becomes readable when it is time to end."""
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
