"""A whole office on a workstation, by the same commands a real one is run with."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from mqtt.contract.errors import ErrorCode
from mqtt.office.home import Home
from provisioning.practice.processes import PracticeError, Process, Processes

BOOTHCTL: Final = str(Path(sys.executable).with_name("boothctl"))

SERVICES: Final = ("publisher", "chunks", "collector")


class PracticeOffice:
    """One office: authority, brokers and services; use as a context manager.

    Args:
        home: Folder of the office; made anew by :meth:`found`.
        logs: Folder for the words of each process.
    """

    def __init__(self, home: Path, logs: Path) -> None:
        self.home = home
        self._logs = logs
        self._processes = Processes()
        self._brokers: Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._processes.stop()

    def found(self, control_port: int, bulk_port: int) -> None:
        """Make the authority: regulation, keys, certificates."""
        ports = ("--control-port", str(control_port), "--bulk-port", str(bulk_port))
        self.run("authority", "init", "--host", "127.0.0.1", *ports)

    def start(self) -> None:
        """Start brokers and services."""
        self.restore()
        for service in SERVICES:
            self._processes.start((BOOTHCTL, "serve", service), self._logs / f"{service}.log", self._environment)

    def cut(self) -> None:
        """Take both brokers away: for the booth, the network is lost."""
        if self._brokers is not None:
            self._processes.end(self._brokers)
            self._brokers = None

    def restore(self) -> None:
        """Bring the brokers back."""
        if self._brokers is None:
            log = self._logs / "brokers.log"
            self._brokers = self._processes.start((BOOTHCTL, "serve", "brokers"), log, self._environment)

    def run(self, *arguments: str | Path) -> str:
        """Run ``boothctl`` for this office and return what it printed.

        Raises:
            PracticeError: It failed; its words are in the detail.
        """
        command: Sequence[str] = (BOOTHCTL, *map(str, arguments))
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PracticeError(ErrorCode.CONFIG, f"boothctl {' '.join(command[1:3])}: {done.stderr.strip()}")
        return done.stdout

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the office's database."""
        return Home(self.home).database_url

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"GATEBOOTH_HOME": str(self.home)}
