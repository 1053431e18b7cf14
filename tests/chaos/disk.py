"""A disk in memory that forgets like a real one: what was not synced is kept or lost at random when the power goes.

    write, truncate ──► data     ── fsync(file) ──►   durable bytes
    create … rename ──► names    ── fsync(folder) ──► durable names

Modelled: a write-back cache. Data is lost page by page (each page of a file as some prefix of the writes to it), the
size apart from it, and each change of names by itself, so names may survive without their data and the other way
round. A rename is one change, also between two folders, as in every journal. Modes and owners are never lost.
"""

import errno
import os
import stat
import time
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

PAGE: Final = 4096
ROOT: Final = 1

Change = tuple[int, str, int | None]
"""Folder, name, the node that has this name from now on (None: nobody)."""


class Fate(StrEnum):
    """What happens to what was not synced."""

    LOST = "lost"
    KEPT = "kept"
    MIXED = "mixed"


@dataclass
class Node:
    """A file, a folder or a symbolic link."""

    mode: int
    target: str = ""
    data: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    durable_names: dict[str, int] = field(default_factory=dict)
    links: int = 0
    changed_ns: int = field(default_factory=time.time_ns)

    @property
    def is_folder(self) -> bool:
        """Whether it holds names."""
        return stat.S_ISDIR(self.mode)


def fail(number: int) -> OSError:
    """Return the error a file system answers with."""
    return OSError(number, os.strerror(number))


class Disk:
    """Nodes by number; paths are absolute within the disk.

    Args:
        capacity: Bytes of data it takes before it is full.
    """

    def __init__(self, capacity: int = 1 << 30) -> None:
        self.capacity = capacity
        self.nodes: dict[int, Node] = {ROOT: Node(stat.S_IFDIR | 0o755)}
        self._steps: list[tuple[Change, ...]] = []
        self._next = ROOT + 1
        self.calls = 0
        self.fails_at: int | None = None

    @property
    def used(self) -> int:
        """Bytes of all files that have a name."""
        return sum(len(node.data) for node in self.nodes.values() if node.links)

    @property
    def dead(self) -> bool:
        """Whether the power is gone."""
        return self.fails_at is not None and self.calls >= self.fails_at

    def step(self) -> None:
        """Count a call that changes or syncs something; none gets through once the power is gone."""
        self.require_power()
        self.calls += 1
        self.require_power()

    def require_power(self) -> None:
        """Answer nothing without power."""
        if self.dead:
            raise fail(errno.EIO)

    # names

    def find(self, path: str) -> int:
        """Return the node at a path."""
        at = ROOT
        for name in path.split("/"):
            if name:
                node = self.nodes[at]
                if not node.is_folder:
                    raise fail(errno.ENOTDIR)
                if name not in node.names:
                    raise fail(errno.ENOENT)
                at = node.names[name]
        return at

    def place(self, path: str) -> tuple[int, str]:
        """Return the folder and the name of a path."""
        folder, _, name = path.rpartition("/")
        return self.find(folder), name

    def make(self, path: str, mode: int, target: str = "") -> int:
        """Create a node."""
        folder, name = self.place(path)
        if name in self.nodes[folder].names:
            raise fail(errno.EEXIST)
        number, self._next = self._next, self._next + 1
        self.nodes[number] = Node(mode, target)
        self._change((folder, name, number))
        return number

    def link(self, path: str, number: int) -> None:
        """Give a node another name."""
        folder, name = self.place(path)
        if name in self.nodes[folder].names:
            raise fail(errno.EEXIST)
        self._change((folder, name, number))

    def remove(self, path: str) -> None:
        """Take a name away."""
        folder, name = self.place(path)
        node = self.nodes[self.find(path)]
        if node.is_folder and node.names:
            raise fail(errno.ENOTEMPTY)
        self._change((folder, name, None))

    def rename(self, old: str, new: str) -> None:
        """Move a name, replacing what is there, as one change."""
        number = self.find(old)
        from_folder, from_name = self.place(old)
        to_folder, to_name = self.place(new)
        there = self.nodes[to_folder].names.get(to_name)
        if there == number:
            return
        if there is not None and self.nodes[there].is_folder and self.nodes[there].names:
            raise fail(errno.ENOTEMPTY)
        self._change((from_folder, from_name, None), (to_folder, to_name, number))

    def _change(self, *changes: Change) -> None:
        for folder, name, number in changes:
            before = self.nodes[folder].names.get(name)
            _name(self.nodes[folder].names, name, number)
            self.nodes[folder].changed_ns = time.time_ns()
            for node, more in ((number, 1), (before, -1)):
                if node is not None:
                    self.nodes[node].links += more
        self._steps.append(changes)

    def sync_names(self, folder: int) -> None:
        """Make the names in a folder durable, with every earlier change that they rest on."""
        needed: set[tuple[int, str]] = set()
        flushed, left = [], []
        for step in reversed(self._steps):
            touched = {(at, name) for at, name, _ in step}
            if touched & needed or any(at == folder for at, _ in touched):
                needed |= touched
                flushed.append(step)
            else:
                left.append(step)
        self._steps = left[::-1]
        for step in reversed(flushed):
            self._make_durable(step)

    def _make_durable(self, step: tuple[Change, ...]) -> None:
        for folder, name, number in step:
            _name(self.nodes[folder].durable_names, name, number)

    # data

    def write(self, number: int, offset: int, data: bytes) -> None:
        """Write into the cache.

        Raises:
            OSError: ENOSPC; the disk is full.
        """
        node = self.nodes[number]
        growth = max(offset + len(data) - len(node.data), 0)
        if growth and self.used + growth > self.capacity:
            raise fail(errno.ENOSPC)
        self._resize(node, max(len(node.data), offset + len(data)))
        node.data[offset : offset + len(data)] = data
        node.pending.append((offset, data))
        node.changed_ns = time.time_ns()

    def truncate(self, number: int, size: int) -> None:
        """Cut or lengthen a file."""
        node = self.nodes[number]
        if size < len(node.data):
            node.pending.append((size, bytes(len(node.data) - size)))
        self._resize(node, size)

    def _resize(self, node: Node, size: int) -> None:
        if size < len(node.data):
            del node.data[size:]
        else:
            node.data.extend(bytes(size - len(node.data)))
        node.sizes.append(size)

    def sync_data(self, number: int) -> None:
        """Make a file's bytes durable."""
        node = self.nodes[number]
        for offset, data in node.pending:
            _put(node.durable, offset, data)
        _fit(node.durable, len(node.data))
        node.pending.clear()
        node.sizes.clear()

    # the cut

    def lose_power(self, fate: Fate, dice: Random) -> None:
        """Forget, and start again with what is left."""
        for step in self._steps:
            if fate is Fate.KEPT or (fate is Fate.MIXED and dice.random() < 0.5):
                self._make_durable(step)
        self._steps.clear()
        reached = self._reached()
        self.nodes = {number: node for number, node in self.nodes.items() if number in reached}
        for node in self.nodes.values():
            node.names = dict(node.durable_names)
            _forget(node, fate, dice)
            node.links = 0
        for node in self.nodes.values():
            for number in node.names.values():
                self.nodes[number].links += 1
        self.fails_at = None

    def _reached(self) -> set[int]:
        reached, ahead = {ROOT}, [ROOT]
        while ahead:
            for number in self.nodes[ahead.pop()].durable_names.values():
                if number not in reached:
                    reached.add(number)
                    ahead.append(number)
        return reached

    def copy(self) -> "Disk":
        """Return another disk with the same on it."""
        return deepcopy(self)

    def sync_everything(self) -> None:
        """Make all of it durable, as after a clean shutdown."""
        for step in self._steps:
            self._make_durable(step)
        self._steps.clear()
        for number in self.nodes:
            self.sync_data(number)


def _forget(node: Node, fate: Fate, dice: Random) -> None:
    if not node.pending and not node.sizes:
        return
    match fate:
        case Fate.LOST:
            node.data = bytearray(node.durable)
        case Fate.MIXED:
            size = dice.choice([len(node.durable), *node.sizes])
            left = bytearray(node.durable)
            for pieces in _by_page(node.pending).values():
                for offset, data in pieces[: dice.randint(0, len(pieces))]:
                    _put(left, offset, data)
            _fit(left, size)
            node.data = left
        case Fate.KEPT:
            pass
    node.durable = bytearray(node.data)
    node.pending.clear()
    node.sizes.clear()


def _by_page(pending: list[tuple[int, bytes]]) -> dict[int, list[tuple[int, bytes]]]:
    pages: dict[int, list[tuple[int, bytes]]] = {}
    for offset, data in pending:
        at = offset
        while at < offset + len(data):
            end = min((at // PAGE + 1) * PAGE, offset + len(data))
            pages.setdefault(at // PAGE, []).append((at, data[at - offset : end - offset]))
            at = end
    return pages


def _put(into: bytearray, offset: int, data: bytes) -> None:
    _fit(into, max(len(into), offset + len(data)))
    into[offset : offset + len(data)] = data


def _fit(data: bytearray, size: int) -> None:
    if size < len(data):
        del data[size:]
    else:
        data.extend(bytes(size - len(data)))


def _name(names: dict[str, int], name: str, number: int | None) -> None:
    if number is None:
        names.pop(name, None)
    else:
        names[name] = number
