"""What a booth does when it is ordered to, and what it says of what it cannot do."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from appliance.commands.identify import IDENTIFY_FACT, IdentifyFact, shown
from appliance.commands.shot import SHOT_FACT, SHOT_FILE, SHOT_WANTED, ShotFact, ShotWanted
from appliance.lib import facts
from appliance.services.doer import Doer
from appliance.sync.messages import Did
from mqtt.contract.commands import Command, CommandName, Outcome, Result
from mqtt.contract.errors import ErrorCode

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)


def do(runtime: Path, name: CommandName, logs: Path | None = None, **arguments: Any) -> Result:
    said: SimpleQueue[Did] = SimpleQueue()
    order = Command(
        id=f"{name}-order-1",
        booth="cb-01",
        name=name,
        sent=NOW,
        expires=NOW + timedelta(minutes=5),
        arguments=arguments,
    )
    Doer(runtime, said.put, root=runtime, logs=logs).start(order)
    return said.get(timeout=30).result


def test_identify_is_a_fact_that_ends_by_itself(tmp_path: Path) -> None:
    assert do(tmp_path, CommandName.IDENTIFY, seconds=5).outcome is Outcome.OK
    assert shown(tmp_path / IDENTIFY_FACT) == "cb-01"
    facts.write(tmp_path / IDENTIFY_FACT, IdentifyFact(booth="cb-01", until=0))
    assert shown(tmp_path / IDENTIFY_FACT) is None


def test_logs_are_the_newest_lines(tmp_path: Path) -> None:
    (tmp_path / "kiosk.log").write_text("one\ntwo\nthree\n")
    assert do(tmp_path, CommandName.LOGS, tmp_path, unit="kiosk", lines=2).data == b"two\nthree\n"


def test_a_screenshot_is_asked_of_the_player(tmp_path: Path) -> None:
    def player() -> None:
        while (wanted := facts.read(tmp_path / SHOT_WANTED, ShotWanted)) is None:
            threading.Event().wait(0.02)
        assert wanted.panel == "lookup"
        (tmp_path / SHOT_FILE).write_bytes(b"\xff\xd8picture")
        facts.write(tmp_path / SHOT_FACT, ShotFact(id=wanted.id))

    thread = threading.Thread(target=player)
    thread.start()
    result = do(tmp_path, CommandName.SCREENSHOT, panel="lookup")
    thread.join()
    assert (result.outcome, result.media_type, result.data) == (Outcome.OK, "image/jpeg", b"\xff\xd8picture")


def test_what_the_player_says_against_it_is_passed_on(tmp_path: Path) -> None:
    facts.write(tmp_path / SHOT_FACT, ShotFact(id="screenshot-order-1", problem="this booth has no screen"))
    result = do(tmp_path, CommandName.SCREENSHOT)
    assert (result.outcome, result.detail) == (Outcome.FAILED, "this booth has no screen")


@pytest.mark.parametrize("name", [CommandName.SELFTEST, CommandName.UPDATE, CommandName.REBOOT])
def test_what_is_not_there_is_unsupported(tmp_path: Path, name: CommandName) -> None:
    """A workstation without systemd restarts nothing, and above all not itself."""
    result = do(tmp_path, name)
    assert (result.outcome, result.code) == (Outcome.REJECTED, ErrorCode.UNSUPPORTED)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (CommandName.IDENTIFY, {"seconds": 0}),
        (CommandName.IDENTIFY, {"colour": "red"}),
        (CommandName.LOGS, {"unit": "../../etc/passwd"}),
        (CommandName.LOGS, {"lines": 10**9}),
        (CommandName.RESTART, {}),
        (CommandName.RESTART, {"unit": "ssh"}),
        (CommandName.REBOOT, {"now": True}),
        (CommandName.SCREENSHOT, {"panel": "; reboot"}),
    ],
)
def test_arguments_that_nobody_knows_do_nothing(tmp_path: Path, name: CommandName, arguments: dict[str, Any]) -> None:
    result = do(tmp_path, name, tmp_path, **arguments)
    assert (result.outcome, result.code) == (Outcome.REJECTED, ErrorCode.MALFORMED)
