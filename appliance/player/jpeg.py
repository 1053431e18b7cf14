"""Writes a picture of an output as JPEG that fits the wire; a process of its own: Pillow never stays in the player.

Debian's grim is built without JPEG, so it gives plain pixels.

python -m appliance.player.jpeg OUTPUT FILE
"""

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from mqtt.contract.commands import SCREENSHOT_LIMIT

GRIM_S: Final = 10.0
TRIES: Final = ((1, 80), (1, 55), (2, 70), (2, 40), (4, 40))
"""How many times smaller, and the quality, until the picture is small enough."""


def shrunk(picture: Image.Image) -> bytes:
    """Return a picture as JPEG of at most 256 KiB.

    Raises:
        ValueError: It stays larger however small it is made.
    """
    for smaller, quality in TRIES:
        size = (max(1, picture.width // smaller), max(1, picture.height // smaller))
        written = BytesIO()
        picture.convert("RGB").resize(size).save(written, "JPEG", quality=quality)
        if len(written.getvalue()) <= SCREENSHOT_LIMIT:
            return written.getvalue()
    raise ValueError("the picture stays too large")


def main(output: str, file: Path) -> None:
    """Take the picture."""
    done = subprocess.run(("grim", "-t", "ppm", "-o", output, "-"), capture_output=True, check=False, timeout=GRIM_S)
    if done.returncode:
        sys.exit(f"grim: {done.stderr.decode(errors='replace').strip()[:200]}")
    with Image.open(BytesIO(done.stdout)) as picture:
        file.write_bytes(shrunk(picture))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
