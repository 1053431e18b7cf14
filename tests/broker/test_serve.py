"""The whole office as it runs: everything by one command, and nothing left behind."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from mqtt.broker.process import reload, running
from mqtt.contract import topics
from mqtt.contract.topics import Plane

pytestmark = pytest.mark.broker

META = topics.META.at()


def descendants(pid: int) -> dict[int, str]:
    """Ids and command lines of all processes below one."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent == pid:
                found |= {int(entry.name): words} | descendants(int(entry.name))
    return found


def child(pid: int, word: str) -> int:
    return next((one for one, words in descendants(pid).items() if word in words), 0)


def test_all_runs_heals_and_ends_without_a_trace(office: Any, eventually: Any) -> None:
    office.sign(1)
    with office.serve("all") as process:
        eventually(lambda: "is on the broker" in office.log("all"), 20)
        everyone = descendants(process.pid)
        assert sum("mosquitto" in words for words in everyone.values()) == 2

        for word in ("serve publisher", "control/mosquitto.conf", "serve brokers"):
            victim = child(process.pid, word)
            os.kill(victim, signal.SIGKILL)
            eventually(lambda word=word, victim=victim: child(process.pid, word) not in (0, victim))
            everyone |= descendants(process.pid)
        office.assign("cat-bi", b"{}")
        office.changed()
        eventually(lambda: heard(office), 20)
        began = time.monotonic()
        process.terminate()
        process.wait(10)
        assert time.monotonic() - began < 2

    eventually(lambda: not any(alive(pid, words) for pid, words in everyone.items()))


def heard(office: Any) -> bool:
    try:
        with office.peer("cb-01") as booth:
            booth.listen(topics.ASSIGN.at(gate="cat-bi"), META)
            booth.listen("gb/v1/marker")
            return len(booth.heard) == 2
    except OSError:
        return False


def alive(pid: int, words: str) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() == words
    except OSError:
        return False


def test_a_folder_of_the_same_name_where_it_is_called_is_not_our_code(
    office: Any, eventually: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started from another checkout, the children must not run a mixture of the two."""
    (tmp_path / "mqtt").mkdir()
    (tmp_path / "mqtt/__init__.py").write_text("raise SystemExit('somebody else')")
    monkeypatch.chdir(tmp_path)
    office.sign(1)
    with office.serve("all"):
        eventually(lambda: "is on the broker" in office.log("all"), 20)

    assert "somebody else" not in office.log("all")


def test_nothing_outlives_a_parent_that_is_killed(office: Any, eventually: Any) -> None:
    """Left-over services would fight the next ones for their sessions."""
    with office.serve("all") as process:
        eventually(lambda: len(descendants(process.pid)) == 6, 20)
        everyone = descendants(process.pid)
        process.kill()
        process.wait()

    eventually(lambda: not any(alive(pid, words) for pid, words in everyone.items()))


def test_a_broker_is_found_by_its_configuration_and_nobody_else_is(office: Any) -> None:
    """A process that only names the file, as an editor does, gets no signal."""
    config = office.home.brokers.absolute() / "control/mosquitto.conf"
    with subprocess.Popen(["tail", "-f", "/dev/null", str(config)], stderr=subprocess.DEVNULL) as editor:
        assert running(config) == []
        assert not reload(config)
        with office.brokers() as brokers:
            assert running(config) == [brokers.processes[Plane.CONTROL].pid]
        editor.terminate()
    assert running(config) == []


def test_a_broker_that_outlived_its_supervisor_gives_way(office: Any) -> None:
    with office.brokers() as before, office.brokers() as after:
        assert before.processes[Plane.CONTROL].wait(5) == 0
        assert after.processes[Plane.CONTROL].poll() is None


def test_revoking_in_the_database_silences_the_booth(office: Any) -> None:
    office.sign(1)
    with office.brokers(), office.serve("publisher"), office.peer("cb-01") as booth, office.peer("cb-02") as other:
        booth.listen(META)
        other.listen(META)
        booth.wait_heard(META)
        other.wait_heard(META)

        office.revoke("cb-01")
        office.sign(2)
        office.changed()
        other.wait(lambda: len(other.heard) == 2)
        booth.listen("gb/v1/marker")

        assert len(booth.heard) == 1


def test_private_files_of_the_brokers_are_for_nobody_else(office: Any) -> None:
    with office.brokers():
        for plane in ("control", "bulk"):
            folder = office.home.brokers / plane
            assert folder.stat().st_mode & 0o077 == 0
            assert all((folder / name).stat().st_mode & 0o077 == 0 for name in ("server.key", "acl", "mosquitto.conf"))


def test_a_broker_that_lives_and_serves_nobody_does_not_answer(office: Any) -> None:
    with office.brokers() as brokers:
        assert all(brokers.answers(plane) for plane in Plane)
        process = brokers.processes[Plane.BULK]
        process.send_signal(signal.SIGSTOP)
        try:
            assert not brokers.answers(Plane.BULK)
            assert brokers.answers(Plane.CONTROL)
        finally:
            process.send_signal(signal.SIGCONT)
        assert brokers.answers(Plane.BULK)
