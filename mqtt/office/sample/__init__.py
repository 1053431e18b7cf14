"""The sample source: texts of this package, and media drawn where they are asked for.

    content/ (this package)   texts, streams.toml, programme.toml, captions.toml
    FOLDER                    the same without captions.toml, and every picture, film and leaflet the texts name

What is drawn follows from the front matter: ``cover.png`` a cover, ``*.mp4`` the film, ``*-{language}.pdf`` a leaflet.
"""

import os
import shutil
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.items import Kind, kind_of
from mqtt.office.content.source import Source, SourceItem
from mqtt.office.content.walk import read_source
from mqtt.office.sample.draw.covers import cover
from mqtt.office.sample.draw.film import SECONDS, film
from mqtt.office.sample.draw.film import SIZE as FILM_SIZE
from mqtt.office.sample.draw.leaflet import DPI, leaflet
from mqtt.office.sample.draw.slides import SIZE as SLIDE_SIZE
from mqtt.office.sample.draw.slides import Caption, slide

CONTENT: Final = Path(__file__).parent / "content"
CAPTIONS_FILE: Final = "captions.toml"

_TEXTS: Final = {".md", ".toml"}


@dataclass(frozen=True)
class Scale:
    """How large and how long: 1 for use, less for a quick look."""

    size: float = 1.0
    seconds: float = SECONDS

    def pixels(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return a size at this scale, both sides even."""
        width, height = (max(2, round(side * self.size / 2) * 2) for side in size)
        return width, height


def write_sample(folder: Path, scale: Scale | None = None, workers: int | None = None) -> int:
    """Write the sample source into a folder and draw its media there; returns the number of files.

    Args:
        folder: Empty or new.
        scale: Of the media; full size when not given.
        workers: Processes that draw; as many as there are processors when not given.

    Raises:
        ContractError: ``E_EXISTS`` when there is something in the folder; ``E_CONFIG`` when fonts or ffmpeg are not
            installed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ContractError(ErrorCode.EXISTS, f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    for file in _texts():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CONTENT / file, target)
    drawings = _drawings(read_source(folder))
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        for done in [pool.submit(_draw, drawing, scale or Scale()) for drawing in drawings]:
            done.result()
    return sum(path.is_file() for path in folder.rglob("*"))


def captions() -> dict[str, dict[str, Caption]]:
    """Return what the slides say: by slide, then by language."""
    (file,) = CONTENT.glob(f"programme/*/{CAPTIONS_FILE}")
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), dict[str, dict[str, Caption]])


def _texts() -> Iterator[Path]:
    for path in sorted(CONTENT.rglob("*")):
        if path.suffix in _TEXTS and path.name != CAPTIONS_FILE:
            yield path.relative_to(CONTENT)


@dataclass(frozen=True)
class _Film:
    paths: tuple[Path, ...]

    def draw(self, scale: Scale) -> None:
        film(self.paths[0], scale.pixels(FILM_SIZE), scale.seconds)
        for path in self.paths[1:]:
            shutil.copyfile(self.paths[0], path)


@dataclass(frozen=True)
class _Cover:
    path: Path
    item: str

    def draw(self, scale: Scale) -> None:
        cover(self.item, scale.size).save(self.path, optimize=True)


@dataclass(frozen=True)
class _Leaflet:
    path: Path
    item: SourceItem
    language: str

    def draw(self, scale: Scale) -> None:
        self.path.write_bytes(leaflet(self.item, self.language, round(DPI * scale.size)))


@dataclass(frozen=True)
class _Slide:
    path: Path
    said: dict[str, Caption]

    def draw(self, scale: Scale) -> None:
        slide(self.path.stem, self.said, scale.pixels(SLIDE_SIZE)).save(self.path, optimize=True)


_Drawing = _Film | _Cover | _Leaflet | _Slide


def _drawings(source: Source) -> list[_Drawing]:
    """Everything the texts name, the film first because it takes longest."""
    said = captions()
    films: list[Path] = []
    stills: list[_Drawing] = []
    for item in source.items:
        for medium in item.media:
            path = item.folder / medium.file
            match kind_of(medium.file):
                case Kind.VIDEO:
                    films.append(path)
                case Kind.DOCUMENT:
                    stills.append(_Leaflet(path, item, path.stem.rpartition("-")[2]))
                case _:
                    stills.append(_Cover(path, item.path))
    for programme in source.programmes:
        for entry in programme.entries:
            path = programme.folder / entry.file
            if kind_of(entry.file) is Kind.VIDEO:
                films.append(path)
            else:
                stills.append(_Slide(path, said[path.stem]))
    return [_Film(tuple(films)), *stills] if films else stills


def _draw(drawing: _Drawing, scale: Scale) -> None:
    drawing.draw(scale)
