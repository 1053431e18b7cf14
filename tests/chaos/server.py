"""The file system itself: a process that answers the kernel from a :class:`~tests.chaos.disk.Disk`.

    kernel ─► Door ─► Disk ◄─ Server ◄─ lines of JSON on standard input

Started by :class:`~tests.chaos.fuse.Mount`; the only importer of the FUSE binding, which needs libfuse.
"""

import json
import os
import stat
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any, Final

from mfusepy import FUSE, Operations

from tests.chaos.disk import Disk, Fate, Node
from tests.chaos.fuse import unmount

_BLOCK: Final = 4096


class Server:
    """Obeys the harness.

    Args:
        folder: Where the disk is mounted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.disk = Disk()
        self.lock = threading.Lock()
        self.ending = False
        self._saved: Disk | None = None
        self._capacity = self.disk.capacity

    def listen(self) -> None:
        """Take lines until there are no more."""
        for line in sys.stdin:
            what, value = json.loads(line)
            answer = self._obey(what, value)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        self.ending = True
        unmount(self._folder)

    def _obey(self, what: str, value: Any) -> object:
        match what:
            case "cut":
                with self.lock:
                    self.disk.lose_power(Fate(value[0]), Random(value[1]))
                self._again()
            case "save":
                with self.lock:
                    self._saved = self.disk.copy()
            case "restore" if self._saved is not None:
                with self.lock:
                    self.disk = self._saved.copy()
            case _:
                with self.lock:
                    return self._ask(what, value)
        return None

    def _ask(self, what: str, value: Any) -> object:
        disk = self.disk
        match what:
            case "arm":
                disk.fails_at = disk.calls + value
            case "calls":
                return disk.calls
            case "dead":
                return disk.dead
            case "room":
                disk.capacity = self._capacity if value is None else disk.used + value
            case "settle":
                disk.sync_everything()
        return None

    def _again(self) -> None:
        """Let the main thread mount anew."""
        unmount(self._folder)


class Door(Operations):  # type: ignore[misc]
    """What the kernel asks, answered by the disk."""

    use_ns = True

    def __init__(self, server: Server) -> None:
        self._server = server

    def getattr(self, path: str | None, fh: int | None = None) -> dict[str, Any]:
        with self._server.lock:
            disk = self._server.disk
            disk.require_power()
            number = disk.find(path) if path is not None else int(fh or 0)
            return _attributes(disk.nodes[number], number)

    def readdir(self, path: str, _fh: int) -> list[Any]:
        with self._server.lock:
            self._server.disk.require_power()
            nodes = self._server.disk.nodes
            names = nodes[self._server.disk.find(path)].names
            facts = [(name, {"st_mode": nodes[at].mode, "st_ino": at}, 0) for name, at in names.items()]
            return [".", "..", *facts]

    def readlink(self, path: str) -> str:
        with self._server.lock:
            self._server.disk.require_power()
            return self._server.disk.nodes[self._server.disk.find(path)].target

    def open(self, path: str, _flags: int) -> int:
        with self._server.lock:
            self._server.disk.require_power()
            return self._server.disk.find(path)

    def create(self, path: str, mode: int) -> int:
        with self._server.lock:
            self._server.disk.step()
            return self._server.disk.make(path, stat.S_IFREG | stat.S_IMODE(mode))

    def read(self, _path: str | None, size: int, offset: int, fh: int) -> bytes:
        with self._server.lock:
            self._server.disk.require_power()
            return bytes(self._server.disk.nodes[fh].data[offset : offset + size])

    def write(self, _path: str | None, data: bytes, offset: int, fh: int) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.write(fh, offset, bytes(data))
            return len(data)

    def truncate(self, path: str, length: int, _fh: int | None = None) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.truncate(self._server.disk.find(path), length)
            return 0

    def fsync(self, _path: str | None, _datasync: int, fh: int) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.sync_data(fh)
            return 0

    def fsyncdir(self, path: str, _datasync: int, _fh: int) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.sync_names(self._server.disk.find(path))
            return 0

    def mkdir(self, path: str, mode: int) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.make(path, stat.S_IFDIR | stat.S_IMODE(mode))
            return 0

    def symlink(self, target: str, source: str) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.make(target, stat.S_IFLNK | 0o777, source)
            return 0

    def link(self, target: str, source: str) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.link(target, self._server.disk.find(source))
            return 0

    def rename(self, old: str, new: str) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.rename(old, new)
            return 0

    def unlink(self, path: str) -> int:
        with self._server.lock:
            self._server.disk.step()
            self._server.disk.remove(path)
            return 0

    rmdir = unlink

    def chmod(self, path: str, mode: int) -> int:
        with self._server.lock:
            self._server.disk.require_power()
            node = self._server.disk.nodes[self._server.disk.find(path)]
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
            return 0

    def chown(self, _path: str, _uid: int, _gid: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        with self._server.lock:
            self._server.disk.require_power()
            if times:
                self._server.disk.nodes[self._server.disk.find(path)].changed_ns = int(times[1])
            return 0

    def statfs(self, _path: str) -> dict[str, int]:
        with self._server.lock:
            self._server.disk.require_power()
            free = max(self._server.disk.capacity - self._server.disk.used, 0) // _BLOCK
        size = {"f_bsize": _BLOCK, "f_frsize": _BLOCK, "f_blocks": free * 2, "f_namemax": 255}
        return size | {"f_bfree": free, "f_bavail": free}


def _attributes(node: Node, number: int) -> dict[str, Any]:
    size = len(node.target) if stat.S_ISLNK(node.mode) else len(node.data)
    times = dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), node.changed_ns)
    links = 2 if node.is_folder else node.links
    owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
    return {"st_mode": node.mode, "st_nlink": links, "st_size": size, "st_ino": number, **times, **owner}


def main(folder: Path) -> None:
    """Serve until standard input is closed."""
    server = Server(folder)
    threading.Thread(target=server.listen, daemon=True).start()
    never = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0}
    while not server.ending:
        FUSE(Door(server), str(folder), foreground=True, nothreads=True, hard_remove=True, use_ino=True, **never)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
