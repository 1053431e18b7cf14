"""Videos and documents: the first frame of each video decodes, and each document begins like one.

``ffmpeg`` is asked, a process of its own for each video: a decoder that dies takes nothing with it, and it adds 2 MB to
an image that carries its libraries for mpv anyway.
"""

import subprocess
from typing import Final

from appliance.errors import ErrorCode, RefusedError, SetupError
from appliance.prepare.task import SetMember, Task
from mqtt.contract.items import Kind

VIDEO_S: Final = 30.0
"""A first frame takes a second on the smallest booth."""
_FFMPEG: Final = ("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-threads", "1", "-protocol_whitelist", "file")
_PDF: Final = b"%PDF-"


class MediumError(RefusedError):
    """A video or document that no reader would see."""

    def __init__(self, item: str, detail: str) -> None:
        super().__init__(ErrorCode.PREPARE, f"{item}: {detail}")
        self.item = item


def check_videos(task: Task) -> None:
    """Decode the first frame of each video nobody has looked at yet.

    Raises:
        MediumError: ``E_PREPARE`` naming the first that fails.
        SetupError: ``E_CONFIG``; ffmpeg is not installed.
    """
    for member in task.unchecked(Kind.VIDEO):
        decode_first_frame(member)


def check_documents(task: Task) -> None:
    """Look at the beginning of each document nobody has looked at yet.

    Raises:
        MediumError: ``E_PREPARE`` naming the first that is none.
    """
    for member in task.unchecked(Kind.DOCUMENT):
        with member.file.open("rb") as file:
            if _PDF not in file.read(1024):
                raise MediumError(member.item, "is not a PDF")


def decode_first_frame(member: SetMember) -> None:
    """Have ffmpeg decode the first frame.

    Raises:
        MediumError: ``E_PREPARE``; there is none, or it takes too long.
        SetupError: ``E_CONFIG``; ffmpeg is not installed.
    """
    picture = ("-map", "0:v:0", "-frames:v", "1", "-f", "framehash", "-")
    command = (*_FFMPEG, "-f", "mov", "-i", f"file:{member.file}", *picture)
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=VIDEO_S)
    except subprocess.TimeoutExpired as error:
        raise MediumError(member.item, f"gives no frame in {VIDEO_S:.0f} s") from error
    except OSError as error:
        raise SetupError(ErrorCode.CONFIG, f"ffmpeg: {error.strerror}") from error
    frames = [line for line in done.stdout.splitlines() if line and not line.startswith(b"#")]
    if done.returncode != 0 or not frames:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        detail = said[-1] if said else f"ffmpeg ended with {done.returncode}"
        raise MediumError(member.item, detail.replace(str(member.file), member.file.name))
