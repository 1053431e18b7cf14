"""Commands that were taken: once, whatever comes between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.commands.taken import KEPT, TakenFolder
from mqtt.contract.commands import Command, CommandName, Outcome, Result
from mqtt.contract.errors import ErrorCode

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)


def command(name: CommandName = CommandName.LOGS) -> Command:
    return Command(id=f"{name}-order-1", booth="cb-01", name=name, sent=NOW, expires=NOW + timedelta(minutes=5))


def running(one: Command) -> Result:
    return Result(id=one.id, booth=one.booth, outcome=Outcome.RUNNING)


def test_what_was_taken_is_known_after_the_power_went_without_what_it_carried(tmp_path: Path) -> None:
    one = command()
    done = Result(id=one.id, booth="cb-01", outcome=Outcome.OK, data=b"x" * 1000)
    TakenFolder(tmp_path / "commands").keep(one, done)
    kept = TakenFolder(tmp_path / "commands").result(one.id)
    assert kept is not None
    assert (kept.outcome, kept.data) == (Outcome.OK, b"")
    assert TakenFolder(tmp_path / "commands").result("another-order-1") is None


def test_a_booth_that_went_down_says_so_once_and_a_reboot_has_succeeded(tmp_path: Path) -> None:
    folder = TakenFolder(tmp_path / "commands")
    logs, reboot = command(), command(CommandName.REBOOT)
    for one in (logs, reboot):
        folder.keep(one, running(one))
    told = {one.name: result for one, result in TakenFolder(tmp_path / "commands").interrupted()}
    assert (told[CommandName.LOGS].outcome, told[CommandName.LOGS].code) == (Outcome.FAILED, ErrorCode.INTERRUPTED)
    assert told[CommandName.REBOOT].outcome is Outcome.OK
    assert not list(TakenFolder(tmp_path / "commands").interrupted())


def test_a_command_is_forgotten_when_it_can_only_come_again_expired(tmp_path: Path) -> None:
    folder, one = TakenFolder(tmp_path / "commands"), command()
    folder.keep(one, running(one))
    folder.forget(one.expires + KEPT - timedelta(seconds=1))
    assert folder.result(one.id)
    folder.forget(one.expires + KEPT)
    assert folder.result(one.id) is None
