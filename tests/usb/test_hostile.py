"""Sticks made to trip us: each ends with a code or is left alone, quickly; nothing of them is believed or opened."""

import os
import stat
import time
from hashlib import sha256
from pathlib import Path

import pytest

from appliance.errors import ErrorCode, RefusedError
from appliance.sticks import FromStick, Part, ReadStick, StickFound, StickGone, StickLacks, StickPiece, StickRefused
from appliance.usb.dock import STICKS_LIMIT, Dock
from appliance.usb.stick import MountedStick
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError
from mqtt.contract.repository import META_LIMIT
from mqtt.contract.stick import FOLDER, FORMAT, Stick
from tests.usb.conftest import NOON

DATA = b"money" * 1000
DIGEST = sha256(DATA).hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A stick that is well formed."""
    root = tmp_path / "sticks/sda1" / FOLDER
    state = root / "states/7"
    state.mkdir(parents=True)
    (root / "format").write_bytes(FORMAT)
    current = Stick(gate="cat-bi", state=7, written=NOON, root_latest=2, size=len(DATA))
    (root / "current.json").write_bytes(encode(current))
    for name in ("meta", "assign.json", "root.1.json", "root.2.json"):
        (state / name).write_bytes(name.encode())
    blob = root / "objects" / DIGEST[:2] / DIGEST
    blob.parent.mkdir(parents=True)
    blob.write_bytes(DATA)
    return root


def refused(place: Path) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        MountedStick(place.parent).offer()
    return caught.value.code


def blob_refused(place: Path) -> ErrorCode:
    with pytest.raises(RefusedError) as caught, MountedStick(place.parent).blob(DIGEST, len(DATA)):
        pass
    return caught.value.code


def blob_of(place: Path) -> Path:
    return place / "objects" / DIGEST[:2] / DIGEST


def replace_by(path: Path, kind: str, tmp_path: Path) -> None:
    """Put something else where a file was."""
    path.unlink()
    match kind:
        case "link to a secret":
            path.symlink_to("/etc/passwd")
        case "link to the right bytes":
            (tmp_path / "elsewhere").write_bytes(DATA)
            path.symlink_to(tmp_path / "elsewhere")
        case "loop":
            path.symlink_to(path.name)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            try:
                os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
            except PermissionError:
                pytest.skip("only root makes devices")


KINDS = pytest.mark.parametrize(
    "kind", ["link to a secret", "link to the right bytes", "loop", "pipe", "folder", "device"]
)


def test_a_well_formed_stick_is_read(place: Path) -> None:
    gate, offer = MountedStick(place.parent).offer()
    assert (gate, offer.meta, offer.assignment) == ("cat-bi", b"meta", b"assign.json")
    assert offer.roots == {1: b"root.1.json", 2: b"root.2.json"}


@KINDS
@pytest.mark.parametrize("name", ["format", "current.json", "states/7/meta", "states/7/root.2.json"])
def test_only_plain_files_are_opened(place: Path, tmp_path: Path, name: str, kind: str) -> None:
    """A pipe would hold us up for ever, a device would do something."""
    replace_by(place / name, kind, tmp_path)
    assert refused(place) in {ErrorCode.MALFORMED, ErrorCode.SCHEMA}


@KINDS
def test_only_plain_files_are_blobs(place: Path, tmp_path: Path, kind: str) -> None:
    replace_by(blob_of(place), kind, tmp_path)
    assert blob_refused(place) is ErrorCode.MALFORMED


@pytest.mark.parametrize("folder", ["states", "states/7"])
def test_no_folder_is_entered_by_a_link(place: Path, tmp_path: Path, folder: str) -> None:
    (place / folder).rename(tmp_path / "real")
    (place / folder).symlink_to(tmp_path / "real")
    assert refused(place) is ErrorCode.MALFORMED


def test_our_folder_itself_is_no_link(place: Path, tmp_path: Path) -> None:
    place.rename(tmp_path / "real")
    place.symlink_to(tmp_path / "real")
    assert refused(place) is ErrorCode.SCHEMA


def test_the_objects_folder_is_no_link(place: Path, tmp_path: Path) -> None:
    (place / "objects").rename(tmp_path / "real")
    (place / "objects").symlink_to(tmp_path / "real")
    assert blob_refused(place) is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("format", ErrorCode.SCHEMA),
        ("current.json", ErrorCode.SIZE),
        ("states/7/meta", ErrorCode.SIZE),
        ("states/7/assign.json", ErrorCode.SIZE),
        ("states/7/root.1.json", ErrorCode.SIZE),
    ],
)
def test_huge_files_are_not_read(place: Path, name: str, code: ErrorCode) -> None:
    """A sparse terabyte costs its owner nothing."""
    os.truncate(place / name, 1 << 40)
    assert refused(place) is code


def test_a_blob_of_another_size_is_not_read(place: Path) -> None:
    for size in (0, len(DATA) - 1, len(DATA) + 1, 1 << 40):
        os.truncate(blob_of(place), size)
        assert blob_refused(place) is ErrorCode.SIZE


@pytest.mark.parametrize(
    "current",
    [
        b"", b"{", b"null", b"[]" * 9, b"\xff\xfe", b'{"schema":"stick/1"}', b'{"schema":"stick/2"}',
        b'{"schema":"stick/1","gate":"../..","state":7,"written":"2026-11-25T12:00:00Z","root_latest":1,"size":1}',
        b'{"schema":"stick/1","gate":"cat-bi","state":"../../etc","written":"2026-11-25T12:00:00Z","root_latest":1,"size":1}',
        b'{"schema":"stick/1","gate":"cat-bi","state":-7,"written":"2026-11-25T12:00:00Z","root_latest":1,"size":1}',
        b'{"schema":"stick/1","gate":"cat-bi","state":7,"written":"2026-11-25T12:00:00Z","root_latest":99999,"size":1}',
        '{"schema":"stick/1","gate":"cat\u2010bi","state":7,"written":"2026-11-25T12:00:00Z","root_latest":1,"size":1}'.encode(),
    ],
)  # fmt: skip
def test_a_false_table_of_contents_leads_nowhere(place: Path, current: bytes) -> None:
    (place / "current.json").write_bytes(current)
    assert refused(place) in {ErrorCode.MALFORMED, ErrorCode.SCHEMA, ErrorCode.SIZE}


@pytest.mark.parametrize("name", ["states/7/meta", "states/7/assign.json", "states/7/root.1.json", "current.json"])
def test_what_is_not_there_is_said(place: Path, name: str) -> None:
    (place / name).unlink()
    assert refused(place) is ErrorCode.MISSING


def test_files_of_other_people_cost_no_time(place: Path) -> None:
    """Folders are never listed: twenty thousand files and a deep tree make no difference."""
    mine = os.open(place / "objects", os.O_RDONLY)
    for number in range(20_000):
        os.close(os.open(f"{number}", os.O_CREAT | os.O_WRONLY, dir_fd=mine))
    os.close(mine)
    deep = os.open(place, os.O_RDONLY)
    for _ in range(2_000):
        os.mkdir("d", dir_fd=deep)
        deeper = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = deeper
    os.close(deep)
    said: list[FromStick] = []
    dock = Dock(place.parent.parent, said.append)
    begin = time.process_time()
    dock.look()
    dock.serve(ReadStick(_id(said), DIGEST, len(DATA), (Part(0, 0, len(DATA)),)))
    assert time.process_time() - begin < 0.5
    assert said[1:] == [StickPiece("sda1/1", DIGEST, 0, DATA)]
    os.system(f"rm -rf {place}")  # noqa: S605 - shutil recurses deeper than Python may


def _id(said: list[FromStick]) -> str:
    (found,) = said
    assert isinstance(found, StickFound)
    return found.stick


@pytest.mark.parametrize("name", ["..x", "SDA1", "a b", "câu", "x" * 60, "-rf", "ａ１"])
def test_a_mount_with_a_strange_name_is_left_alone(place: Path, name: str) -> None:
    place.parent.rename(place.parent.with_name(name))
    said: list[FromStick] = []
    Dock(place.parent.parent, said.append).look()
    assert said == []


def test_a_link_among_the_mounts_is_left_alone(place: Path, tmp_path: Path) -> None:
    place.parent.rename(tmp_path / "real")
    place.parent.symlink_to(tmp_path / "real")
    said: list[FromStick] = []
    Dock(place.parent.parent, said.append).look()
    assert said == []


def test_more_sticks_than_sockets_are_not_looked_at(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"sd{number}/x").mkdir(parents=True)
    said: list[FromStick] = []
    Dock(tmp_path, said.append).look()
    assert len(said) == STICKS_LIMIT
    assert all(isinstance(event, StickRefused) for event in said)


def test_a_file_that_changes_while_it_is_read_is_only_bytes(place: Path) -> None:
    """What was opened is what is measured; the digest of each piece is the session's to judge."""
    with MountedStick(place.parent).blob(DIGEST, len(DATA)) as file:
        blob_of(place).unlink()
        blob_of(place).symlink_to("/etc/passwd")
        assert os.pread(file, 5, 0) == b"money"


def test_a_blob_cut_between_two_reads_gives_a_short_piece(place: Path) -> None:
    said: list[FromStick] = []
    dock = Dock(place.parent.parent, said.append)
    dock.look()

    def cut(event: FromStick) -> None:
        said.append(event)
        if isinstance(event, StickPiece):
            os.truncate(blob_of(place), 2000)

    dock._post = cut
    dock.serve(ReadStick(_id(said), DIGEST, len(DATA), (Part(0, 0, 1000), Part(1, 1000, 4000))))
    assert [len(event.data) for event in said[1:] if isinstance(event, StickPiece)] == [1000, 1000]


class Worn(MountedStick):
    """Flash that answers with an error from the n-th read on, for one blob or for everything."""

    def __init__(self, root: Path, *, dead: bool) -> None:
        super().__init__(root)
        self.dead = dead

    def blob(self, digest: str, size: int):  # type: ignore[no-untyped-def]  # noqa: ANN201, ARG002 - as the real one
        raise OSError(5, "Input/output error")

    def alive(self) -> bool:
        return not self.dead


@pytest.mark.parametrize("dead", [False, True])
def test_a_bad_sector_is_one_blob_and_a_dead_stick_is_gone(place: Path, dead: bool) -> None:  # noqa: FBT001 - a case
    said: list[FromStick] = []
    dock = Dock(place.parent.parent, said.append)
    dock.look()
    dock._plugged["sda1"].stick = Worn(place.parent, dead=dead)
    dock.serve(ReadStick("sda1/1", DIGEST, len(DATA), (Part(0, 0, 10),)))
    assert said[1:] == [StickGone("sda1/1") if dead else StickLacks("sda1/1", DIGEST, ErrorCode.DIGEST)]
    dock.look()
    assert len(said) == 2


def test_metadata_at_the_limit_is_read_whole(place: Path) -> None:
    (place / "states/7/meta").write_bytes(b"x" * META_LIMIT)
    assert len(MountedStick(place.parent).offer()[1].meta) == META_LIMIT


@pytest.mark.parametrize("name", ["objects", DIGEST])
def test_what_is_swapped_for_a_link_between_look_and_open_is_not_followed(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A stick may be a computer that answers otherwise the second time."""
    target = place / "objects" if name == "objects" else blob_of(place)
    real_open = os.open

    def swapping(path: str, flags: int, *arguments: int, **more: int) -> int:
        if path == name:
            target.rename(tmp_path / "real")
            target.symlink_to(tmp_path / "real")
        return real_open(path, flags, *arguments, **more)

    monkeypatch.setattr(os, "open", swapping)
    with pytest.raises(OSError), MountedStick(place.parent).blob(DIGEST, len(DATA)):  # noqa: PT011 - ELOOP or ENOTDIR
        pass
    assert target.is_symlink()
