"""A headless compositor with a browser in it: what the two panels of a booth show, on a machine without a display.

sway (an unprivileged user; it refuses root) ── outputs HEADLESS-1, HEADLESS-2, pixels in memory
├── Chromium in kiosk mode                     grim takes pictures of each output
└── any Wayland client given ``environment``

"""

import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from mqtt.contract.errors import ErrorCode
from provisioning.practice.processes import PATIENCE_S, PracticeError, Process, Processes

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
    "--disable-features=Translate",
    "--disable-breakpad",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
)


class Session:
    """Sway and its clients; use as a context manager.

    Args:
        config: Text of sway's configuration (``booth compositor`` prints it).
        outputs: How many headless outputs there are.
        patience_s: Time a process has to end by itself before it is killed.
    """

    def __init__(self, config: str, outputs: int = 2, patience_s: float = PATIENCE_S) -> None:
        self._config = config
        self._outputs = outputs
        self._patience_s = patience_s
        self._stack = ExitStack()
        self._folder = Path()

    def __enter__(self) -> Self:
        """Start sway and wait until it takes clients.

        Raises:
            PracticeError: ``E_CONFIG``; sway is not installed, or ended at once (its words are in the detail).
        """
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="booth-session-")))
            self._stack = stack
            (self._folder / "config").write_text(self._config, "utf-8")
            self._hand_over()
            self._processes = stack.enter_context(Processes(self._patience_s))
            command = ("sway", "--config", str(self._folder / "config"))
            user = UNPRIVILEGED if os.geteuid() == 0 else None
            self.sway = self._processes.start(command, self._folder / "sway.log", self._sway_environment(), user)
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

    def start(self, arguments: Sequence[str], log: Path | None = None) -> Process:
        """Start a client in this session, as the calling user; it ends with the session.

        Raises:
            PracticeError: ``E_CONFIG``; the program is not installed.
        """
        log = log or self._folder / f"{Path(arguments[0]).name}.log"
        return self._processes.start(arguments, log, os.environ | self.environment)

    def end(self, client: Process) -> None:
        """End a client before the session ends."""
        self._processes.end(client)

    def start_browser(self, url: str, profile: Path, debugging_port: int | None = None) -> Process:
        """Open a page in a kiosk browser with a profile folder of its own.

        Args:
            url: The page.
            profile: Folder for Chromium's user data; made when missing.
            debugging_port: Port of the DevTools protocol on loopback; None leaves it closed.

        Raises:
            PracticeError: ``E_CONFIG``; Chromium is not installed.
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
            PracticeError: ``E_CONFIG``; there is no such output, or the session has ended.
        """
        draft = file.with_name(f".{file.name}")
        command = ("grim", "-l", "1", "-o", output, str(draft))
        shot = subprocess.run(command, env=os.environ | self.environment, capture_output=True, check=False, timeout=30)
        if shot.returncode:
            raise PracticeError(ErrorCode.CONFIG, f"grim: {shot.stderr.decode(errors='replace').strip()}")
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

    def _wait_until_ready(self) -> None:
        """Wait for an answer, not only for the socket: asked to end before its loop runs, sway would never end."""
        until = time.monotonic() + START_S
        asking = ("swaymsg", "--quiet", "--type", "get_version")
        while subprocess.run(asking, env=os.environ | self.environment, capture_output=True, check=False).returncode:
            if self.sway.poll() is not None or time.monotonic() > until:
                words = (self._folder / "sway.log").read_text("utf-8", "replace").strip()
                raise PracticeError(ErrorCode.CONFIG, f"sway does not start: {words[-500:]}")
            time.sleep(0.02)
