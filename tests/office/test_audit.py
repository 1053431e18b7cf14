"""The audit log is a chain that nobody shortens, alters or reorders unseen."""

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office import audit
from mqtt.office.audit import FILE, FOLDER, Act, Head, verify
from mqtt.office.database import audit_head
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_done_to_a_line_is_seen(office: Office, data: st.DataObject) -> None:
    """Altered, taken out, doubled, swapped, or the end cut off."""
    log(office).unlink(missing_ok=True)
    with office.engine.begin() as connection:
        connection.execute(delete(audit_head))
    write(office)
    lines = log(office).read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, COUNT - 1))
    match data.draw(st.sampled_from(["alter", "delete", "double", "swap", "cut"])):
        case "alter":
            at = data.draw(st.integers(0, len(lines[place]) - 2))
            lines[place] = lines[place][:at] + bytes([lines[place][at] ^ 1]) + lines[place][at + 1 :]
        case "delete":
            del lines[place]
        case "double":
            lines.insert(place, lines[place])
        case "swap":
            other = data.draw(st.integers(0, COUNT - 1).filter(lambda one: one != place))
            lines[place], lines[other] = lines[other], lines[place]
        case _:
            lines = lines[:place]
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


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_torn_by_a_power_cut_is_taken_away_by_the_next(office: Office, kept: int) -> None:
    write(office, 2)
    whole = log(office).read_bytes()
    log(office).write_bytes(whole + whole.splitlines(keepends=True)[-1][:kept])
    assert not broken(office)
    write(office, 1)
    assert audit.check(office.home, office.engine).number == 3


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


def _writer(root: str, count: int) -> None:
    office = Office.of(__import__("mqtt.office.home", fromlist=["Home"]).Home(Path(root)))
    write(office, count)
    office.engine.dispose()


def test_several_processes_write_one_chain(office: Office) -> None:
    start = multiprocessing.get_context("spawn")
    writers = [start.Process(target=_writer, args=(os.fspath(office.home.root), 8)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert audit.check(office.home, office.engine).number == 24


def test_an_empty_log_is_whole_as_long_as_nobody_knows_of_a_line() -> None:
    assert verify([], Head(0, audit.BEGINNING)).number == 0
    with pytest.raises(ContractError):
        verify([], Head(1, "a" * 64))
