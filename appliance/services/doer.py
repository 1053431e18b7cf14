"""Does what commands order, each on a thread of its own, and says how far it is.

identify      a fact that page and screen follow          screenshot   asked of the player, who has the glass
logs          the journal, or files of a practice          restart, reboot   systemd, by the names polkit allows
selftest, update      not yet: E_UNSUPPORTED
"""

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from appliance.commands.identify import IDENTIFY_FACT, IdentifyFact
from appliance.commands.shot import SHOT_FACT, SHOT_FILE, SHOT_WANTED, ShotFact, ShotWanted
from appliance.errors import BoothError, DeviceError, ErrorCode, RefusedError
from appliance.lib import clock, facts
from appliance.sync.messages import Did
from mqtt.contract.commands import LOGS_LIMIT, SCREENSHOT_LIMIT, Command, CommandName, Outcome, Result

UNITS: Final = ("agent", "kiosk", "player", "panel")
SHOT_S: Final = 15.0
RUN_S: Final = 30.0
SYSTEMD: Final = Path("run/systemd/system")

Unit = Literal["agent", "kiosk", "player", "panel"]


class _Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an argument nobody knows is refused."""


class Identify(_Arguments, frozen=True, kw_only=True):
    """For how many seconds."""

    seconds: Annotated[int, Meta(ge=5, le=600)] = 60


class Screenshot(_Arguments, frozen=True, kw_only=True):
    """Of which panel."""

    panel: Literal["screen", "lookup"] = "screen"


class Logs(_Arguments, frozen=True, kw_only=True):
    """Of which service, how many of the newest lines."""

    unit: Unit = "agent"
    lines: Annotated[int, Meta(ge=1, le=5000)] = 500


class Restart(_Arguments, frozen=True, kw_only=True):
    """Which service."""

    unit: Unit


class Nothing(_Arguments, frozen=True, kw_only=True):
    """No arguments."""


A = TypeVar("A", bound=_Arguments)
Tell = Callable[[Outcome, int, str], None]


class Doer:
    """Does one command after the other on threads.

    Args:
        runtime: ``/run/booth``.
        post: Takes what became of each; must return at once.
        root: Where ``/run`` is.
        logs: Folder with ``{unit}.log``, for a practice; None asks the journal.
    """

    def __init__(
        self, runtime: Path, post: Callable[[Did], None], *, root: Path = Path("/"), logs: Path | None = None
    ) -> None:
        self._runtime = runtime
        self._post = post
        self._root = root
        self._logs = logs
        self._busy = threading.Lock()

    def start(self, command: Command) -> None:
        """Begin; what becomes of it is posted."""
        threading.Thread(target=self._run, args=(command,), name=f"do-{command.name}", daemon=True).start()

    def _run(self, command: Command) -> None:
        with self._busy:
            try:
                result = self._do(command)
            except BoothError as error:
                outcome = Outcome.REJECTED if isinstance(error, RefusedError) else Outcome.FAILED
                result = self._result(command, outcome, code=error.code, detail=error.detail)
            except (OSError, subprocess.SubprocessError) as error:
                result = self._result(command, Outcome.FAILED, code=ErrorCode.DISK, detail=str(error)[:400])
        self._post(Did(command, result))

    def _do(self, command: Command) -> Result:
        match command.name:
            case CommandName.IDENTIFY:
                wanted = _arguments(command, Identify)
                until = clock.boottime_ns() + wanted.seconds * 1_000_000_000
                facts.write(self._runtime / IDENTIFY_FACT, IdentifyFact(booth=command.booth, until=until))
                return self._result(command, Outcome.OK, detail=f"shown for {wanted.seconds} s")
            case CommandName.SCREENSHOT:
                data = self._shot(command, _arguments(command, Screenshot).panel)
                return self._result(command, Outcome.OK, media_type="image/jpeg", data=data)
            case CommandName.LOGS:
                return self._result(command, Outcome.OK, data=self._read_logs(_arguments(command, Logs)))
            case CommandName.RESTART:
                unit = _arguments(command, Restart).unit
                self._systemctl("restart", f"booth-{unit}.service")
                return self._result(command, Outcome.OK, detail=f"booth-{unit} is started again")
            case CommandName.REBOOT:
                _arguments(command, Nothing)
                self._systemctl("reboot")
                return self._result(command, Outcome.RUNNING, percent=50, detail="going down")
            case _:
                raise RefusedError(ErrorCode.UNSUPPORTED, f"{command.name} is not there yet")

    def _shot(self, command: Command, panel: str) -> bytes:
        """Ask the player, who alone may see the glass, for a picture."""
        facts.write(self._runtime / SHOT_WANTED, ShotWanted(id=command.id, panel=panel))
        end = time.monotonic() + SHOT_S
        while time.monotonic() < end:
            said = facts.read(self._runtime / SHOT_FACT, ShotFact)
            if said and said.id == command.id:
                if said.problem:
                    raise DeviceError(ErrorCode.UNSUPPORTED, said.problem)
                data = (self._runtime / SHOT_FILE).read_bytes()
                if len(data) > SCREENSHOT_LIMIT:
                    raise DeviceError(ErrorCode.SIZE, f"picture of {len(data)} bytes")
                return data
            time.sleep(0.1)
        raise DeviceError(ErrorCode.UNSUPPORTED, f"the player gives no picture within {SHOT_S:.0f} s")

    def _read_logs(self, wanted: Logs) -> bytes:
        if self._logs is not None:
            lines = (self._logs / f"{wanted.unit}.log").read_bytes().splitlines(keepends=True)[-wanted.lines :]
            return b"".join(lines)[-LOGS_LIMIT:]
        self._require_systemd()
        unit = f"booth-{wanted.unit}.service"
        command = ("journalctl", "--no-pager", "--output", "short-iso", "--unit", unit, "--lines", str(wanted.lines))
        done = subprocess.run(command, capture_output=True, check=True, timeout=RUN_S)
        return done.stdout[-LOGS_LIMIT:]

    def _systemctl(self, *words: str) -> None:
        self._require_systemd()
        done = subprocess.run(("systemctl", *words), capture_output=True, check=False, timeout=RUN_S, text=True)
        if done.returncode:
            raise DeviceError(ErrorCode.UNSUPPORTED, f"systemctl {' '.join(words)}: {done.stderr.strip()[:300]}")

    def _require_systemd(self) -> None:
        if not (self._root / SYSTEMD).is_dir():
            raise RefusedError(ErrorCode.UNSUPPORTED, "no systemd runs here")

    @staticmethod
    def _result(  # noqa: PLR0913 - the parts of a result
        command: Command,
        outcome: Outcome,
        *,
        percent: int = 100,
        code: ErrorCode | None = None,
        detail: str = "",
        media_type: str = "text/plain",
        data: bytes = b"",
    ) -> Result:
        return Result(
            id=command.id, booth=command.booth, outcome=outcome, percent=percent, code=code, detail=detail[:500],
            media_type=media_type, data=data,
        )  # fmt: skip


def _arguments(command: Command, kind: type[A]) -> A:
    try:
        return msgspec.convert(command.arguments, kind)
    except msgspec.ValidationError as error:
        raise RefusedError(ErrorCode.MALFORMED, f"{command.name}: {error}") from error
