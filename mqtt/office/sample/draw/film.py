"""A short film of the bay: drawn frame by frame, water and boats end where they began, encoded by ffmpeg.

H.264 in 4:2:0, so that every browser and every decoder of the devices plays it; the same frames give the same bytes.
"""

import subprocess
from pathlib import Path
from typing import Final

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.sample.draw.pen import Sheet
from mqtt.office.sample.draw.scenes.place import bay_before, bay_behind

SIZE: Final = (1280, 720)
FRAMES_PER_SECOND: Final = 25
SECONDS: Final = 9.0
FINER: Final = 2

_ENCODER: Final = (
    *("-c:v", "libx264", "-preset", "veryfast", "-tune", "animation", "-crf", "24", "-threads", "1"),
    *("-pix_fmt", "yuv420p", "-g", "50", "-an", "-map_metadata", "-1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"),
)


def film(path: Path, size: tuple[int, int] = SIZE, seconds: float = SECONDS) -> None:
    """Draw the film and write it to ``path``.

    Args:
        path: An ``.mp4`` file.
        size: Width and height in pixels, both even.
        seconds: How long it is; it loops without a seam.

    Raises:
        ContractError: ``E_CONFIG``; ffmpeg is not installed or cannot encode.
    """
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(FRAMES_PER_SECOND))
    command = ["ffmpeg", "-v", "error", "-y", *source, "-i", "-", *_ENCODER, str(path)]
    frames = round(seconds * FRAMES_PER_SECOND)
    behind = Sheet(*size, finer=FINER)
    bay_behind(behind)
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as encoder:
            for frame in range(frames):
                sheet = behind.copy()
                bay_before(sheet, frame / frames)
                encoder.stdin.write(sheet.finish().tobytes())  # type: ignore[union-attr]
            _, said = encoder.communicate()
    except FileNotFoundError as error:
        raise ContractError(ErrorCode.CONFIG, "ffmpeg is not installed") from error
    except BrokenPipeError:
        said = b"ended before the last frame"
    if encoder.returncode:
        raise ContractError(ErrorCode.CONFIG, f"ffmpeg: {said.decode(errors='replace').strip()[:300]}")
