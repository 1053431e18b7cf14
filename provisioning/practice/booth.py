"""A whole booth on a workstation: its processes, and the two panels they draw on.

booth agent ─ booth kiosk ─ sway ─┬─ booth player    → HEADLESS-1
└─ Chromium        → HEADLESS-2
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from mqtt.contract.errors import ErrorCode
from provisioning.practice.processes import PracticeError, Process, Processes
from provisioning.practice.session import Session

SCREEN: Final = "HEADLESS-1"
LOOKUP: Final = "HEADLESS-2"

BOOTH: Final = str(Path(sys.executable).with_name("booth"))


class PracticeBooth:
    """One booth; can be switched off and on like the real one.

    Args:
        state: Its data partition; holds ``identity/`` already.
        runtime: Stands for ``/run/booth``: gone with the power.
        port: Of the kiosk, on loopback.
        page: What the browser opens first, a path.
        logs: Folder for the words of each process.
    """

    def __init__(self, state: Path, runtime: Path, port: int, page: str, logs: Path) -> None:
        self.state = state
        self.runtime = runtime
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._page = page
        self._logs = logs
        self._stack = ExitStack()
        self._session: Session | None = None
        self.processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.power_off()

    def power_on(self) -> None:
        """Start every process of the booth; nothing waits for the network.

        Raises:
            PracticeError: ``E_CONFIG``; a program is not installed.
        """
        shutil.rmtree(self.runtime, ignore_errors=True)
        self.runtime.mkdir(parents=True)
        places = os.environ | {
            "BOOTH_STATE": str(self.state),
            "BOOTH_RUN": str(self.runtime),
            "BOOTH_LOGS": str(self._logs),
        }
        with ExitStack() as stack:
            processes = stack.enter_context(Processes())
            for name, *options in (("agent",), ("kiosk", "--port", str(self._port))):
                log = self._logs / f"{name}.log"
                self.processes[name] = processes.start((BOOTH, name, *options), log, places)
            layout = subprocess.run((BOOTH, "compositor"), env=places, check=True, capture_output=True, text=True)
            self._session = stack.enter_context(Session(layout.stdout))
            player = (BOOTH, "player", "--state", str(self.state), "--run", str(self.runtime))
            self.processes["player"] = self._session.start(player, self._logs / "player.log")
            self._session.start_browser(self.url + self._page, self.runtime / "browser")
            self._stack = stack.pop_all()

    def power_off(self) -> None:
        """End every process; what is in ``runtime`` is worth nothing afterwards."""
        self._stack.close()
        self._session = None

    def start(self, command: Sequence[str], name: str) -> Process:
        """Start another program in the booth's session; it ends with the booth.

        Raises:
            PracticeError: ``E_CONFIG``; the booth is off, or the program is not installed.
        """
        return self._on().start(command, self._logs / f"{name}.log")

    def end(self, name: str) -> None:
        """End one of the booth's processes, as a crash would."""
        self._on().end(self.processes.pop(name))

    def screenshot(self, output: str, file: Path) -> None:
        """Write what a panel shows now as PNG.

        Raises:
            PracticeError: The booth is off, or the compositor has ended.
        """
        self._on().screenshot(output, file)

    def _on(self) -> Session:
        if self._session is None:
            raise PracticeError(ErrorCode.CONFIG, "the booth is off")
        return self._session
