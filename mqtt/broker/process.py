"""Broker processes: started in the foreground, watched until they take TLS, told to read again, ended by their id.

A broker is found by what it runs: mosquitto with our configuration. A pid file would outlive its process, its number
may be somebody else's by then, and a supervisor that is killed at the wrong moment has not written it yet.
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

from mqtt.broker.config import Listener
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
        for orphan in running(folder.config):
            end(orphan, PATIENCE_S)
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            raise ContractError(ErrorCode.CONFIG, "mosquitto is not installed")
        command = (program, "-c", str(folder.config))
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.processes[plane] = process
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

    def answers(self, plane: Plane) -> bool:
        """Whether a broker takes TLS now."""
        return takes_tls(self._listeners[plane], self._folders[plane].ca)

    def stop(self) -> None:
        """End both, all at once, each by its id; doing it twice is fine."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def running(config: Path, proc: Path = Path("/proc")) -> list[int]:
    """Return the ids of the brokers that run with this configuration (absolute path): one, or none."""
    path = os.fsencode(config)
    found: list[int] = []
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                program, *arguments = (entry / "cmdline").read_bytes().split(b"\0")
                if program.endswith(b"mosquitto") and path in arguments:
                    found.append(int(entry.name))
    return found


def reload(config: Path, proc: Path = Path("/proc")) -> bool:
    """Let a running broker read its access list and certificates again; False if none runs.

    A broker that is just starting would die of the signal: it is waited for until it catches it.
    """
    until = time.monotonic() + START_S
    while (pids := running(config, proc)) and time.monotonic() < until:
        told = [_tell(pid, config, proc) for pid in pids]
        if all(told):
            return True
        time.sleep(_POLL_S)
    return False


def _tell(pid: int, config: Path, proc: Path) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if pid not in running(config, proc) or not _catches(proc / str(pid) / "status", signal.SIGHUP):
            return False
        signal.pidfd_send_signal(handle, signal.SIGHUP)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)


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
