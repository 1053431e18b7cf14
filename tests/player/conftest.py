"""A booth on a temporary tree, with real content sets, a real sway, a real mpv and a real Chromium."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.lib import facts
from appliance.player.facts import Glass
from appliance.player.screens import sway_config
from mqtt.contract.documents import encode
from mqtt.contract.items import PROGRAMME_FILE, ProgrammeDocument, ProgrammeItem
from mqtt.contract.releases import BlobRef, FileEntry, FileList, ReleaseHead
from mqtt.contract.state import Panel
from provisioning.practice.session import Session

SCREEN = Panel(output="HEADLESS-1", role="screen", width_px=1280, height_px=720, diagonal_inch=43)
LOOKUP = Panel(output="HEADLESS-2", role="lookup", width_px=720, height_px=1280, diagonal_inch=21.5)

Colour = tuple[int, int, int]

_IDENTITY = """
booth = "cb-01"
gate = "cat-bi"
roles = ["screen", "lookup"]
brokers = [{ host = "127.0.0.1" }]
"""
_PANEL = """
[[panels]]
output = "{0.output}"
role = "{0.role}"
width_px = {0.width_px}
height_px = {0.height_px}
diagonal_inch = {0.diagonal_inch}
"""


@dataclass
class Stage:
    """One booth and the session it plays in."""

    folder: Path
    session: Session
    panels: tuple[Panel, ...] = (SCREEN, LOOKUP)
    _release: int = field(default=0)

    def __post_init__(self) -> None:
        self.state, self.runtime = self.folder / "state", self.folder / "run"
        (self.state / "identity").mkdir(parents=True)
        text = _IDENTITY + "".join(_PANEL.format(panel) for panel in self.panels)
        (self.state / "identity/identity.toml").write_text(text, "utf-8")
        self.store = Store(Layout(self.state / "content"))

    def publish(self, **items: tuple[Path, float]) -> int:
        """Install and show a release whose programme is these files, each for so many seconds; its set's number."""
        self._release += 1
        entries = tuple(
            ProgrammeItem(id=name, file=f"media/{name}{file.suffix}", seconds=seconds)
            for name, (file, seconds) in items.items()
        )
        contents = {PROGRAMME_FILE: encode(ProgrammeDocument(items=entries))}
        contents |= {entry.file: items[entry.id][0].read_bytes() for entry in entries}
        blobs = {path: self._put(data) for path, data in contents.items()}
        listing = FileList(files=tuple(FileEntry(path=path, sha256=b.sha256, size=b.size) for path, b in blobs.items()))
        head = ReleaseHead(
            category="programme",
            agency="city",
            number=self._release,
            issued=datetime(2026, 11, 24, tzinfo=UTC),
            valid_from=datetime(2026, 11, 24, tzinfo=UTC),
            valid_until=None,
            gates=("*",),
            languages=("vi",),
            list=self._put(encode(listing)),
        )
        self.store.install(head, self._put(encode(head)).sha256)
        return self.store.activate({head.stream: head.number}, ("city",))

    def _put(self, data: bytes) -> BlobRef:
        blob = BlobRef(sha256=sha256(data).hexdigest(), size=len(data))
        if not self.store.has(blob):
            self.store.put(blob, data)
        return blob

    def play(self) -> "subprocess.Popen[bytes]":
        """Start the player in the session."""
        program = (
            "import sys, pathlib; from appliance.services.player import run; run(*map(pathlib.Path, sys.argv[1:]))"
        )
        command = (sys.executable, "-c", program, str(self.state), str(self.runtime))
        return self.session.start(command, log=self.folder / "player.log")

    def picture(self, panel: Panel = SCREEN) -> Image.Image:
        """What a panel shows now."""
        file = self.folder / f"{panel.output}.png"
        self.session.screenshot(panel.output, file)
        with Image.open(file) as image:
            return image.convert("RGB")

    def centre(self) -> Colour:
        """The colour in the middle of the screen, where the test stills have theirs."""
        image = self.picture()
        return image.getpixel((image.width // 2, image.height // 2))  # type: ignore[return-value]

    def shows(self, colour: Colour) -> bool:
        return self.centre() == colour

    def until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Wait for the world outside to become so; returns the seconds it took, fails when it takes longer."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"not so within {seconds} s"
            time.sleep(0.02)
        return time.monotonic() - began

    @property
    def glass(self) -> Glass | None:
        return facts.read(self.runtime / "glass.json", Glass)

    @property
    def log(self) -> str:
        return (self.folder / "player.log").read_text("utf-8", "replace")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Session(sway_config((SCREEN, LOOKUP))) as session:
        yield Stage(tmp_path / "booth", session)


@pytest.fixture
def still(tmp_path: Path) -> Callable[[Colour], Path]:
    """A picture of the screen's size in one colour."""

    def draw(colour: Colour) -> Path:
        file = tmp_path / "{:02x}{:02x}{:02x}.png".format(*colour)
        Image.new("RGB", (SCREEN.width_px, SCREEN.height_px), colour).save(file)
        return file

    return draw


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a moving test picture with sound."""
    return make_video(tmp_path_factory.mktemp("video") / "moving.mp4", 3)


@pytest.fixture(scope="session")
def blink(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video that is over before it may leave the glass."""
    return make_video(tmp_path_factory.mktemp("video") / "blink.mp4", 0.4)


def make_video(file: Path, seconds: float) -> Path:
    picture = f"testsrc2=size=1280x720:rate=25:duration={seconds}"
    sources = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=duration={seconds}")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    subprocess.run(("ffmpeg", "-v", "error", *sources, *codecs, str(file)), check=True, timeout=60)
    return file


@pytest.fixture
def stage_type() -> type[Stage]:
    """For tests that need a session of their own shape."""
    return Stage
