"""Broker processes: started in the foreground, watched until they take TLS, told to read again, ended by their id.

A pid file may outlive its process and its number may be somebody else's by then: a process is ours only if it runs
mosquitto with our configuration.
"""

import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from mqtt.broker.config import CONFIG_FILE, Listener
from mqtt.broker.folder import BrokerFolder
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Plane

START_S: Final = 15.0
PATIENCE_S: Final = 5.0
"""A broker saves its store when asked to end; then it is made to."""
_POLL_S: Final = 0.01


class Brokers:
    """Both broker processes of a place; use as a context manager.

    Args:
        folders: Written before, see :class:`BrokerFolder`.
        listeners: Where each one listens.
    """

    def __init__(self, folders: Mapping[Plane, BrokerFolder], listeners: Mapping[Plane, Listener]) -> None:
        self._folders = folders
        self._listeners = listeners
        self.processes: dict[Plane, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Start both and wait until they take connections.

        Raises:
            ContractError: ``E_CONFIG``; mosquitto is not installed, refuses its configuration or the port is taken.
        """
        try:
            for plane in self._folders:
                self.start(plane)
            for plane in self._folders:
                self.wait_until_ready(plane)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self, plane: Plane) -> "subprocess.Popen[bytes]":
        """Start one broker; one of ours that outlived its supervisor is ended first.

        Raises:
            ContractError: ``E_CONFIG``; mosquitto is not installed.
        """
        folder = self._folders[plane]
        if (orphan := running(folder.root)) is not None:
            end(orphan, PATIENCE_S)
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            raise ContractError(ErrorCode.CONFIG, "mosquitto is not installed")
        command = (program, "-c", str(folder.config))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.processes[plane] = process
        folder.pid.write_text(f"{process.pid}\n", "ascii")
        return process

    def wait_until_ready(self, plane: Plane) -> None:
        """Wait for a TLS handshake with the certificate of our authority.

        Raises:
            ContractError: ``E_CONFIG``; the broker has ended, or does not answer in time.
        """
        listener, process = self._listeners[plane], self.processes[plane]
        until = time.monotonic() + START_S
        while not takes_tls(listener, self._folders[plane].ca):
            if process.poll() is not None or time.monotonic() > until:
                raise ContractError(
                    ErrorCode.CONFIG, f"{plane} broker does not start (port {listener.port}); see its words above"
                )
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End both, all at once, each by its id; doing it twice is fine."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for plane, process in self.processes.items():
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._folders[plane].pid.unlink(missing_ok=True)
        self.processes.clear()


def running(root: Path, proc: Path = Path("/proc")) -> int | None:
    """Return the id of the broker that runs with the configuration in ``root``, None if there is none."""
    try:
        pid = int((root / "pid").read_text("ascii"))
        words = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    is_ours = Path(os.fsdecode(words[0])).name == "mosquitto" and os.fsencode(root.absolute() / CONFIG_FILE) in words
    return pid if is_ours else None


def reload(root: Path, proc: Path = Path("/proc")) -> bool:
    """Let a running broker read its access list and certificates again; False if none runs.

    A broker that is just starting would die of the signal: it is waited for until it catches it.
    """
    until = time.monotonic() + START_S
    while (pid := running(root, proc)) is not None and time.monotonic() < until:
        with suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                if running(root, proc) == pid and _catches(proc / str(pid) / "status", signal.SIGHUP):
                    signal.pidfd_send_signal(handle, signal.SIGHUP)
                    return True
            finally:
                os.close(handle)
        time.sleep(_POLL_S)
    return False


def end(pid: int, patience_s: float) -> None:
    """End a process that is not our child: asked first, then made to."""
    with suppress(ProcessLookupError):
        ending = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(ending, signal.SIGTERM)
            if not select.select([ending], [], [], patience_s)[0]:
                signal.pidfd_send_signal(ending, signal.SIGKILL)
                select.select([ending], [], [], patience_s)
        finally:
            os.close(ending)


def _catches(status: Path, number: signal.Signals) -> bool:
    for line in status.read_text("ascii", "replace").splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def takes_tls(listener: Listener, ca: Path) -> bool:
    """Whether somebody with a certificate of the authority in ``ca`` answers there."""
    context = ssl.create_default_context(cafile=str(ca))
    context.check_hostname = False  # whoever answers here has a certificate of our authority
    try:
        with (
            socket.create_connection((listener.address or "127.0.0.1", listener.port), timeout=2) as raw,
            context.wrap_socket(raw),
        ):
            return True
    except OSError:
        return False
