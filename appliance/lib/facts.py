"""Facts on disk: small typed files, one writer each, replaced as a whole, observed with ``watchdog``.

A service that restarts reads the files and is up to date; ``ls`` and ``cat`` are the debugger. This is the only
door to ``watchdog``. Its thread only posts: the callback must hand over and return.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self, TypeVar

import msgspec
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from appliance.lib import files

T = TypeVar("T")


def read(path: Path, kind: type[T]) -> T | None:
    """Return a fact, None if nobody has written it yet or what is there cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def write(path: Path, fact: msgspec.Struct) -> None:
    """State a fact under ``/run``: atomic for readers, gone with the power."""
    files.write_volatile(path, msgspec.json.encode(fact))


def write_durable(path: Path, fact: msgspec.Struct) -> None:
    """State a fact that must survive a power cut."""
    files.write(path, msgspec.json.encode(fact))


class _Forward(FileSystemEventHandler):
    def __init__(self, names: frozenset[str], changed: Callable[[str], None]) -> None:
        self._names = names
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("created", "modified", "moved", "deleted"):
            return
        for path in (event.src_path, event.dest_path):
            name = Path(str(path)).name
            if name in self._names:
                self._changed(name)


class Watch:
    """Tells when facts change; use as a context manager.

    Args:
        paths: The facts; their folders must exist.
        changed: Called on a foreign thread with the file's name. It must only post.
    """

    def __init__(self, paths: Iterable[Path], changed: Callable[[str], None]) -> None:
        self._observer = Observer()
        by_folder: dict[Path, set[str]] = {}
        for path in paths:
            by_folder.setdefault(path.parent, set()).add(path.name)
        for folder, names in by_folder.items():
            self._observer.schedule(_Forward(frozenset(names), changed), str(folder))

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._observer.stop()
        self._observer.join()


class _Bell(FileSystemEventHandler):
    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("created", "moved", "deleted"):
            self._changed()


class FolderWatch:
    """Tells when something appears in a folder or leaves it; use as a context manager.

    Args:
        folder: Must exist; what lies deeper is not watched.
        changed: Called on a foreign thread. It must only post.
    """

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._observer = Observer()
        self._observer.schedule(_Bell(changed), str(folder))

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._observer.stop()
        self._observer.join()
