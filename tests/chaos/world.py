"""A small real world that can be broken in every place: one office, one booth, a line, a disk of ours.

    publish ─► database ─► publisher, chunks ─► brokers ─ line ─►( edge ─►) agent ─► disk (FUSE)
                        ◄─ collector ◄──────────────────────────  reported, records

Processes are forked from one that has imported everything already, so that a restart costs milliseconds; what runs in
them is what ``booth agent`` and ``boothctl serve`` run. The agent lives under libfaketime, the others do not.
"""

import logging
import multiprocessing
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any, Final, Self

from sqlalchemy import func, select

from appliance.content.layout import Layout
from appliance.errors import DeviceError
from appliance.outbox.file import clocks, path_of
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Entry
from appliance.services import agent
from mqtt.broker.process import Brokers
from mqtt.contract.documents import decode
from mqtt.contract.records import Priority
from mqtt.contract.state import STATE_LIMIT, Reported
from mqtt.contract.topics import Plane
from mqtt.office import services
from mqtt.office.brokers import folders, listeners, update_brokers
from mqtt.office.database import gaps, records, releases, reports
from mqtt.office.edge.place import EdgePlace
from mqtt.office.edge.run import run_cache
from mqtt.office.edge.settings import EDGE_FILE, Address
from mqtt.office.home import Home
from mqtt.office.settings import Settings
from provisioning.edge.issue import NewEdge, add_edge
from provisioning.practice.stage import free_ports
from tests.chaos.content import publish
from tests.chaos.fuse import Mount
from tests.practice_office import REGULATION, Office
from tests.world.line import Line, Quality

BOOTH_ID: Final = "cb-01"
GATE: Final = "cat-bi"
RECORD: Final = "chaos"
FAKETIME: Final = "/usr/lib/*/faketime/libfaketimeMT.so.1"
SERVICES: Final = ("publisher", "chunks", "collector")
PROCESSES: Final = ("agent", *SERVICES)
LONG: Final = "\n".join(
    line.replace("days = 14", "days = 900").replace("days = 7 ", "days = 900 ").replace("days = 180", "days = 900")
    for line in REGULATION.splitlines()
)
"""A clock that jumps 20 days ahead is believed (one witness may say so): signatures must outlive it."""

_context: Final = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Start the process that all others are forked from; before anything else is started."""
    libraries = sorted(Path("/").glob(FAKETIME[1:]))
    faked = {"LD_PRELOAD": str(libraries[0])} if libraries else {}
    faked |= {"FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    before = {name: os.environ.get(name) for name in faked}
    os.environ.update(faked)
    _context.set_forkserver_preload(["tests.chaos.world"])
    process = _context.Process(target=time.time)
    process.start()
    process.join()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


class World:
    """One world; use as a context manager.

    Args:
        folder: Where everything lives; must not exist.
        mounted: Whether the booth's state lies on a disk that can lose power and fill up.
        with_edge: Whether the gate has an edge; its line is the booth's.
    """

    def __init__(self, folder: Path, *, mounted: bool, with_edge: bool = False) -> None:
        self.folder = folder
        self._mounted = mounted
        self._with_edge = with_edge
        self.edge: EdgePlace | None = None
        self.edge_brokers: Brokers | None = None
        self._stack = ExitStack()
        self.running: dict[str, Any] = {}
        self.disk: Mount | None = None
        self.clock = folder / "clock"
        self.promised: set[int] = set()
        self._written = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            (self.folder / "logs").mkdir(parents=True)
            self.set_clock(0)
            control, bulk = free_ports((0, 0))
            settings = Settings(hosts=("127.0.0.1",), control_port=control, bulk_port=bulk)
            self.office = stack.enter_context(Office(self.folder, settings=settings, regulation=LONG))
            quality = Quality(rate=2_500_000, delay_s=0.005)
            self.lines = [stack.enter_context(Line(port, quality)) for port in (control, bulk)]
            edge = self._issue_edge() if self._with_edge else None
            identity = self.office.add_booth(BOOTH_ID)
            update_brokers(self.office.home, self.office.engine)
            self.brokers = stack.enter_context(Brokers(folders(self.office.home), listeners(settings)))
            if edge:
                self.edge = EdgePlace(edge)
                self.edge.write()
                self.edge_brokers = stack.enter_context(Brokers(self.edge.folders, self.edge.listeners))
            self.state = self.folder / "booth"
            if self._mounted:
                self.disk = stack.enter_context(Mount(self.state, self.folder / "logs/disk.log"))
            self._settle_in(identity)
            stack.callback(self._end)
            for name in self.names:
                self.start(name)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The processes of this world."""
        return (*PROCESSES, "cache") if self.edge else PROCESSES

    def _issue_edge(self) -> Path:
        control, bulk = free_ports((0, 0))
        here = Address(host="127.0.0.1", control_port=control, bulk_port=bulk)
        new = NewEdge(gate=GATE, here=here)
        folder, _ = add_edge(self.office.home, self.office.engine, new, self.office.now)
        self._through_the_line(folder / EDGE_FILE)
        return folder

    def _through_the_line(self, toml: Path) -> None:
        text = toml.read_text("utf-8")
        for line in self.lines:
            text = text.replace(str(line.target), str(line.port))
        toml.write_text(text, "utf-8")

    def _settle_in(self, identity: Path) -> None:
        shutil.copytree(identity, self.state / "identity")
        self._through_the_line(self.state / "identity/identity.toml")
        if self.disk:
            self.disk.settle()

    # what another process of the booth records

    def record(self, dice: Random) -> None:
        """Append a few rows; those that the outbox promised to keep are remembered."""
        outbox = Outbox(path_of(self.state), clocks(self.folder / "run/clock.json"))
        for _ in range(dice.randint(1, 4)):
            names = range(self._written, self._written + dice.choice((1, 1, 30)))
            self._written = names.stop
            priority = dice.choice(list(Priority))
            with suppress(DeviceError):
                outbox.append_all([Entry(RECORD, {"name": name}, priority) for name in names])
                self.promised.update(names)

    @property
    def recorded(self) -> Counter[int]:
        """How often each of those rows stands at the office."""
        with self.office.engine.connect() as connection:
            bodies = connection.scalars(select(records.c.body).where(records.c.kind == RECORD))
            return Counter(body["name"] for body in bodies)

    @property
    def given_up(self) -> int:
        """How many gaps the office was told of."""
        with self.office.engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(gaps)) or 0)

    # processes

    def start(self, name: str) -> None:
        """Start one of the processes if it does not run."""
        if name in self.running and self.running[name].is_alive():
            return
        log = self.folder / f"logs/{name}.log"
        if name == "agent":
            process = _context.Process(target=_agent, args=(self.state, self.folder / "run", log, self.clock))
        elif name == "cache" and self.edge:
            process = _context.Process(target=_cache, args=(self.edge.folder, log))
        else:
            process = _context.Process(target=_service, args=(name, self.office.home.root, log))
        process.daemon = True
        process.start()
        self.running[name] = process

    def kill(self, name: str) -> None:
        """Kill -9 a process."""
        self.running[name].kill()
        self.running[name].join()

    @staticmethod
    def kill_broker(brokers: Brokers, plane: Plane) -> None:
        """Kill -9 a broker, the office's or the edge's."""
        brokers.processes[plane].kill()
        brokers.processes[plane].wait()

    def heal(self) -> None:
        """Everything works again, whatever was broken."""
        for brokers in (self.brokers, self.edge_brokers):
            for plane in Plane if brokers else ():
                if brokers.processes[plane].poll() is not None:
                    brokers.start(plane)
                    brokers.wait_until_ready(plane)
        for line in self.lines:
            line.mend()
        if self.disk:
            self.disk.limit(None)
        self.set_clock(0)
        for name in self.names:
            self.start(name)

    def _end(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.join()

    def set_clock(self, offset_s: float) -> None:
        """Let the booth's clock be off by so many seconds from now on."""
        draft = self.clock.with_suffix(".draft")
        draft.write_text(f"{offset_s:+.0f}", "ascii")
        draft.replace(self.clock)

    # what is to be seen

    @property
    def layout(self) -> Layout:
        """Content on the booth."""
        return Layout(self.state / "content")

    @property
    def report(self) -> Reported | None:
        """What the office knows of the booth."""
        query = select(reports.c.body).where(reports.c.booth == BOOTH_ID, reports.c.kind == "reported")
        with self.office.engine.connect() as connection:
            body = connection.scalar(query)
        return decode(Reported, body, STATE_LIMIT) if body else None

    @property
    def newest(self) -> dict[str, int]:
        """Number of the newest published release, by stream."""
        query = select(releases.c.category, releases.c.agency, func.max(releases.c.number)).group_by(
            releases.c.category, releases.c.agency
        )
        with self.office.engine.connect() as connection:
            return {f"{category}/{agency}": number for category, agency, number in connection.execute(query)}

    @property
    def shown(self) -> dict[str, int]:
        """Number of the release that readers see, by stream."""
        try:
            return self.links(self.layout.current.resolve(strict=True))
        except OSError:
            return {}

    @staticmethod
    def links(content_set: Path) -> dict[str, int]:
        """Number of the release that a content set links to, by stream."""
        return {f"{link.parent.name}/{link.name}": int(link.readlink().name) for link in content_set.glob("*/*")}

    @property
    def told(self) -> dict[str, int | None]:
        """Number of the release that the office knows to be shown, by stream."""
        report = self.report
        return {name: stream.shown for name, stream in report.streams.items()} if report else {}

    def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait for the world to become so; False when it does not."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


def publish_elsewhere(home: Path, seed: int) -> "multiprocessing.process.BaseProcess":
    """Publish from another process, which can be killed on the way."""
    process = _context.Process(target=_publish, args=(home, seed))
    process.daemon = True
    process.start()
    return process


def _agent(state: Path, runtime: Path, log: Path, clock: Path) -> None:
    os.environ["FAKETIME_TIMESTAMP_FILE"] = str(clock)
    _log_into(log)
    agent.run(state, runtime)


def _service(name: str, home: Path, log: Path) -> None:
    _log_into(log)
    match name:
        case "publisher":
            services.run_publisher(Home(home), SimpleQueue())
        case "chunks":
            services.run_chunks(Home(home), SimpleQueue(), 0.05)
        case _:
            services.run_collector(Home(home), SimpleQueue())


def _cache(folder: Path, log: Path) -> None:
    _log_into(log)
    run_cache(folder, SimpleQueue())


def _publish(home: Path, seed: int) -> None:
    with Office.of(Home(home)) as office:
        publish(office, Random(seed))


def _log_into(log: Path) -> None:
    logging.basicConfig(filename=log, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True)
