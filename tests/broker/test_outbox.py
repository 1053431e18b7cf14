"""The outbox end to end: a real agent, a real broker, a real collector, and kill -9 among them."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from appliance.outbox.file import clocks, path_of
from appliance.outbox.queue import Outbox
from mqtt.broker.process import Brokers
from mqtt.contract.records import Priority
from mqtt.office.brokers import folders, listeners, update_brokers
from mqtt.office.database import records
from mqtt.office.settings import Settings, read_settings
from tests.gate_world import GateWorld
from tests.practice_office import Office

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


class Site:
    """An office with its authority, and one booth's data partition."""

    def __init__(self, folder: Path, ports: tuple[int, int]) -> None:
        folder.mkdir()
        self.folder = folder
        settings = Settings(hosts=("127.0.0.1",), control_port=ports[0], bulk_port=ports[1])
        self.office = Office(folder, settings=settings)
        identity = self.office.add_booth("cb-01", clock="system")
        self.state, self.runtime = folder / "state", folder / "run"
        self.state.mkdir()
        identity.rename(self.state / "identity")
        self.outbox = Outbox(path_of(self.state), clocks(self.runtime / "clock.json"))

    @contextmanager
    def process(self, *command: str) -> "Iterator[subprocess.Popen[bytes]]":
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen((sys.executable, "-P", "-m", *command), stdin=subprocess.DEVNULL, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def serve(self, name: str) -> Any:
        return self.process("mqtt.office.cli", "serve", name, "--home", str(self.office.home.root))

    def agent(self) -> Any:
        return self.process("appliance", "agent", "--state", str(self.state), "--run", str(self.runtime))

    def brokers(self) -> Brokers:
        update_brokers(self.office.home, self.office.engine)
        return Brokers(folders(self.office.home), listeners(read_settings(self.office.home.root)))

    def texts(self) -> list[str]:
        with self.office.database() as connection:
            found = connection.scalars(select(records.c.body).where(records.c.kind == "count").order_by(records.c.seq))
            return [body["n"] for body in found]

    def owes(self) -> bool:
        return any(self.outbox.portion(priority, 0, 1000) for priority in Priority)


@pytest.fixture
def site(open_folder: Path, free_ports: tuple[int, int]) -> Iterator[Site]:
    made = Site(open_folder / f"site-{time.monotonic_ns()}", free_ports)
    yield made
    made.office.close()


def test_kill_at_any_point_loses_nothing_and_doubles_nothing(site: Site, eventually: Callable[..., None]) -> None:
    """Agent and collector are killed in turns while another process appends: the office has each row once."""
    written: list[str] = []
    with site.brokers(), site.serve("publisher"):
        for round_ in range(4):
            with site.agent() as agent, site.serve("collector") as collector:
                eventually(lambda: path_of(site.state).exists(), 20)
                for n in range(25):
                    site.outbox.append("count", {"n": f"{round_}-{n}"}, Priority.METRIC)
                    written.append(f"{round_}-{n}")
                if round_ < 3:
                    before = len(site.texts())
                    eventually(lambda before=before: len(site.texts()) > before, 30)
                    (agent if round_ % 2 else collector).send_signal(signal.SIGKILL)
                else:
                    eventually(lambda: not site.owes(), 60)

    assert site.texts() == written
    with site.office.database() as connection:
        started = select(func.count()).select_from(records).where(records.c.kind == "started")
        assert connection.scalar(started) == 4


def test_what_a_booth_owes_goes_through_its_edge_and_past_a_dead_one(open_folder: Path) -> None:
    """Bridges are best effort: the line is cut under them, the edge dies, and each row is at the office once."""
    with GateWorld(open_folder / "owing") as world:
        world.add_booth("cb-01")
        world.start_booth("cb-01")
        state, runtime = world.folder / "cb-01", world.folder / "cb-01-run"
        outbox = Outbox(path_of(state), clocks(runtime / "clock.json"))
        written: list[int] = []

        def write() -> None:
            written.append(len(written))
            outbox.append("count", {"n": written[-1]}, Priority.AUDIT)

        def here() -> list[int]:
            with world.office.engine.connect() as connection:
                found = connection.execute(select(records.c.body).where(records.c.kind == "count"))
                return sorted(body["n"] for (body,) in found)

        world.until(path_of(state).exists, "the outbox is made")
        write()
        world.until(lambda: here() == written, "the row comes through the edge")
        assert "as cb-01" not in world.log("brokers")

        world.cut()
        write()
        write()
        time.sleep(1)
        world.mend()
        world.until(lambda: here() == written, "the rows come when the line is back")

        world.stop_edge()
        write()
        world.until(lambda: here() == written, "the row comes past the dead edge")
        world.until(lambda: not any(outbox.portion(one, 0, 1000) for one in Priority), "and all is acknowledged")
