"""A real office and a real agent with a line between them; what the benches measure."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select

from appliance.content.layout import Layout
from mqtt.contract.documents import decode
from mqtt.contract.state import STATE_LIMIT, Reported
from mqtt.office.brokers import update_brokers
from mqtt.office.database import reports
from mqtt.office.settings import Settings
from provisioning.practice.booth import BOOTH
from provisioning.practice.office import BOOTHCTL, SERVICES
from provisioning.practice.processes import Process, Processes
from provisioning.practice.stage import free_ports
from tests.practice_office import Office
from tests.world.line import Line, Quality

WAIT_S: Final = 600.0
BOOTH_ID: Final = "cb-01"


class Site:
    """One office, one booth behind a line; use as a context manager.

    Args:
        folder: Where everything lives; must not exist.
        quality: What both planes' lines are like.
        wire: Both planes share one wire, ``fifo`` or ``fair``; None: they are two, and neither waits for the other.
    """

    def __init__(self, folder: Path, quality: Quality, *, wire: str | None = None) -> None:
        self._wire = wire
        self._folder = folder
        self._quality = quality
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            (self._folder / "logs").mkdir(parents=True)
            control, bulk = free_ports((0, 0))
            settings = Settings(hosts=("127.0.0.1",), control_port=control, bulk_port=bulk)
            self.office = stack.enter_context(Office(self._folder, settings=settings))
            identity = self.office.add_booth(BOOTH_ID)
            update_brokers(self.office.home, self.office.engine)
            self.processes = stack.enter_context(Processes())
            self.running: dict[str, Process] = {}
            for service in ("brokers", *SERVICES):
                self.start(service)
            first = stack.enter_context(Line(control, self._quality, first=self._wire == "fair"))
            beside = first if self._wire else None
            self.lines = [first, stack.enter_context(Line(bulk, self._quality, beside=beside))]
            self.state, self.runtime = self._folder / "booth", self._folder / "run"
            self.state.mkdir()
            identity.rename(self.state / "identity")
            toml = self.state / "identity/identity.toml"
            text = toml.read_text("utf-8")
            for port, line in zip((control, bulk), self.lines, strict=True):
                text = text.replace(str(port), str(line.port))
            toml.write_text(text, "utf-8")
            self.agent = self.start("agent")
            self.until(lambda: self.report is not None, "first report")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @property
    def carried(self) -> int:
        """Bytes carried by both lines, both ways, since the beginning."""
        return sum(sum(line.carried) for line in (self.lines[:1] if self._wire else self.lines))

    @property
    def report(self) -> Reported | None:
        """What the office knows of the booth."""
        query = select(reports.c.body).where(reports.c.booth == BOOTH_ID, reports.c.kind == "reported")
        with self.office.engine.connect() as connection:
            body = connection.scalar(query)
        return decode(Reported, body, STATE_LIMIT) if body else None

    def shown(self, stream: str) -> int | None:
        """Number of the release that readers at the booth see."""
        link = Layout(self.state / "content").current / stream
        return int(link.readlink().name) if link.is_symlink() else None

    def until(self, holds: Callable[[], bool], what: str) -> float:
        """Wait for the world outside to become so; returns the moment on the monotonic clock."""
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                sys.exit(f"bench: not within {WAIT_S:.0f} s: {what}; see {self._folder / 'logs'}")
            time.sleep(0.005)
        return time.monotonic()

    def start(self, name: str) -> Process:
        """Start the agent or one of the office's services."""
        command: tuple[str, ...] = (BOOTHCTL, "serve", name, "--home", str(self.office.home.root))
        if name == "agent":
            command = (BOOTH, "agent", "--state", str(self.state), "--run", str(self.runtime))
        self.running[name] = self.processes.start(command, self._folder / f"logs/{name}.log", os.environ)
        return self.running[name]

    def kill(self, name: str) -> None:
        """Kill -9 one of them, and start it again."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()
        self.start(name)
