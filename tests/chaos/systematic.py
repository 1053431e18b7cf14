"""The power goes at every single call in turn: k = 1, 2, … until the work gets through.

    disk as saved ─► work in a child, cut at call k ─► what is left ─► readers look ─► work again ─► all is well

Once with everything unsynced lost, once with a random part of it.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

from appliance.content.catalogue import Catalogue
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.outbox.file import path_of, prepare
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Entry, Moment
from appliance.trust.verifier import Trust
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError
from mqtt.contract.records import Priority
from mqtt.contract.releases import BlobRef, FileEntry, FileList, ReleaseHead
from tests.chaos.content import files_of
from tests.chaos.disk import Fate
from tests.chaos.fuse import Mount
from tests.practice_office import Office

FATES: Final = (Fate.LOST, Fate.MIXED)
MOST: Final = 5000
AT: Final = datetime(2026, 12, 1, tzinfo=UTC)
MOMENT: Final = Moment(AT, trusted=True, boot="b", boottime_ns=0)


def cut_everywhere(disk: Mount, work: Callable[[], object], after: Callable[[], object]) -> int:
    """Cut the power at each call of ``work`` and let ``after`` look each time; returns how many calls there were.

    Args:
        disk: As it is now, it is the start of every attempt.
        work: Done in a child process.
        after: Looks at what is left and raises when it is not good.
    """
    disk.save()
    calls = 0
    for call in range(1, MOST):
        for place, fate in enumerate(FATES):
            disk.restore()
            disk.arm(call)
            _in_child(work)
            done = not disk.dead
            disk.cut(fate, call * len(FATES) + place)
            after()
        if done:
            return calls
        calls = call
    raise AssertionError(f"the work has not ended after {MOST} calls")


def _in_child(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        except (OSError, ContractError):
            os._exit(0)  # the disk is dead, and so is whoever worked on it
        except BaseException:  # noqa: BLE001 - told to the parent by the status
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


class Activation:
    """The store takes a release and shows it; at the beginning it shows another one."""

    def __init__(self, disk: Mount) -> None:
        self._disk = disk
        self._layout = Layout(disk.folder / "content")
        dice = Random(1)
        self._old, self._new = (files_of("essentials", "dic", dice) for _ in range(2))
        self._show(1, self._old)
        disk.settle()

    def everywhere(self) -> int:
        """Cut at every call; returns how many there were."""
        return cut_everywhere(self._disk, lambda: self._show(2, self._new), self._look)

    def _show(self, number: int, contents: dict[str, bytes]) -> None:
        store = Store(self._layout)
        blobs = {path: _put(store, data) for path, data in contents.items()}
        listing = FileList(files=tuple(_entry(path, blob) for path, blob in sorted(blobs.items())))
        head = ReleaseHead(
            category="essentials",
            agency="dic",
            number=number,
            issued=AT,
            valid_from=AT,
            valid_until=None,
            gates=("*",),
            languages=("vi",),
            list=_put(store, encode(listing)),
        )
        store.install(head, _put(store, encode(head)).sha256)
        store.activate({head.stream: number}, ("dic",))
        store.collect_garbage(frozenset())

    def _look(self) -> None:
        """Readers find one of the two whole; doing it again shows the new one."""
        number = self._shown()
        self._require_whole(number)
        assert number in (1, 2)
        self._show(2, self._new)
        assert self._shown() == 2
        self._require_whole(2)

    def _shown(self) -> int:
        return int((self._layout.current / "essentials/dic").readlink().name)

    def _require_whole(self, number: int) -> None:
        catalogue = Catalogue.open(self._layout)
        assert catalogue is not None
        for path, data in (self._old, self._new)[number - 1].items():
            assert (self._layout.current / "essentials/dic/files" / path).read_bytes() == data, path


class TrustUpdate:
    """Newer metadata, another root and another assignment are believed; at the beginning older ones are."""

    def __init__(self, disk: Mount, office: Office) -> None:
        self._disk = disk
        self._office = office
        self._folder = disk.folder / "trust"
        office.publish("essentials", "dic", {"a.txt": b"1"})
        self._factory = office.roots()[1]
        self._older = office.meta()
        self._believe()
        disk.settle()
        office.publish("city", "dic", {"a.txt": b"2"})
        self._newer = office.meta()

    def everywhere(self) -> int:
        """Cut at every call; returns how many there were."""
        return cut_everywhere(self._disk, self._believe, self._look)

    def _believe(self) -> None:
        with Trust(self._folder, self._factory) as trust:
            for number, body in self._office.roots().items():
                trust.offer_root(number, body)
            trust.offer_meta(self._office.meta().to_bytes())
            trust.offer_assignment(self._office.assign("cat-bi") or b"")
            view = trust.refresh(self._office.now)
            assert view is not None
            assert view.release("essentials", "dic") is not None
            assert trust.assignment(view, "cat-bi") is not None

    def _look(self) -> None:
        """What was believed is believed again, newer is taken, and older is refused from then on."""
        with Trust(self._folder, self._factory) as trust:
            assert trust.refresh(self._office.now) is not None, "what was believed before is gone"
        self._believe()
        with Trust(self._folder, self._factory) as trust:
            trust.offer_meta(self._older.to_bytes())
            try:
                trust.refresh(self._office.now)
            except ContractError:
                return
        raise AssertionError("older metadata was believed after newer")


class Owing:
    """Rows are appended, some are acknowledged, the outbox is tidied; at the beginning it holds others.

    A child tells of each row through a file in memory as soon as it was promised that the row stays.
    """

    def __init__(self, disk: Mount, promises: Path) -> None:
        self._disk = disk
        self._path = path_of(disk.folder)
        self._promises = promises
        self._before = tuple(self._outbox().append_all([Entry("count", {}, Priority.METRIC)] * 3))
        disk.settle()

    def everywhere(self) -> int:
        """Cut at every call; returns how many there were."""
        return cut_everywhere(self._disk, self._work, self._look)

    def _outbox(self) -> Outbox:
        return prepare(self._path, lambda: MOMENT)

    def _work(self) -> None:
        self._promises.write_text("")
        outbox = self._outbox()
        for _ in range(2):
            number = outbox.append("count", {"pad": "x" * 5000}, Priority.METRIC)
            with self._promises.open("a") as told:
                told.write(f"{number}\n")
        portion = outbox.portion(Priority.METRIC, 0, 400)
        assert portion is not None
        outbox.acknowledged(portion)
        outbox.tidy()

    def _look(self) -> None:
        """The file is the same one; what was promised is owed or kept, and nothing stands in a gap."""
        outbox = self._outbox()
        begun = outbox.portion(Priority.AUDIT, 0, 1 << 20)
        assert begun is not None
        assert [one.kind for one in begun.records] == ["outbox-begun"], "the file was given up"
        outbox.owe_again(outbox.stream, 0)
        portion = outbox.portion(Priority.METRIC, 0, 1 << 20)
        assert portion is not None
        promised = {int(line) for line in self._promises.read_text().split()}
        here = {one.sequence for one in portion.records}
        assert here >= promised | set(self._before), f"{promised | set(self._before)} were promised, {here} are here"
        assert portion.gaps == ()


def everywhere(folder: Path, activation: Mount, trust: Mount, owing: Mount) -> tuple[int, int, int]:
    """Cut at every call of the three; returns how many there were of each."""
    with Office(folder) as office:
        return (
            Activation(activation).everywhere(),
            TrustUpdate(trust, office).everywhere(),
            Owing(owing, folder / "promises").everywhere(),
        )


def _put(store: Store, data: bytes) -> BlobRef:
    blob = BlobRef(sha256=sha256(data).hexdigest(), size=len(data))
    if not store.has(blob):
        store.put(blob, data)
    return blob


def _entry(path: str, blob: BlobRef) -> FileEntry:
    return FileEntry(path=path, sha256=blob.sha256, size=blob.size)
