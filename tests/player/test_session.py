"""The practice session: starts what it says, ends exactly what it started."""

import os
import subprocess
from pathlib import Path

import pytest

from appliance.player.screens import sway_config
from mqtt.contract.errors import ErrorCode
from mqtt.contract.state import Panel
from provisioning.practice.processes import PracticeError
from provisioning.practice.session import Session

pytestmark = pytest.mark.screen

CONFIG = sway_config([Panel(output="HEADLESS-1", role="screen", width_px=640, height_px=480, diagonal_inch=10)])


def alive(process: "subprocess.Popen[bytes]") -> bool:
    return process.poll() is None


def members(group: int) -> list[int]:
    """Process ids that still belong to a group and are not just waiting to be reaped."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, owner = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(owner) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def test_nothing_is_left_of_a_session_that_ended(tmp_path: Path) -> None:
    """Not a process, not a file; also what a client started itself."""
    with Session(CONFIG, outputs=1) as session:
        client = session.start(("sh", "-c", "sleep 600 & exec sleep 600"))
        groups = [session.sway.pid, client.pid]
        folder = Path(session.environment["XDG_RUNTIME_DIR"])
        session.screenshot("HEADLESS-1", tmp_path / "shot.png")
        assert folder.is_dir()

    assert [pid for group in groups for pid in members(group)] == []
    assert not folder.exists()
    assert (tmp_path / "shot.png").stat().st_size > 0


def test_a_session_ends_what_it_started_when_its_user_fails() -> None:
    """Ctrl-C in a demo is an exception like any other."""
    session = Session(CONFIG, outputs=1)

    def demo() -> None:
        with session:
            session.start(("sleep", "600"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo()

    assert not alive(session.sway)
    assert members(session.sway.pid) == []


def test_a_client_that_ignores_the_request_is_made_to_end() -> None:
    """Nothing outlives the session by being deaf."""
    with Session(CONFIG, outputs=1, patience_s=0.1) as session:
        client = session.start(("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"))
        while not (Path(session.environment["XDG_RUNTIME_DIR"]) / "sh.log").read_bytes():
            os.sched_yield()

    assert members(client.pid) == []


def test_a_program_that_is_not_installed_is_named() -> None:
    """The person at the workstation can act on it."""
    with Session(CONFIG, outputs=1) as session, pytest.raises(PracticeError, match="no-such-program") as caught:
        session.start(("no-such-program",))

    assert caught.value.code is ErrorCode.CONFIG


def test_a_machine_without_sway_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PracticeError, match="sway is not installed"), Session(CONFIG):
        pass


def test_a_screenshot_of_no_output_says_so(tmp_path: Path) -> None:
    """And leaves no half picture."""
    with Session(CONFIG, outputs=1) as session, pytest.raises(PracticeError, match="NOWHERE"):
        session.screenshot("NOWHERE", tmp_path / "shot.png")

    assert list(tmp_path.iterdir()) == []
