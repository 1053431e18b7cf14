"""A headless compositor with a browser in it: what the two panels of a booth show, on a machine without a display.

    sway (an unprivileged user; it refuses root) ── outputs HEADLESS-1, HEADLESS-2, pixels in memory
      ├── Chromium in kiosk mode                     grim takes pictures of each output
      └── any Wayland client given ``environment``

Everything started here is a process group of its own and is ended by its id, whatever goes wrong in between.
"""

import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from mqtt.contract.errors import ContractError, ErrorCode

UNPRIVILEGED: Final = "nobody"
"""Runs sway when we are root."""
START_S: Final = 15.0
"""Sway opens its socket within a fraction of a second; a busy machine may take longer."""

_SOCKET: Final = "wayland-1"
_BROWSER: Final = (
    "chromium",
    "--kiosk",
    "--ozone-platform=wayland",
    "--disable-gpu",
    "--no-first-run",
    "--noerrdialogs",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
)


class SessionError(ContractError):
    """The practice session cannot run on this machine: read the detail, install or free what it names."""


class Session:
    """Sway and its clients; use as a context manager.

    Args:
        config: Text of sway's configuration (``booth compositor`` prints it).
        outputs: How many headless outputs there are.
        patience_s: Time a process has to end by itself before it is killed.
    """

    def __init__(self, config: str, outputs: int = 2, patience_s: float = 5.0) -> None:
        self._config = config
        self._outputs = outputs
        self._patience_s = patience_s
        self._stack = ExitStack()
        self._folder = Path()

    def __enter__(self) -> Self:
        """Start sway and wait until it takes clients.

        Raises:
            SessionError: ``E_CONFIG``; sway is not installed, or ended at once (its words are in the detail).
        """
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="booth-session-")))
            self._stack = stack
            (self._folder / "config").write_text(self._config, "utf-8")
            self._hand_over()
            command = ("sway", "--config", str(self._folder / "config"))
            self.sway = self._start(command, self._sway_environment(), drop=True)
            self._wait_until_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything that was started here, browser first; doing it twice is fine."""
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a Wayland client (the player, ``swaymsg``) needs in its environment to find this session."""
        return {
            "XDG_RUNTIME_DIR": str(self._folder),
            "WAYLAND_DISPLAY": _SOCKET,
            "SWAYSOCK": str(self._folder / "sway.sock"),
        }

    def start(self, arguments: Sequence[str], log: Path | None = None) -> "subprocess.Popen[bytes]":
        """Start a client in this session, as the calling user; it ends with the session.

        Raises:
            SessionError: ``E_CONFIG``; the program is not installed.
        """
        return self._start(arguments, os.environ | self.environment, log=log)

    def start_browser(self, url: str, profile: Path, debugging_port: int | None = None) -> "subprocess.Popen[bytes]":
        """Open a page in a kiosk browser with a profile folder of its own.

        Args:
            url: The page.
            profile: Folder for Chromium's user data; made when missing.
            debugging_port: Port of the DevTools protocol on loopback; None leaves it closed.

        Raises:
            SessionError: ``E_CONFIG``; Chromium is not installed.
        """
        extra = [f"--user-data-dir={profile}"]
        if debugging_port is not None:
            extra.append(f"--remote-debugging-port={debugging_port}")
        if os.geteuid() == 0:
            extra.append("--no-sandbox")
        return self.start((*_BROWSER, *extra, url))

    def screenshot(self, output: str, file: Path) -> None:
        """Write what an output shows now as PNG.

        Raises:
            SessionError: ``E_CONFIG``; there is no such output, or the session has ended.
        """
        draft = file.with_name(f".{file.name}")
        command = ("grim", "-l", "1", "-o", output, str(draft))
        shot = subprocess.run(command, env=os.environ | self.environment, capture_output=True, check=False, timeout=30)
        if shot.returncode:
            raise SessionError(ErrorCode.CONFIG, f"grim: {shot.stderr.decode(errors='replace').strip()}")
        draft.replace(file)

    def _sway_environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(self._folder),
            "XDG_RUNTIME_DIR": str(self._folder),
            "SWAYSOCK": self.environment["SWAYSOCK"],
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_HEADLESS_OUTPUTS": str(self._outputs),
            "WLR_LIBINPUT_NO_DEVICES": "1",
        }

    def _hand_over(self) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(UNPRIVILEGED)
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _start(
        self, arguments: Sequence[str], environment: dict[str, str], *, drop: bool = False, log: Path | None = None
    ) -> "subprocess.Popen[bytes]":
        program = shutil.which(arguments[0])
        if program is None:
            raise SessionError(ErrorCode.CONFIG, f"{arguments[0]} is not installed")
        who = pwd.getpwnam(UNPRIVILEGED) if drop and os.geteuid() == 0 else None
        with (log or self._folder / f"{Path(program).name}.log").open("ab") as words:
            process = subprocess.Popen(
                [program, *arguments[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
                user=who.pw_uid if who else None,
                group=who.pw_gid if who else None,
                extra_groups=[] if who else None,
            )
        self._stack.callback(_end, process, self._patience_s)
        return process

    def _wait_until_ready(self) -> None:
        """Wait for an answer, not only for the socket: asked to end before its loop runs, sway would never end."""
        until = time.monotonic() + START_S
        asking = ("swaymsg", "--quiet", "--type", "get_version")
        while subprocess.run(asking, env=os.environ | self.environment, capture_output=True, check=False).returncode:
            if self.sway.poll() is not None or time.monotonic() > until:
                words = (self._folder / "sway.log").read_text("utf-8", "replace").strip()
                raise SessionError(ErrorCode.CONFIG, f"sway does not start: {words[-500:]}")
            time.sleep(0.02)


def _end(process: "subprocess.Popen[bytes]", patience_s: float) -> None:
    """End a process and all it started: asked first, then made to. Reaped last, so that its id stays its own."""
    if process.returncode is not None:
        return
    ending = os.pidfd_open(process.pid)
    try:
        os.killpg(process.pid, signal.SIGTERM)
        select.select([ending], [], [], patience_s)
        os.killpg(process.pid, signal.SIGKILL)
    finally:
        os.close(ending)
        process.wait()
