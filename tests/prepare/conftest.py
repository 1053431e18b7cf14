"""Staged sets on a temporary tree, and the pictures, videos and documents they are made of."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.prepare.task import Size, Task
from tests.content.conftest import Power, programme, release

SCREEN = Size(320, 180)


def picture(width: int = 640, height: int = 480, mode: str = "RGB", form: str = "PNG", seed: int = 0) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").rotate(seed).resize((width, height)).convert(mode).save(file, form)
    return file.getvalue()


@dataclass
class Bench:
    """A store, and sets staged in it from the files of one release of ``programme/dic``."""

    layout: Layout
    store: Store
    looked_at: list[str] = field(default_factory=list)
    _number: int = 0

    def stage(self, files: dict[str, bytes], *played: str) -> int:
        """Stage a set of these files, of which some are played on the screen."""
        self._number += 1
        made = release(self._number, files | programme(*played), category="programme")
        made.install_into(self.store)
        return self.store.sets.stage({"programme/dic": self._number}, ("dic",))

    def task(self, number: int, software: str = "1") -> Task:
        self.looked_at = []
        return Task(self.layout, number, software, SCREEN, at=self.looked_at.append)

    def tree(self) -> dict[str, bytes]:
        """Every file but those under ``derived/``."""
        files = (path for path in self.layout.root.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files if self.layout.derived not in path.parents}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    layout = Layout(tmp_path / "state/content")
    return Bench(layout, Store(layout))


@pytest.fixture
def power() -> Power:
    return Power()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One second of moving picture."""
    file = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=1")
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    subprocess.run(("ffmpeg", "-v", "error", *source, *codec, str(file)), check=True, timeout=60)
    return file.read_bytes()


@pytest.fixture
def draw() -> Callable[..., bytes]:
    return picture
