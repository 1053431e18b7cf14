"""``booth prepare``: make one staged set ready to be shown; no network, no keys, bounded memory and time.

    stdin: nothing      stdout: lines of :mod:`appliance.prepare.verdict`      writes: derived/{set}, nothing else

Each step takes the task and refuses by naming an item. Later ones are added to :data:`STEPS`.
"""

import ctypes
import logging
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from appliance.content.layout import Layout
from appliance.errors import ErrorCode
from appliance.prepare.pictures import PictureError, check_pictures
from appliance.prepare.stills import scale_stills
from appliance.prepare.task import Size, Task
from appliance.prepare.verdict import At, Verdict, refusal, to_line
from appliance.prepare.videos import MediumError, check_documents, check_videos
from mqtt.contract.errors import DETAIL_LIMIT, ContractError

Step = Callable[[Task], None]
STEPS: Final[tuple[Step, ...]] = (check_pictures, check_videos, check_documents, scale_stills)
"""In this order; each is idempotent and makes only what is missing."""

MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space: a picture of 40 megapixels and what a decoder of videos maps."""
FILE_BYTES: Final = 64 * 1024 * 1024
FILES: Final = 256
CPU_S: Final = 1800
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000

_log = logging.getLogger(__name__)


def run(state: Path, number: int, screen: Size | None, software: str) -> None:
    """Prepare a set and say how it went.

    Args:
        state: ``/var/lib/booth``.
        number: Of the staged set.
        screen: Pixels of the public screen, None without one.
        software: Version of the booth's software.
    """
    confine()
    task = Task(Layout(state / "content"), number, software, screen, at=lambda item: _say(At(item=item)))
    _say(prepare(task))


def prepare(task: Task, steps: tuple[Step, ...] = STEPS) -> Verdict:
    """Take every step; the verdict blames the first item that fails."""
    try:
        task.read()
        for step in steps:
            step(task)
        task.done()
    except (PictureError, MediumError) as error:
        return refusal(error.item, error.detail)
    except ContractError as error:
        return Verdict(code=error.code, detail=error.detail)
    except OSError as error:
        return Verdict(code=ErrorCode.DISK, detail=f"{error.strerror} while preparing"[:DETAIL_LIMIT])
    return Verdict()


def confine() -> None:
    """Give up the network, most of the memory and any priority; what a kernel does not allow is left out, and said."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        lower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (lower, lower))
    os.nice(10)
    with suppress(OSError):  # some containers forbid it: then the kernel chooses whom to end
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    _leave_network()


def _leave_network() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    if libc.unshare(wanted) != 0:
        _log.warning("the network stays within reach: %s", os.strerror(ctypes.get_errno()))


def _say(said: At | Verdict) -> None:
    sys.stdout.buffer.write(to_line(said))
    sys.stdout.buffer.flush()
