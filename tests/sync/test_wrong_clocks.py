"""Whole processes on a machine whose clock is wrong: 1970, 2038, 2040, 2106. Nothing is emptied, nothing locked out.

``libfaketime`` turns the clock of the process, not the one that counts since the start.
"""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from appliance.lib import clock, facts
from appliance.lib.clock import BUILD_TIME, ClockFact
from appliance.lib.health import HealthFact, path_of
from mqtt.contract.state import ClockState
from provisioning.tls import CertificateAuthority
from tests.booths import Booth, item
from tests.practice_office import Office

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
WRONG = ("1970-01-02 00:00:00", "2038-01-19 03:14:08", "2040-06-01 00:00:00", "2106-02-07 06:28:16")

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")


@contextmanager
def running(booth: Booth, at: str, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the booth that believes it is ``at``."""
    fake = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"@{at}", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
    places = ("--state", str(booth.state), "--run", str(booth.runtime))
    with (booth.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "appliance", *command, *places), env=os.environ | fake, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def until(holds: Callable[[], object], seconds: float = 40.0) -> None:
    """Wait for another process; nothing of ours sleeps."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def booth(tmp_path: Path) -> Booth:
    """Provisioned by an office, so that an agent can start; its brokers are out of reach."""
    booth = Booth(tmp_path / "booth")
    with Office(tmp_path / "office", now=datetime(2026, 11, 25, tzinfo=UTC)) as office:
        for file in office.add_booth("cb-01").iterdir():
            if not (booth.state / "identity" / file.name).exists():
                (booth.state / "identity" / file.name).write_bytes(file.read_bytes())
    identity = booth.state / "identity/identity.toml"
    broker = f'"127.0.0.1", control = {free_port()}, bulk = {free_port()}'
    identity.write_text('clock = "system"\n' + identity.read_text().replace('"127.0.0.1"', broker))
    return booth


@pytest.mark.parametrize("at", WRONG)
def test_an_agent_neither_believes_a_wrong_clock_nor_forgets_a_right_one(booth: Booth, at: str) -> None:
    fact = booth.runtime / "clock.json"
    number = booth.publish(item())
    with running(booth, at, "agent"):
        until(fact.exists)
        until((booth.runtime / "link.json").exists)
    said = facts.read(fact, ClockFact)
    assert said is not None
    assert BUILD_TIME <= said.now < BUILD_TIME.replace(year=2027)
    assert (said.trusted, said.state) == (False, ClockState.SUSPECT)
    shown = booth.store.shown()
    assert shown is not None
    assert shown.number == number


@pytest.mark.parametrize("at", WRONG)
def test_a_kiosk_shows_its_pages_whatever_the_machine_believes(booth: Booth, at: str) -> None:
    """With the agent's word and without it; what has an end that has not certainly come stays."""
    ends = item("essentials/police/emergency", valid=(date(2026, 1, 1), date(2027, 12, 31)))
    booth.publish(item(), ends)
    port = free_port()
    health = path_of(booth.runtime, "kiosk")
    with running(booth, at, "kiosk", "--port", str(port)):
        until(lambda: (said := facts.read(health, HealthFact)) and not said.checking)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/vi/essentials", timeout=20).read().decode()
        assert "/vi/essentials/police/emergency" in page
        booth.set_clock(datetime(2026, 11, 25, tzinfo=UTC))
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/vi/essentials", timeout=20).read().decode()
        assert "/vi/essentials/dic/money" in page
    said = facts.read(health, HealthFact)
    assert said is not None
    assert said.holds


_SHAKE = """
import socket, sys
from datetime import UTC, datetime
from pathlib import Path
from appliance.lib.clock import Clock
from appliance.sync.link import tls_context
context = tls_context(Path(sys.argv[1]), Clock(Path(sys.argv[2])).read)
plain = socket.create_connection(("127.0.0.1", int(sys.argv[3])), 20)
with context.wrap_socket(plain, server_hostname="127.0.0.1") as s:
    s.sendall(b"here")
    assert s.recv(4) == b"here", "the other side did not take our certificate"
    print(datetime.now(UTC).year)
"""


@pytest.mark.parametrize("at", WRONG)
@pytest.mark.parametrize("stated", [True, False])
def test_no_wrong_clock_locks_a_booth_out_of_tls(tmp_path: Path, at: str, *, stated: bool) -> None:
    """Certificates are judged by trusted time; without the agent's word, by the build time, a lower bound."""
    now = datetime.now(UTC)
    office = CertificateAuthority.found(now)
    office.server("broker", ["127.0.0.1"], now).save(tmp_path / "server.pem", tmp_path / "server.key")
    office.client("cb-01", now).save(tmp_path / "cert.pem", tmp_path / "key.pem")
    (tmp_path / "ca.pem").write_bytes(office.issued.certificate)
    fact = ClockFact(now=now, boottime_ns=clock.boottime_ns(), boot=clock.boot_id(), source="floor", trusted=False)
    if stated:
        facts.write(tmp_path / "clock.json", fact)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    fake = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"@{at}", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        places = (str(tmp_path), str(tmp_path / "clock.json"), str(listener.getsockname()[1]))
        command = (sys.executable, "-c", _SHAKE, *places)
        with subprocess.Popen(command, env=os.environ | fake, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as booth:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as line:
                line.sendall(line.recv(4))
                said, wrong = booth.communicate(timeout=30)
    assert booth.returncode == 0, wrong.decode()
    assert said.decode().strip() == at[:4], "the clock of the process was not turned"
