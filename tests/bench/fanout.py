"""Many booths at one gate behind an edge: time and bytes over the line against one copy at the line's rate.

Eight booths are real agents, from the agency's signature to the switch. Fifty are light: one process with a connection
each, the same window and transfer as an agent, every chunk verified, nothing written; fifty agents are more than a
workstation with two processors runs at once.
"""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from mqtt.bulk.transfer import Transfer
from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.documents import encode
from mqtt.contract.frames import unpack
from mqtt.contract.releases import BlobRef
from mqtt.contract.topics import Plane
from mqtt.office.link import Arrived, Connected, Endpoint, Event, Line, Link
from mqtt.office.publish import publish_release
from tests.bench.figures import Figure, Goal
from tests.gate_world import GATE, STREAM, GateWorld
from tests.world.line import Quality

RATE: Final = 10e6 / 8
SHAPED: Final = Quality(rate=RATE, delay_s=0.02)
MIB: Final = 1 << 20
SIZE: Final = 32 * MIB
FEW: Final = 8
MANY: Final = 50
WAIT_S: Final = 600.0
LINE: Final = "one copy at 10 Mbit/s, RTT 40 ms"


def fanout(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield the time until the last booth has it and the bytes over the line, for few and for many booths."""
    times, copies = _agents(folder / "few", runs)
    yield Figure(f"gate of {FEW}: time", times, "of one copy", LINE, Goal("≤", 1.05))
    yield Figure(f"gate of {FEW}: line", copies, "copies", "bytes of one copy", Goal("≤", 1.02))
    times, copies = _light(folder / "many", runs)
    yield Figure(f"gate of {MANY} (light): time", times, "of one copy", LINE, Goal("≤", 1.10))
    yield Figure(f"gate of {MANY} (light): line", copies, "copies", "bytes of one copy", Goal("≤", 1.02))


def _agents(folder: Path, runs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    booths = [f"cb-{number:02d}" for number in range(FEW)]
    times, copies = [], []
    with GateWorld(folder, SHAPED) as world:
        for booth in booths:
            world.add_booth(booth)
            world.start_booth(booth)
        world.until(lambda: all(world.reported(booth) for booth in booths), "every booth reports", WAIT_S)
        for run in range(runs):
            built = world.office.build(*STREAM, {"film/film.dat": _noise(run)})
            before, began = world.carried, time.monotonic()
            number = publish_release(world.office.home, world.office.engine, built, world.office.now)
            for booth in booths:
                world.until(lambda booth=booth, number=number: world.shown(booth) == number, booth, WAIT_S)  # type: ignore[misc]
            times.append((time.monotonic() - began) / (SIZE / RATE))
            copies.append((world.carried - before) / SIZE)
    return tuple(times), tuple(copies)


def _light(folder: Path, runs: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    times, copies = [], []
    with GateWorld(folder, SHAPED) as world:
        endpoints = []
        for number in range(MANY):
            identity = world.add_booth(f"cb-{number:02d}") / "identity"
            endpoints.append(
                Endpoint(
                    plane=Plane.BULK,
                    host="127.0.0.1",
                    port=world.here.bulk_port,
                    name=identity.parent.name,
                    ca=identity / "ca.pem",
                    certificate=identity / "cert.pem",
                    key=identity / "key.pem",
                )
            )
        acl = world.edge_folder / "brokers/bulk/acl"
        world.until(lambda: f"user {endpoints[-1].name}\n" in acl.read_text("utf-8"), "the edge knows them", WAIT_S)
        for run in range(runs):
            built = world.office.build(*STREAM, {"film/film.dat": _noise(run)})
            publish_release(world.office.home, world.office.engine, built, world.office.now)
            blob = built.listing.files[0].blob
            assert blob.index is not None
            index = ChunkIndex.parse(world.office.objects.read(blob.index.sha256), blob.size)
            receivers = [Receiver(endpoint, blob, index) for endpoint in endpoints]
            for receiver in receivers:
                receiver.ready.wait(WAIT_S)
            before, began = world.carried, time.monotonic()
            for receiver in receivers:
                receiver.go.set()
            for receiver in receivers:
                receiver.join(WAIT_S)
                assert receiver.complete, f"bench: not within {WAIT_S:.0f} s"
            times.append((time.monotonic() - began) / (SIZE / RATE))
            copies.append((world.carried - before) / SIZE)
    return tuple(times), tuple(copies)


class Receiver(threading.Thread):
    """A booth that only receives: connects, waits for ``go``, fetches one blob and leaves."""

    def __init__(self, endpoint: Endpoint, blob: BlobRef, index: ChunkIndex) -> None:
        super().__init__(daemon=True)
        self._endpoint = endpoint
        self._blob = blob
        self._index = index
        self._transfer = Transfer()
        self._transfer.add(blob, index, range(len(index.chunks)))
        self.ready, self.go = threading.Event(), threading.Event()
        self.start()

    @property
    def complete(self) -> bool:
        return self._transfer.complete(self._blob.sha256)

    def run(self) -> None:
        inbox: SimpleQueue[Event] = SimpleQueue()
        with Link(self._endpoint, inbox, time.monotonic):
            while not isinstance(event := inbox.get(), Connected):
                pass
            event.line.subscribe(topics.BLOB.at(gate=GATE, digest=self._blob.sha256), qos=0)
            self.ready.set()
            self.go.wait(WAIT_S)
            while not self.complete:
                self._ask(event.line)
                self._hear(inbox)

    def _ask(self, line: Line) -> None:
        topic = topics.WANT.at(gate=GATE, booth=self._endpoint.name)
        for want in self._transfer.requests(time.monotonic()):
            line.publish(topic, encode(want), qos=topics.WANT.qos, retain=False, expiry_s=topics.WANT.expiry_s)

    def _hear(self, inbox: "SimpleQueue[Event]") -> None:
        due = self._transfer.next_deadline()
        try:
            event = inbox.get(timeout=None if due is None else max(due - time.monotonic(), 0.001))
        except Empty:
            return
        if isinstance(event, Arrived):
            event.acknowledge()
            self._transfer.arrived(time.monotonic(), self._blob.sha256, unpack(event.payload, CHUNK_LIMIT))


def _noise(seed: int) -> bytes:
    dice = random.Random(f"fanout {seed}")
    return b"".join(dice.randbytes(MIB) for _ in range(SIZE // MIB))
