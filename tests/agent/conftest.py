"""A real office and real booths: mosquitto pair, services and ``booth agent`` as processes, a line to each broker.

    office.db ─ publisher, chunks, collector ─ mosquitto control ◄── Line ──┐
                                               mosquitto bulk    ◄── Line ──┴── booth agent ── state/, run/

The office and its brokers live as long as a module; each test has a booth of its own.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from sqlalchemy import select

from appliance.lib.clock import ClockFact
from appliance.services.agent import LinkFact
from mqtt.broker.process import Brokers
from mqtt.contract.documents import decode
from mqtt.contract.state import STATE_LIMIT, Conn, Reported, StreamState
from mqtt.contract.topics import Plane
from mqtt.office.brokers import folders, listeners, update_brokers
from mqtt.office.database import reports
from mqtt.office.settings import Settings, read_settings
from tests.booths import Given
from tests.booths import item as describe
from tests.broker.conftest import Peer
from tests.practice_office import Office
from tests.world.line import Line, Quality

SERVICES: Final = ("publisher", "chunks", "collector")
WAIT_S: Final = 20.0
GATE: Final = "cat-bi"
PATIENT: Final = {"keepalive_s": 2, "retry_s": 0.5}
"""What a gate may wait for half a minute, a test need not."""
_AGENT: Final = (
    "import sys, json, logging\n"
    "from pathlib import Path\n"
    "from appliance.services import agent\n"
    "logging.basicConfig(level='INFO', stream=sys.stderr, format='%(levelname)s %(name)s: %(message)s')\n"
    "agent.run(Path(sys.argv[1]), Path(sys.argv[2]), agent.Patience(**json.loads(sys.argv[3])))\n"
)


def until(done: Callable[[], object], wait_s: float = WAIT_S, words: Callable[[], str] = str) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + wait_s
    while not done():
        assert time.monotonic() < end, f"it did not happen; {words()}"
        time.sleep(0.02)


def end(process: "subprocess.Popen[bytes]", number: signal.Signals = signal.SIGTERM) -> int:
    """End a process that was started here, and return its exit status."""
    process.send_signal(number)
    try:
        return process.wait(15)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """A disk of so many bytes at this folder."""
    folder.mkdir(parents=True)
    subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "booth-disk", str(folder)), check=True)
    try:
        yield
    finally:
        subprocess.run(("umount", str(folder)), check=True)


class World:
    """The office side: everything real, everything by its own process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ports = {plane: _free_port() for plane in Plane}
        control, bulk = self.ports[Plane.CONTROL], self.ports[Plane.BULK]
        self.office = Office(root, settings=Settings(control_port=control, bulk_port=bulk))
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        self._names = count(1)
        self._brokers: Brokers | None = None
        self.admit()

    def admit(self) -> None:
        """Let the brokers know of every change of the inventory."""
        update_brokers(self.office.home, self.office.engine)

    def start(self) -> None:
        self.start_brokers()
        for name in SERVICES:
            self.start_service(name)

    def start_brokers(self, *, doubtful: Plane | None = None) -> None:
        """Start both and wait for them, but not for one whose certificate is not to be believed."""
        home = self.office.home
        self._brokers = Brokers(folders(home), listeners(read_settings(home.root)))
        for plane in Plane:
            self._brokers.start(plane)
        for plane in Plane:
            if plane is not doubtful:
                self._brokers.wait_until_ready(plane)

    def stop_brokers(self, *, wipe: bool = False) -> None:
        if self._brokers is not None:
            self._brokers.stop()
            self._brokers = None
        if wipe:
            for file in (self.office.home.brokers / "control/data").iterdir():
                file.unlink()

    def start_service(self, name: str) -> None:
        command = (sys.executable, "-P", "-m", "mqtt.office.cli", "serve", name, "--home", str(self.office.home.root))
        with (self.root / f"{name}.log").open("ab") as log:
            self.services[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)

    def kill_services(self) -> None:
        for name in SERVICES:
            end(self.services.pop(name), signal.SIGKILL)

    @contextmanager
    def as_publisher(self) -> Iterator[Peer]:
        """Speak with the publisher's certificate while the publisher itself is away."""
        end(self.services.pop("publisher"))
        try:
            with Peer(self.office.home.tls, "publisher", self.ports[Plane.CONTROL]) as peer:
                yield peer
        finally:
            self.start_service("publisher")

    def stop(self) -> None:
        for process in self.services.values():
            end(process)
        self.stop_brokers()
        self.office.close()

    @contextmanager
    def booth(self, disk_bytes: int | None = None, **quality: Any) -> Iterator["Booth"]:
        """A new booth behind lines of its own; its agent is off. With ``disk_bytes`` its disk is that small."""
        name = f"cb-{next(self._names):02}"
        identity = self.office.add_booth(name, GATE, clock="system")
        self.admit()
        with ExitStack() as stack:
            lines = {plane: stack.enter_context(Line(port, Quality(**quality))) for plane, port in self.ports.items()}
            folder = self.root / name
            booth = Booth(folder, name, self, lines)
            if disk_bytes is not None:
                stack.enter_context(small_disk(booth.state, disk_bytes))
            booth.settle(identity)
            stack.callback(booth.close)
            yield booth

    def publish(self, *items: Given, **head: Any) -> int:
        """Publish these items as the newest release of ``essentials/dic``."""
        contents = {path: data for given in items for path, data in given.files().items()}
        return self.office.publish("essentials", "dic", contents, **head)


class Booth:
    """One booth: its disk, its lines, and its agent, which can be started, killed and ended."""

    def __init__(self, folder: Path, name: str, world: World, lines: Mapping[Plane, Line]) -> None:
        self.name = name
        self.world = world
        self.lines = lines
        self.state = folder / "state"
        self.runtime = folder / "run"
        self.log_file = folder / "agent.log"
        self.process: subprocess.Popen[bytes] | None = None

    def settle(self, identity: Path) -> None:
        """Put the identity in its place, and the brokers behind the lines."""
        self.state.mkdir(parents=True, exist_ok=True)
        place = self.state / "identity"
        shutil.move(identity, place)
        text = (place / "identity.toml").read_text("utf-8")
        for plane, line in self.lines.items():
            text = text.replace(str(self.world.ports[plane]), str(line.port))
        (place / "identity.toml").write_text(text, "utf-8")

    def start(self, environment: Mapping[str, str] | None = None, **patience: Any) -> "subprocess.Popen[bytes]":
        options = json.dumps(PATIENT | patience)
        command = (sys.executable, "-P", "-c", _AGENT, str(self.state), str(self.runtime), options)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, env=os.environ | (environment or {})
            )
        return self.process

    def kill(self) -> None:
        """The plug, as far as a process can tell."""
        assert self.process is not None
        end(self.process, signal.SIGKILL)

    def stop(self) -> int:
        assert self.process is not None
        return end(self.process)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    # what can be seen of it

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace")

    def link(self) -> LinkFact:
        return msgspec.json.decode((self.runtime / "link.json").read_bytes(), type=LinkFact)

    def clock(self) -> ClockFact:
        return msgspec.json.decode((self.runtime / "clock.json").read_bytes(), type=ClockFact)

    def shows(self, path: str = "money/vi.md", stream: str = "essentials/dic") -> bytes | None:
        file = self.state / "content/current" / stream / "files" / path
        return file.read_bytes() if file.is_file() else None

    def partial_bytes(self) -> int:
        """How much of a large blob has arrived and is verified, as far as the bitmaps tell."""
        maps = self.state.glob("content/partial/*.map")
        return sum(_ones(path) for path in maps) * 64 * 1024

    def said(self, kind: str) -> bytes | None:
        with self.world.office.engine.connect() as connection:
            chosen = select(reports.c.body).where(reports.c.booth == self.name, reports.c.kind == kind)
            return connection.scalar(chosen)

    def reported(self) -> Reported | None:
        body = self.said("reported")
        return decode(Reported, body, STATE_LIMIT) if body else None

    def online(self) -> bool:
        body = self.said("conn")
        return body is not None and decode(Conn, body, STATE_LIMIT).online

    def codes(self) -> dict[str, str]:
        """What the office knows to be refused: code by subject."""
        report = self.reported()
        return {refusal.subject: refusal.code.value for refusal in report.errors} if report else {}

    # what is waited for

    def until(self, done: Callable[[], object], wait_s: float = WAIT_S) -> None:
        until(done, wait_s, lambda: f"the agent said:\n{self.log[-3000:]}\nthe office knows: {self.codes()}")

    def until_shown(self, text: str, wait_s: float = WAIT_S) -> None:
        self.until(lambda: self.shows() == text.encode(), wait_s)

    def until_reported(self, number: int, stream: str = "essentials/dic") -> None:
        """The office knows that this release is shown."""

        def there() -> bool:
            report = self.reported()
            one = report.streams.get(stream) if report else None
            return one is not None and (one.state, one.shown) == (StreamState.SHOWN, number)

        self.until(there)

    def until_refused(self, subject: str, code: str) -> None:
        """The office knows that the booth refuses this, and why."""
        self.until(lambda: self.codes().get(subject) == code)

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """What is shown stays what it is, link and bytes."""
        before = self._picture()
        yield
        assert self._picture() == before

    def _picture(self) -> tuple[str, dict[str, bytes]]:
        current = self.state / "content/current"
        walked = os.walk(current, followlinks=True)
        paths = [Path(folder) / name for folder, _, names in walked for name in names]
        assert paths
        return str(current.readlink()), {str(path): path.read_bytes() for path in paths}


def item(text: str, **media: bytes) -> Given:
    """The one page that these tests look at."""
    return describe(texts={"vi": ("Đổi tiền", text)}, media=media)


def _ones(path: Path) -> int:
    try:
        return path.read_bytes().count(1)
    except FileNotFoundError:
        return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """An office that is running; in a folder that the user mosquitto may enter."""
    with tempfile.TemporaryDirectory(prefix="gate-") as name:
        Path(name).chmod(0o755)
        made = World(Path(name))
        try:
            made.start()
            yield made
        finally:
            made.stop()


@pytest.fixture
def booth(world: World) -> Iterator[Booth]:
    with world.booth() as made:
        yield made
