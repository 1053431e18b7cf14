"""What runs at an edge, wired by hand: two brokers kept alive, and the chunk server that answers booths."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from subprocess import Popen
from typing import Final

from mqtt.broker import process
from mqtt.broker.process import Brokers
from mqtt.contract.topics import Plane
from mqtt.office.chunks.turns import Turns
from mqtt.office.edge.cache import Cache
from mqtt.office.edge.indexes import Indexes
from mqtt.office.edge.place import EdgePlace
from mqtt.office.edge.service import EdgeServer
from mqtt.office.edge.store import ChunkStore
from mqtt.office.keeper import Keeper
from mqtt.office.link import Event, Link

HOLD_OFF_S: Final = 0.25
"""One copy serves all booths of the gate so long."""


def run_edge(folder: Path, start_cache: Callable[[], "Popen[bytes]"], stop: int) -> None:
    """Run brokers and cache in the foreground until ``stop`` is readable; one that dies starts again.

    Raises:
        ContractError: ``E_CONFIG`` or ``E_KEY``; the folder is not that of an edge.
    """
    place = EdgePlace(folder)
    place.write()
    brokers = Brokers(place.folders, place.listeners)
    starts = {f"{plane} broker": partial(brokers.start, plane) for plane in Plane}
    answers = {f"{plane} broker": partial(brokers.answers, plane) for plane in Plane}
    try:
        Keeper({**starts, "cache": start_cache}, stop, time.monotonic, answers=answers).run()
    finally:
        brokers.stop()
        for one in place.folders.values():
            for pid in process.running(one.config):
                process.end(pid, process.PATIENCE_S)


def run_cache(folder: Path, inbox: "SimpleQueue[Event]") -> None:
    """Answer booths from the cache until the inbox brings ``Stop``.

    Raises:
        ContractError: ``E_CONFIG``; the folder is not that of an edge.
    """
    place = EdgePlace(folder)
    chunks = ChunkStore(place.folder / "chunks", place.settings.cache_bytes)
    cache = Cache(chunks, Indexes(chunks, place.folder / "recipes"), time.monotonic)
    links = (Link(place.endpoint(plane), inbox, time.monotonic) for plane in Plane)
    with next(links), next(links):
        EdgeServer(
            place.settings.gate, cache, Turns(HOLD_OFF_S), inbox, assigned=place.assigned, clock=time.monotonic
        ).run()
