"""A real office, a line, a real edge and real booths behind it: shared by the broker suite and the benches.

office ── line (control, bulk) ── edge ── booths          each booth knows the office through a line too
"""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select

from appliance.content.layout import Layout
from mqtt.contract.documents import decode
from mqtt.contract.state import STATE_LIMIT, Reported
from mqtt.contract.topics import Plane
from mqtt.office.brokers import update_brokers
from mqtt.office.database import reports
from mqtt.office.edge.settings import EDGE_FILE, Address
from mqtt.office.publish import publish_release
from mqtt.office.settings import Settings
from provisioning.edge.issue import NewEdge, add_edge
from provisioning.practice.booth import BOOTH
from provisioning.practice.office import BOOTHCTL, SERVICES
from provisioning.practice.processes import Process, Processes
from provisioning.practice.stage import free_ports
from tests.practice_office import REGULATION, Office
from tests.world.line import Line, Quality

GATE: Final = "cat-bi"
STREAM: Final = ("city", "dic")


class GateWorld:
    """Use as a context manager.

    Args:
        folder: Made anew; the user mosquitto may enter it.
        quality: Of the line to the office; both planes share its rate only as far as bulk is what flows.
        regulation: Text of ``authority.toml``.
    """

    def __init__(self, folder: Path, quality: Quality | None = None, regulation: str = REGULATION) -> None:
        self.folder = folder
        self._regulation = regulation
        self._quality = quality or Quality()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            (self.folder / "logs").mkdir(parents=True)
            control, bulk, edge_control, edge_bulk = free_ports((0, 0, 0, 0))
            settings = Settings(hosts=("127.0.0.1",), control_port=control, bulk_port=bulk)
            self.office = stack.enter_context(Office(self.folder, settings=settings, regulation=self._regulation))
            self.processes = stack.enter_context(Processes())
            self.lines = {
                Plane.CONTROL: stack.enter_context(Line(control, self._quality)),
                Plane.BULK: stack.enter_context(Line(bulk, self._quality)),
            }
            self.here = Address(host="127.0.0.1", control_port=edge_control, bulk_port=edge_bulk)
            self.edge_folder, _ = add_edge(
                self.office.home, self.office.engine, NewEdge(gate=GATE, here=self.here), self.office.now
            )
            self._through_the_line(self.edge_folder / EDGE_FILE)
            update_brokers(self.office.home, self.office.engine)
            for service in ("brokers", *SERVICES):
                self.start((BOOTHCTL, "serve", service, "--home", str(self.office.home.root)), service)
            self.edge = self.start_edge()
            self.until(lambda: "bulk broker is there" in self.log("edge"), "the bridge is up")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def start_edge(self) -> Process:
        """Start the edge's brokers and its cache."""
        return self.start((BOOTHCTL, "edge", "run", str(self.edge_folder)), "edge")

    def stop_edge(self) -> None:
        """End the edge with all it has started."""
        self.processes.end(self.edge)

    def add_booth(self, name: str) -> Path:
        """Let the office know a booth; returns its state folder, it is not started."""
        identity = self.office.add_booth(name, GATE)
        update_brokers(self.office.home, self.office.engine)
        state = self.folder / name
        state.mkdir()
        identity.rename(state / "identity")
        self._through_the_line(state / "identity/identity.toml")
        return state

    def start_booth(self, name: str) -> Process:
        """Start the agent of a booth."""
        run = self.folder / f"{name}-run"
        return self.start((BOOTH, "agent", "--state", str(self.folder / name), "--run", str(run)), name)

    def publish(self, data: bytes, name: str = "film/film.dat") -> int:
        """Publish a release with one file; returns its number."""
        built = self.office.build(*STREAM, {name: data})
        return publish_release(self.office.home, self.office.engine, built, self.office.now)

    def shown(self, booth: str) -> int | None:
        """Number of the release that readers at a booth see."""
        link = Layout(self.folder / booth / "content").current / "/".join(STREAM)
        return int(link.readlink().name) if link.is_symlink() else None

    def reported(self, booth: str) -> Reported | None:
        """What the office knows of a booth."""
        query = select(reports.c.body).where(reports.c.booth == booth, reports.c.kind == "reported")
        with self.office.engine.connect() as connection:
            body = connection.scalar(query)
        return decode(Reported, body, STATE_LIMIT) if body else None

    def cut(self) -> None:
        """Take the office away from the gate."""
        for line in self.lines.values():
            line.cut()

    def mend(self) -> None:
        """Bring it back."""
        for line in self.lines.values():
            line.mend()

    @property
    def carried(self) -> int:
        """Bytes that crossed the line towards the gate."""
        return sum(line.carried[1] for line in self.lines.values())

    def until(self, holds: Callable[[], object], what: str, wait_s: float = 60.0) -> float:
        """Wait for the world outside to become so; returns the moment on the monotonic clock."""
        end = time.monotonic() + wait_s
        while not holds():
            assert time.monotonic() < end, f"not within {wait_s:.0f} s: {what}; {self.log()}"
            time.sleep(0.01)
        return time.monotonic()

    def log(self, *names: str) -> str:
        """The last words of these processes, of all if none is named."""
        paths = sorted((self.folder / "logs").iterdir())
        return "\n".join(path.read_text("utf-8")[-3000:] for path in paths if not names or path.stem in names)

    def came(self, place: str, name: str) -> int:
        """How often a client has connected to the brokers of the edge (``edge``) or of the office (``brokers``)."""
        return (self.folder / f"logs/{place}.log").read_text("utf-8").count(f"as {name} ")

    def start(self, command: tuple[str, ...], name: str) -> Process:
        """Start a process with a log of its own."""
        return self.processes.start(command, self.folder / f"logs/{name}.log", os.environ)

    def _through_the_line(self, toml: Path) -> None:
        text = toml.read_text("utf-8")
        for line in self.lines.values():
            text = text.replace(str(line.target), str(line.port))
        toml.write_text(text, "utf-8")
