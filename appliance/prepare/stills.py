"""Stills scaled for the public screen, so that the player never decodes a poster of 40 megapixels while it plays.

    derived/{n}/stills/{width}x{height}/{sha256}.png     one for each still that is larger than the panel
    derived/{n}/stills.json                              which still of the set has one

What another set has already is linked.
"""

import io
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image

from appliance.content.derived import STILLS_FILE, StillsFile
from appliance.lib import facts, files
from appliance.prepare.pictures import load
from appliance.prepare.task import SetMember, Size, Task

_MODES: Final = {"1": "L", "P": "RGBA", "PA": "RGBA", "LA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB", "RGB": "RGB"}
_MODES_KEPT: Final = frozenset({"L", "RGB", "RGBA"})
_ORIENTATION: Final = 0x0112


def scale_stills(task: Task) -> None:
    """Scale what is larger than the screen; a booth without a screen needs nothing.

    Raises:
        PictureError: ``E_PREPARE`` naming the still that cannot be decoded.
        OSError: The disk is full.
    """
    if task.screen is None:
        return
    folder = files.make_folder(task.folder / "stills" / str(task.screen))
    made: dict[str, str] = {}
    for member in task.stills:
        task.at(member.item)
        scaled = folder / f"{member.sha256}.png"
        if scaled.is_file() or _linked(task, scaled) or _made(member, task.screen, scaled):
            made[member.item] = scaled.relative_to(task.folder).as_posix()
    files.sync_folder(folder)
    facts.write_durable(task.folder / STILLS_FILE, StillsFile(stills=made))


def _linked(task: Task, scaled: Path) -> bool:
    for other in task.layout.derived.glob(f"*/stills/{scaled.parent.name}/{scaled.name}"):
        with suppress(OSError):  # it went with its set, or belongs to somebody else: make it
            os.link(other, scaled)
            return True
    return False


def _made(member: SetMember, screen: Size, scaled: Path) -> bool:
    """Scale one still; False when the player does as well with the original."""
    with load(member) as image:
        mode = image.mode if image.mode in _MODES_KEPT else _MODES.get(image.mode)
        fits = image.width <= screen.width_px and image.height <= screen.height_px
        if fits or mode is None or image.getexif().get(_ORIENTATION, 1) != 1:
            return False
        factor = min(screen.width_px / image.width, screen.height_px / image.height)
        size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        small = image.convert(mode).resize(size, Image.Resampling.LANCZOS)
    png = io.BytesIO()
    small.save(png, "PNG", compress_level=1)
    files.write(scaled, png.getvalue())
    return True
