"""The real processes, without any broker: export, plug in, and the page shows it; also through kill -9."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from appliance.content.layout import Layout
from appliance.sticks import UsbFact, UsbState
from mqtt.contract.names import BoothId
from tests.practice_office import Office
from tests.usb.conftest import export
from tests.usb.test_import import PAGE, item, noise

BOOTH = str(Path(sys.executable).with_name("booth"))
FILM = "essentials/dic/money/film.dat"
"""Nothing that a preparation would decode."""
PATIENCE_S = 60.0


class RealBooth:
    """``booth agent`` and, when asked, ``booth kiosk`` on a temporary tree."""

    def __init__(self, office: Office, folder: Path, booth: BoothId = "cb-01") -> None:
        self.folder = folder
        self.runtime = folder / "run"
        self.sticks = self.runtime / "sticks"
        self.layout = Layout(folder / "content")
        self._processes = ExitStack()
        folder.mkdir()
        shutil.copytree(office.home.booths / booth, folder / "identity")

    def start(self, command: str, *options: str) -> "subprocess.Popen[bytes]":
        arguments = [BOOTH, command, "--state", str(self.folder), "--run", str(self.runtime), *options]
        log = self._processes.enter_context((self.folder.parent / f"{command}.log").open("ab"))
        process = subprocess.Popen(arguments, stderr=log)
        self._processes.callback(process.wait)
        self._processes.callback(process.kill)
        return process

    def fact(self) -> UsbFact | None:
        try:
            return msgspec.json.decode((self.runtime / "usb.json").read_bytes(), type=UsbFact)
        except FileNotFoundError:
            return None

    def is_in(self, state: UsbState) -> bool:
        fact = self.fact()
        return fact is not None and fact.state is state

    def shows(self, path: str) -> bytes | None:
        category, agency, name = path.split("/", 2)
        file = self.layout.current / category / agency / "files" / name
        return file.read_bytes() if file.is_file() else None

    def close(self) -> None:
        self._processes.close()


def wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.fixture
def now_office(tmp_path: Path) -> Iterator[Office]:
    """Signs at the machine's time: the booth's clock is the machine's as well."""
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        yield office


@pytest.fixture
def real(now_office: Office, tmp_path: Path) -> Iterator[RealBooth]:
    booth = RealBooth(now_office, tmp_path / "booth")
    try:
        yield booth
    finally:
        booth.close()


def test_export_plug_in_and_the_page_shows_it(now_office: Office, real: RealBooth, tmp_path: Path) -> None:
    """The first content of a booth that has never had a line; the page says how it went."""
    now_office.publish("essentials", "dic", item("Đổi tiền") | {"money/film.dat": noise(3_000_000)})
    place = export(now_office, tmp_path / "stick")
    real.start("agent")
    real.start("kiosk", "--port", "0")
    log = tmp_path / "kiosk.log"
    wait(lambda: log.exists() and "the page is at" in log.read_text())
    url = next(word for word in log.read_text().split() if word.startswith("http://"))
    wait(real.sticks.is_dir)
    assert "USB" not in _page(url)

    place.rename(real.sticks / "sda1")
    wait(lambda: real.is_in(UsbState.DONE))

    assert real.shows(PAGE) == "Đổi tiền".encode()
    wait(lambda: "Đổi tiền" in _page(f"{url}vi/essentials"))
    page = _page(f"{url}vi")
    assert '<aside class="usb" role="status"><p lang="vi">Đã nạp xong nội dung từ USB.' in page


def test_killed_at_any_moment_the_agent_goes_on_with_the_stick(
    now_office: Office, real: RealBooth, tmp_path: Path
) -> None:
    """Kill -9 while pieces arrive: what is shown is whole, what was verified stays, the end is the same."""
    dice = random.Random(7)
    now_office.publish("essentials", "dic", item("cũ"))
    export(now_office, tmp_path / "old").rename(tmp_path / "stick")
    agent = real.start("agent")
    wait(real.sticks.is_dir)
    (tmp_path / "stick").rename(real.sticks / "sda1")
    wait(lambda: real.is_in(UsbState.DONE))
    (real.sticks / "sda1").rename(tmp_path / "stick")
    film = noise(40_000_000)
    now_office.publish("essentials", "dic", item("mới") | {"money/film.dat": film})
    export(now_office, tmp_path / "stick").rename(real.sticks / "sda1")
    kills = 0
    for _ in range(8):
        time.sleep(dice.uniform(0.05, 0.4))
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        kills += real.shows(PAGE) == "cũ".encode()
        assert real.shows(PAGE) in {"cũ".encode(), "mới".encode()}
        agent = real.start("agent")
    wait(lambda: real.shows(FILM) == film)
    assert real.shows(PAGE) == "mới".encode()
    assert kills > 0


def test_unmounted_while_it_is_read_it_goes_on_after_the_next_plugging_in(
    now_office: Office, real: RealBooth, tmp_path: Path
) -> None:
    """A lazy unmount leaves a folder that is empty: what the kernel makes of a stick pulled out."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts")
    film = noise(60_000_000)
    now_office.publish("essentials", "dic", item("a") | {"money/film.dat": film})
    place = export(now_office, tmp_path / "stick")
    real.start("agent")
    wait(real.sticks.is_dir)
    mount = real.sticks / "sda1"
    mount.mkdir()
    if subprocess.run(["mount", "--bind", str(place), str(mount)], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no mounts here")
    try:
        wait(lambda: (fact := real.fact()) and fact.done > 1_000_000)
        subprocess.run(["umount", "--lazy", str(mount)], check=True)
        wait(lambda: not real.is_in(UsbState.IMPORTING))
        if real.shows(FILM) is None:
            assert real.is_in(UsbState.REMOVED)
        subprocess.run(["mount", "--bind", str(place), str(mount)], check=True)
        wait(lambda: real.shows(FILM) == film)
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=False, stderr=subprocess.DEVNULL)


def _page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        return str(answer.read().decode())
