"""Processes that end with us: each is a group of its own, ended by its id, newest first."""

import os
import pwd
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from mqtt.contract.errors import ContractError, ErrorCode

PATIENCE_S: Final = 5.0
"""Time a process has to end by itself before it is killed."""

Process = subprocess.Popen[bytes]


class PracticeError(ContractError):
    """The practice cannot run on this machine: read the detail, install or free what it names."""


class Processes:
    """What was started here, and nothing else; use as a context manager.

    Args:
        patience_s: Time a process has to end by itself before it is killed.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything, newest first; doing it twice is fine."""
        self._stack.close()

    def start(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, user: str | None = None
    ) -> Process:
        """Start a program.

        Args:
            command: Program and arguments.
            log: Where its words go, appended.
            environment: Instead of our own.
            user: Run as this user and group, with no other groups; None is us.

        Raises:
            PracticeError: ``E_CONFIG``; the program is not installed.
        """
        program = shutil.which(command[0])
        if program is None:
            raise PracticeError(ErrorCode.CONFIG, f"{command[0]} is not installed")
        with log.open("ab") as words:
            process = subprocess.Popen(
                [program, *command[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        self._stack.callback(self.end, process)
        return process

    def end(self, process: Process) -> None:
        """End a process and all it started: asked first, then made to. Reaped last, so that its id stays its own."""
        if process.returncode is not None:
            return
        ending = os.pidfd_open(process.pid)
        try:
            os.killpg(process.pid, signal.SIGTERM)
            select.select([ending], [], [], self._patience_s)
            os.killpg(process.pid, signal.SIGKILL)
        finally:
            os.close(ending)
            process.wait()
