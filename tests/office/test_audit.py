"""The audit log is a chain that nobody shortens, alters or reorders unseen."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office import audit
from mqtt.office.audit import FILE, FOLDER, HEAD_SUFFIX
from mqtt.office.chain import BEGINNING, Act, Head, verify
from mqtt.office.database import audit_head
from mqtt.office.home import Home
from tests.practice_office import Office

COUNT = 6


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        yield office


def write(office: Office, count: int = COUNT) -> None:
    for number in range(count):
        audit.append(office.home, office.engine, Act.BOOTH_ADDED, f"cb-{number:02}", detail={"gate": "cat-bi"})


def log(office: Office) -> Path:
    return office.home.root / FOLDER / FILE


def broken(office: Office) -> bool:
    try:
        audit.check(office.home, office.engine)
    except ContractError as error:
        return error.code is ErrorCode.AUDIT
    return False


def test_what_was_written_is_there_in_order(office: Office) -> None:
    write(office)
    assert audit.check(office.home, office.engine).number == COUNT
    assert [entry.subject for entry in audit.entries(office.home)] == [f"cb-{number:02}" for number in range(COUNT)]
    assert all(entry.who.startswith("os:") for entry in audit.entries(office.home))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
@given(st.data())
def test_whatever_is_done_to_a_line_is_seen(office: Office, data: st.DataObject) -> None:
    """Altered, taken out, doubled, swapped, or the end cut off, by lines or by bytes."""
    log(office).unlink(missing_ok=True)
    with office.engine.begin() as connection:
        connection.execute(delete(audit_head))
    write(office)
    lines = log(office).read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, COUNT - 1))
    match data.draw(st.sampled_from(["alter", "delete", "double", "swap", "cut", "shorten"])):
        case "alter":
            at = data.draw(st.integers(0, len(lines[place]) - 1))
            lines[place] = (
                lines[place][:at] + bytes([lines[place][at] ^ data.draw(st.integers(1, 255))]) + lines[place][at + 1 :]
            )
        case "delete":
            del lines[place]
        case "double":
            lines.insert(place, lines[place])
        case "swap":
            other = data.draw(st.integers(0, COUNT - 1).filter(lambda one: one != place))
            lines[place], lines[other] = lines[other], lines[place]
        case "cut":
            lines = lines[:place]
        case _:
            written = b"".join(lines)
            lines = [written[: -data.draw(st.integers(1, len(written)))]]
    log(office).write_bytes(b"".join(lines))
    assert broken(office)


def test_a_cut_between_the_line_and_the_head_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line was durable, the database did not hear of it: it counts, and the next one follows it."""
    write(office, 2)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "_remember", lambda *_: None)
        write(office, 1)
    assert audit.check(office.home, office.engine).number == 3
    write(office, 1)
    assert audit.check(office.home, office.engine).number == 4


def _dies_before_the_head_follows(root: str) -> None:
    with Office.of(Home(Path(root))) as office:
        audit._remember = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        write(office, 1)


def test_a_process_killed_between_the_line_and_the_head_leaves_a_whole_log(office: Office) -> None:
    """Nothing of it is played: the process is gone, its lock with it, and the next act goes on."""
    write(office, 2)
    start = multiprocessing.get_context("spawn")
    killed = start.Process(target=_dies_before_the_head_follows, args=(os.fspath(office.home.root),))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert audit.check(office.home, office.engine).number == 3
    write(office, 1)
    assert audit.check(office.home, office.engine).number == 4


def test_cuts_may_follow_one_another(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head catches up before the next line is written, so that it is never two lines behind."""
    write(office, 1)
    remember = audit._remember
    for count in (2, 3, 4):
        with monkeypatch.context() as patch:
            patch.setattr(
                audit,
                "_remember",
                lambda engine, head, last=count: remember(engine, head) if head.number < last else None,
            )
            write(office, 1)
        assert audit.check(office.home, office.engine).number == count


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_a_line_torn_by_a_power_cut_is_taken_away_by_the_next(office: Office, kept: int) -> None:
    write(office, 2)
    whole = log(office).read_bytes()
    log(office).write_bytes(whole + whole.splitlines(keepends=True)[-1][:kept])
    assert not broken(office)
    write(office, 1)
    assert audit.check(office.home, office.engine).number == 3
    assert log(office).read_bytes().startswith(whole)


def test_a_line_that_lost_its_line_feed_only_gets_it_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it tells of was done: it is not taken away for one byte."""
    write(office, 1)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "_remember", lambda *_: None)
        write(office, 1)
    torn = log(office).read_bytes()[:-1]
    log(office).write_bytes(torn)
    assert not broken(office)
    write(office, 1)
    assert audit.check(office.home, office.engine).number == 3
    assert log(office).read_bytes().startswith(torn + b"\n")


@pytest.mark.parametrize("cut", [1, 30])
def test_a_log_with_another_end_is_left_as_it_is(office: Office, cut: int) -> None:
    """What somebody has done to a line that counted is evidence: the next act refuses and repairs nothing."""
    write(office)
    log(office).write_bytes(log(office).read_bytes()[:-cut])
    left = log(office).read_bytes()
    with pytest.raises(ContractError) as refused:
        write(office, 1)
    assert refused.value.code is ErrorCode.AUDIT
    assert log(office).read_bytes() == left


def test_a_copy_has_all_lines_and_the_end_beside_it(office: Office, tmp_path: Path) -> None:
    write(office)
    file = tmp_path / "copy.jsonl"
    end = audit.copy(office.home, office.engine, file)
    beside = file.with_name(f"{file.name}{HEAD_SUFFIX}")
    with file.open("rb") as lines:
        assert verify(lines, msgspec.json.decode(beside.read_bytes(), type=Head)) == end
    with pytest.raises(FileExistsError):
        audit.copy(office.home, office.engine, file)


def test_of_a_broken_log_there_is_no_copy(office: Office, tmp_path: Path) -> None:
    write(office)
    log(office).write_bytes(log(office).read_bytes()[:-1])
    with pytest.raises(ContractError) as refused:
        audit.copy(office.home, office.engine, tmp_path / "copy.jsonl")
    assert refused.value.code is ErrorCode.AUDIT
    assert not list(tmp_path.glob("copy*"))


def test_a_log_that_was_cut_off_takes_no_new_line(office: Office) -> None:
    """Else the next act would heal what somebody has hidden."""
    write(office)
    lines = log(office).read_bytes().splitlines(keepends=True)
    log(office).write_bytes(b"".join(lines[:-2]))
    with pytest.raises(ContractError) as refused:
        write(office, 1)
    assert refused.value.code is ErrorCode.AUDIT
    log(office).unlink()
    assert broken(office)


def _writer(root: str, count: int, together: Barrier) -> None:
    with Office.of(Home(Path(root))) as office:
        together.wait(60)
        write(office, count)


def test_several_processes_write_one_chain(office: Office) -> None:
    """They begin at the same moment; each waits for its turn."""
    start = multiprocessing.get_context("spawn")
    together = start.Barrier(3)
    writers = [start.Process(target=_writer, args=(os.fspath(office.home.root), 12, together)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert audit.check(office.home, office.engine).number == 36


def test_an_empty_log_is_whole_as_long_as_nobody_knows_of_a_line() -> None:
    assert verify([], Head(0, BEGINNING)).number == 0
    with pytest.raises(ContractError):
        verify([], Head(1, "a" * 64))
