"""Power cuts: a child process is killed before each step that touches the disk, one step later each time.

What the kernel has not been told to do has not happened; what it has been told is there for the parent. (Bytes that
were never fsynced are beyond a test in user space; that fsync comes before rename is a law of its own.)
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.lib import files

STEPS = ("open", "os.rename", "os.mkdir", "os.remove", "os.symlink", "os.rmdir", "os.link", "os.truncate")


def cut_before(step: int, work: Callable[[], object]) -> bool:
    """Run ``work`` in a child that dies without a word before its n-th step; return whether it died."""
    child = os.fork()
    if child == 0:
        seen = 0

        def count(event: str, _: tuple[Any, ...]) -> None:
            nonlocal seen
            if event in STEPS:
                seen += 1
                if seen > step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def cuts(work: Callable[[], object]) -> Iterator[int]:
    """Cut the power at every step in turn, then once not at all; yields after each."""
    step = 0
    while cut_before(step, work):
        yield step
        step += 1
    assert step > 0, "nothing was done that a cut could interrupt"
    yield step


@pytest.mark.parametrize("write", [files.write, files.write_volatile])
def test_a_power_cut_while_writing_leaves_the_old_bytes_or_the_new(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "fact.json"
    path.write_bytes(b"old")
    seen = []
    for _ in cuts(lambda: write(path, b"new and longer")):
        seen.append(path.read_bytes())
        path.write_bytes(b"old")
    assert set(seen) == {b"old", b"new and longer"}
    assert seen[0] == b"old"
    assert seen[-1] == b"new and longer"


def test_a_power_cut_while_writing_for_the_first_time_leaves_nothing_or_all(tmp_path: Path) -> None:
    path = tmp_path / "fact.json"
    for _ in cuts(lambda: files.write(path, b"new")):
        assert not path.exists() or path.read_bytes() == b"new"
        path.unlink(missing_ok=True)


def test_a_power_cut_while_switching_leaves_the_old_link_or_the_new(tmp_path: Path) -> None:
    link = tmp_path / "current"
    seen = []
    link.symlink_to("sets/1")
    for _ in cuts(lambda: files.point(link, "sets/2")):
        seen.append(str(link.readlink()))
        files.point(link, "sets/1")
    assert set(seen) == {"sets/1", "sets/2"}


def test_a_power_cut_while_removing_leaves_a_folder_whole_or_under_a_name_nobody_reads(tmp_path: Path) -> None:
    folder = tmp_path / "7"

    def build() -> None:
        (folder / "files").mkdir(parents=True)
        (folder / "head.json").write_bytes(b"head")
        (folder / "files/a").write_bytes(b"a")

    build()
    for _ in cuts(lambda: files.remove_tree(folder)):
        if folder.exists():
            assert sorted(p.name for p in folder.rglob("*")) == ["a", "files", "head.json"]
            files.remove_tree(folder)
        build()


def test_a_folder_is_made_with_its_parents_at_any_number_of_cuts(tmp_path: Path) -> None:
    folder = tmp_path / "a/b/c"
    for _ in cuts(lambda: files.make_folder(folder)):
        pass
    assert folder.is_dir()
    assert files.make_folder(folder) == folder


def test_bytes_are_on_the_disk_before_the_name_that_vouches_for_them(tmp_path: Path) -> None:
    """The draft first, then the name, then the folder: seen in what the kernel is asked, in order."""
    path = tmp_path / "fact.json"
    order: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else f"file renamed={path.exists()}")  # noqa: PTH112 - a handle
        real(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        files.write(path, b"x")
    assert order == ["file renamed=False", "folder"]


@pytest.mark.parametrize("write", [files.write, files.write_volatile])
def test_a_full_disk_leaves_the_old_bytes_and_no_draft(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "fact.json"
    path.write_bytes(b"old")
    child = os.fork()
    if child == 0:
        import resource  # noqa: PLC0415 - only the child is limited

        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write(path, bytes(100_000))
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 7
    assert [p.name for p in tmp_path.iterdir()] == ["fact.json"]
    assert path.read_bytes() == b"old"


def test_a_file_gets_the_mode_asked_for_from_its_first_moment(tmp_path: Path) -> None:
    files.write(tmp_path / "key.pem", b"secret", mode=0o600)
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    files.remove_tree(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []
