"""Whether a picture, video or document can really be read, found out by decoding it.

Pillow decodes pictures, ffprobe looks into videos, a PDF must begin and end as one. What the booths play without
trouble: H.264 in 4:2:0 (every browser, every decoder of the devices).
"""

import subprocess
import warnings
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from mqtt.contract.errors import ErrorCode
from mqtt.contract.items import Kind, kind_of
from mqtt.office.content.problems import Problem, error

PIXELS_LIMIT: Final = 50_000_000
"""Larger pictures do not fit into the memory a booth may use to scale them."""
PROBE_SECONDS: Final = 60

_FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_TAIL_BYTES: Final = 2048


class _Track(msgspec.Struct, frozen=True):
    codec_name: str = "unknown"
    pix_fmt: str = "unknown"
    width: int = 0
    height: int = 0


class _Probe(msgspec.Struct, frozen=True):
    streams: list[_Track] = []


def check_medium(path: Path, file: str) -> Problem | None:
    """Return what keeps a medium from being shown, None if nothing does.

    Args:
        path: The file.
        file: Its name for the person who can mend it.
    """
    match kind_of(file):
        case Kind.PICTURE:
            wrong = _picture(path)
        case Kind.VIDEO:
            wrong = _video(path)
        case Kind.DOCUMENT:
            wrong = _document(path)
        case _:
            wrong = "not a picture, video or document the booth shows"
    return error(ErrorCode.SOURCE_MEDIA, file, 1, wrong) if wrong else None


def _picture(path: Path) -> str | None:
    expected = _FORMATS[path.suffix.lower()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[expected]) as picture:
                if picture.width * picture.height > PIXELS_LIMIT:
                    return f"{picture.width}×{picture.height} pixels, at most {PIXELS_LIMIT // 10**6} million"
                picture.verify()
            with Image.open(path, formats=[expected]) as picture:
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return f"more than {PIXELS_LIMIT // 10**6} million pixels"
    except Exception as mistake:  # noqa: BLE001 - decoders of hostile pictures raise anything; all of it means unreadable
        return f"not a readable {expected} picture: {mistake}"
    return None


def _video(path: Path) -> str | None:
    wanted = "stream=codec_name,pix_fmt,width,height"
    command = ["ffprobe", "-v", "error", "-protocol_whitelist", "file", "-f", "mov", "-select_streams", "v:0"]
    try:
        run = subprocess.run(
            [*command, "-show_entries", wanted, "-of", "json", f"file:{path.resolve()}"],
            check=False,
            capture_output=True,
            timeout=PROBE_SECONDS,
        )
        tracks = msgspec.json.decode(run.stdout, type=_Probe).streams if run.returncode == 0 else []
    except FileNotFoundError:
        return "cannot be looked into, ffprobe is not installed (package ffmpeg)"
    except (subprocess.TimeoutExpired, msgspec.MsgspecError):
        tracks = []
    if not tracks:
        return "not a readable MP4 video"
    track = tracks[0]
    if (track.codec_name, track.pix_fmt) != ("h264", "yuv420p"):
        return f"video is {track.codec_name} {track.pix_fmt}, the booth plays h264 yuv420p"
    return None


def _document(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(5)
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        tail = file.read()
    if head != b"%PDF-":
        return "does not begin as a PDF"
    return None if b"%%EOF" in tail else "a PDF that was cut off"
