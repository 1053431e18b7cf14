"""Commands that were taken, on disk before anything is done: one that comes again is answered again and done once.

    commands/{id}.json      the result so far; "running" on disk after a start means that the booth went down with it

For a reboot that is success; for anything else it is not, and the office is told so. What a result carried (a picture,
a log) is not kept.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from appliance.lib import facts, files
from mqtt.contract.commands import Command, CommandId, CommandName, Outcome, Result
from mqtt.contract.errors import ErrorCode
from mqtt.contract.names import BoothId

FOLDER: Final = "commands"
KEPT: Final = timedelta(hours=24)
"""How long after its expiry a command is remembered; by then it is refused as expired."""


class Taken(msgspec.Struct, frozen=True):
    """One file."""

    command: Command
    result: Result


class TakenFolder:
    """The folder of commands.

    Args:
        path: ``commands/`` on the data partition; need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def result(self, command_id: CommandId) -> Result | None:
        """Return what came of a command, None if it has not been taken."""
        found = facts.read(self._file(command_id), Taken)
        return found.result if found else None

    def keep(self, command: Command, result: Result) -> None:
        """Remember how far a command is.

        Raises:
            OSError: The disk is full or broken; do not begin.
        """
        files.make_folder(self._path)
        facts.write_durable(self._file(command.id), Taken(command, msgspec.structs.replace(result, data=b"")))

    def interrupted(self) -> Iterator[tuple[Command, Result]]:
        """Yield what was running when the booth went down, each with what is now to be said of it; told once."""
        for file in sorted(self._path.glob("*.json")):
            found = facts.read(file, Taken)
            if found is None or found.result.outcome is not Outcome.RUNNING:
                continue
            restarted = found.command.name is CommandName.REBOOT
            result = ended(found.command, restarted=restarted)
            with suppress(OSError):
                self.keep(found.command, result)
            yield found.command, result

    def forget(self, now: datetime) -> None:
        """Forget what could only come again expired."""
        for file in self._path.glob("*.json"):
            found = facts.read(file, Taken)
            if found is None or now >= found.command.expires + KEPT:
                with suppress(OSError):
                    file.unlink()

    def _file(self, command_id: CommandId) -> Path:
        return self._path / f"{command_id}.json"


def ended(command: Command, *, restarted: bool) -> Result:
    """What is said of a command during which the booth went down."""
    booth: BoothId = command.booth
    if restarted:
        return Result(id=command.id, booth=booth, outcome=Outcome.OK, percent=100, detail="the booth has started again")
    detail = "the booth went down while it was being done"
    return Result(id=command.id, booth=booth, outcome=Outcome.FAILED, code=ErrorCode.INTERRUPTED, detail=detail)
