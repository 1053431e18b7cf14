"""A mounted :class:`~tests.chaos.disk.Disk`, in a process of its own, told by lines what to do to it.

    agent ─► kernel ─► FUSE (this process) ─► Disk ◄─ lines of JSON on standard input ◄─ Mount (the harness)

Calls that change or sync something are counted. From an armed call on everything fails, as when the power goes; then
``cut`` decides what is left and mounts it anew, so that the kernel remembers nothing either.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, Self

from tests.chaos.disk import Fate

MOUNT_S: Final = 10.0


def possible() -> bool:
    """Whether this machine lets us mount: a container may have the device and forbid to open it."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError:
        return False
    return shutil.which("fusermount3") is not None


class Mount:
    """One disk mounted at a folder; use as a context manager.

    Args:
        folder: Where; made if it is not there.
        log: Where the words of the process go.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self._log = log
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "tests.chaos.server", str(self.folder))
        with self._log.open("ab") as words:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True, start_new_session=True
            )
        self._wait_for_mount()
        return self

    def __exit__(self, *exc: object) -> None:
        unmount(self.folder)
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(MOUNT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def arm(self, calls: int) -> None:
        """Let the power go at the n-th call from now that changes or syncs something; 0 is at once."""
        self._tell("arm", calls)

    @property
    def calls(self) -> int:
        """Calls so far that changed or synced something."""
        return int(self._tell("calls"))

    @property
    def dead(self) -> bool:
        """Whether the power is gone."""
        return bool(self._tell("dead"))

    def limit(self, room: int | None) -> None:
        """Leave so much room on the disk (bytes); None gives back all there was."""
        self._tell("room", room)

    def cut(self, fate: Fate, seed: int) -> None:
        """Forget what was not synced and mount what is left; nobody may have a file open there."""
        self._tell("cut", [fate.value, seed])
        self._wait_for_mount()

    def settle(self) -> None:
        """Make everything durable that is there now."""
        self._tell("settle")

    def save(self) -> None:
        """Remember the disk as it is, for :meth:`restore`."""
        self._tell("save")

    def restore(self) -> None:
        """Go back to what was remembered; nobody may have a file open there."""
        self._tell("restore")

    def _tell(self, what: str, value: object = None) -> Any:
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps([what, value]) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise OSError(f"the file system at {self.folder} has ended; see {self._log}")
        return json.loads(answer)

    def _wait_for_mount(self) -> None:
        until = time.monotonic() + MOUNT_S
        while not os.path.ismount(self.folder):
            if time.monotonic() > until or self._process.poll() is not None:
                raise OSError(f"no file system at {self.folder}; see {self._log}")
            time.sleep(0.005)


def unmount(folder: Path) -> None:
    """Take the file system away, even from under somebody."""
    command = ("fusermount3", "-u", "-q", str(folder))
    until = time.monotonic() + MOUNT_S
    while subprocess.run(command, check=False, capture_output=True).returncode:
        if time.monotonic() > until or not os.path.ismount(folder):
            subprocess.run(("fusermount3", "-u", "-z", "-q", str(folder)), check=False, capture_output=True)
            return
        time.sleep(0.02)
