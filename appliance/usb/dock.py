"""Where sticks appear, and the one thread that touches them. It decides nothing and only posts.

    /run/booth/sticks/{name}/   made and mounted by the image's template unit
          │ watchdog, and a look each second: a mount makes no noise
          ▼
    thread: new? ─► StickFound or StickRefused     asked? ─► StickPiece or StickLacks     gone? ─► StickGone

A name stands for a plugging in as long as the same folder lies there: another device or inode is another stick.
"""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, Self

from appliance.errors import ErrorCode
from appliance.lib import facts
from appliance.sticks import FromStick, ReadStick, StickFound, StickGone, StickLacks, StickPiece, StickRefused
from appliance.usb.stick import MountedStick, read_at
from mqtt.contract.errors import ContractError
from mqtt.contract.names import is_name

LOOK_S: Final = 1.0
STICKS_LIMIT: Final = 8
"""More sticks than a booth has sockets are not looked at."""

_log = logging.getLogger(__name__)
_Key = tuple[int, int]


class _Look:
    """Wakes the thread to look at the folder."""


@dataclass
class _Plugged:
    id: str
    key: _Key
    stick: MountedStick
    usable: bool = True


class Dock:
    """Watches a folder for sticks and reads what it is asked to; use as a context manager.

    Args:
        folder: Where sticks are mounted; must exist.
        post: Called on the dock's thread with what was found; it must only hand over.
        look_s: Seconds between two looks.
    """

    def __init__(self, folder: Path, post: Callable[[FromStick], None], look_s: float = LOOK_S) -> None:
        self._folder = folder
        self._post = post
        self._look_s = look_s
        self._work: SimpleQueue[ReadStick | _Look | None] = SimpleQueue()
        self._plugged: dict[str, _Plugged] = {}
        self._count = 0
        self._watch = facts.FolderWatch(folder, lambda: self._work.put(_Look()))
        self._thread = Thread(target=self._run, name="dock", daemon=True)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._watch.__exit__(*exc)
        self._work.put(None)
        self._thread.join(timeout=self._look_s)  # a stick that hangs in the kernel does not hold up the end

    def read(self, wanted: ReadStick) -> None:
        """Ask for parts of a blob; answered by a post."""
        self._work.put(wanted)

    def look(self) -> None:
        """Compare the folder with what is known, and tell the differences."""
        there = dict(self._there())
        for name, plugged in list(self._plugged.items()):
            if there.get(name) != plugged.key:
                self._lose(name)
        for name, key in there.items():
            if name not in self._plugged:
                self._find(name, key)

    def serve(self, wanted: ReadStick) -> None:
        """Read what is asked, if the stick is still there."""
        plugged = next((one for one in self._plugged.values() if one.id == wanted.stick and one.usable), None)
        if plugged is None:
            return
        try:
            with plugged.stick.blob(wanted.digest, wanted.size) as file:
                for part in wanted.parts:
                    data = read_at(file, part.offset, part.length)
                    self._post(StickPiece(plugged.id, wanted.digest, part.number, data))
        except ContractError as error:
            self._post(StickLacks(plugged.id, wanted.digest, error.code))
        except OSError as error:
            _log.warning("%s on %s: %s", wanted.digest[:12], plugged.id, error.strerror)
            if plugged.stick.alive():
                self._post(StickLacks(plugged.id, wanted.digest, ErrorCode.DIGEST))
            else:
                plugged.usable = False  # until another appears under this name
                self._post(StickGone(plugged.id))

    def _run(self) -> None:
        work: ReadStick | _Look | None = _Look()
        while work is not None:
            try:
                self.look()
                if isinstance(work, ReadStick):
                    self.serve(work)
            except Exception:  # noqa: BLE001 - the one broad catch of this loop: a stick never ends the dock
                _log.exception("a stick was left aside")
            try:
                work = self._work.get(timeout=self._look_s)
            except Empty:
                work = _Look()

    def _there(self) -> Iterator[tuple[str, _Key]]:
        try:
            with os.scandir(self._folder) as entries:
                for entry in islice(entries, STICKS_LIMIT):
                    if is_name(entry.name) and entry.is_dir(follow_symlinks=False):
                        found = Path(entry.path).lstat()  # scandir's own answer knows no mounts
                        yield entry.name, (found.st_dev, found.st_ino)
        except OSError:
            return

    def _find(self, name: str, key: _Key) -> None:
        root = self._folder / name
        try:
            with os.scandir(root) as entries:
                if next(entries, None) is None:
                    return  # nothing is mounted yet
        except OSError:
            return
        self._count += 1
        plugged = _Plugged(f"{name}/{self._count}", key, MountedStick(root))
        try:
            gate, offer = plugged.stick.offer()
        except ContractError as error:
            found: FromStick = StickRefused(plugged.id, error.code, error.detail)
        except OSError as error:
            found = StickRefused(plugged.id, ErrorCode.MALFORMED, f"cannot be read: {error.strerror}")
        else:
            found = StickFound(plugged.id, gate, offer)
        self._plugged[name] = plugged
        _log.info("stick %s is there", plugged.id)
        self._post(found)

    def _lose(self, name: str) -> None:
        plugged = self._plugged.pop(name)
        _log.info("stick %s is gone", plugged.id)
        if plugged.usable:
            self._post(StickGone(plugged.id))
