"""Everything a practice needs in one folder: content, office, booth, their words and their pictures.

folder/
├── content/          the sample, to edit
├── office/           authority, brokers, database
├── booth/ run/       the booth's data partition and its volatile facts
├── screens/          what both panels show
└── logs/
"""

import os
import shutil
import socket
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from mqtt.contract.names import BoothId, GateId
from mqtt.office import sample
from provisioning.practice.booth import LOOKUP, SCREEN, PracticeBooth
from provisioning.practice.office import PracticeOffice

BOOTH_ID: Final[BoothId] = "cb-01"
GATE: Final[GateId] = "cat-bi"
PANELS: Final = (
    f"{SCREEN}:screen:1920x1080:43",
    f"{LOOKUP}:lookup:1080x1920:21.5",
)
"""Output, role, pixels, inches: a public screen and a look-up point."""
PORTS: Final = (8883, 8884, 8080)
"""Control, bulk and kiosk, where they are free."""


class Stage:
    """A practice office and booth in one folder; use as a context manager.

    Args:
        folder: Made anew; what an earlier practice left there is removed.
        page: What the booth's browser opens first, a path.
    """

    def __init__(self, folder: Path, page: str = "/") -> None:
        self.folder = folder
        self.content = folder / "content"
        self.screens = folder / "screens"
        self._page = page
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Prepare everything and start the office; the booth is still off.

        Raises:
            PracticeError: Something is not installed, or a command failed.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        logs = self.folder / "logs"
        for made in (logs, self.screens):
            made.mkdir(parents=True)
        shutil.copytree(cached_sample(self.folder.parent), self.content)
        control, bulk, kiosk = free_ports(PORTS)
        with ExitStack() as stack:
            self.office = stack.enter_context(PracticeOffice(self.folder / "office", logs))
            self.office.found(control, bulk)
            panels = (word for panel in PANELS for word in ("--panel", panel))
            self.office.run(
                "booth", "add", BOOTH_ID, "--gate", GATE, "--roles", "screen,lookup", "--clock", "system", *panels
            )
            state = self.folder / "booth"
            state.mkdir()
            shutil.copytree(self.office.home / "booths" / BOOTH_ID, state / "identity")
            self.office.start()
            booth = PracticeBooth(state, self.folder / "run", kiosk, self._page, logs)
            self.booth = stack.enter_context(booth)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def publish(self) -> str:
        """Publish what has changed in the content folder; returns what ``boothctl`` said."""
        return self.office.run("content", "publish", self.content)

    def picture(self, output: str) -> Path:
        """Take a picture of a panel and return its file."""
        file = self.screens / ("screen.png" if output == SCREEN else "lookup.png")
        self.booth.screenshot(output, file)
        return file


def cached_sample(folder: Path) -> Path:
    """Return the sample content with its media, drawn once per version of the sample."""
    seen = sha256()
    for path in sorted(Path(sample.__file__).parent.rglob("*")):
        if path.suffix in {".py", ".md", ".toml"}:
            seen.update(path.read_bytes())
    drawn = folder / f"sample-{seen.hexdigest()[:12]}"
    if not drawn.is_dir():
        for old in folder.glob("sample-*"):
            shutil.rmtree(old)
        draft = folder / f".sample-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        sample.write_sample(draft)
        draft.rename(drawn)
    return drawn


def free_ports(preferred: tuple[int, ...]) -> tuple[int, ...]:
    """Return a free port of loopback for each of these: itself where nobody listens."""
    taken: list[socket.socket] = []
    try:
        for port in preferred:
            listener = socket.socket()
            taken.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                listener.bind(("127.0.0.1", 0))
        return tuple(listener.getsockname()[1] for listener in taken)
    finally:
        for listener in taken:
            listener.close()
