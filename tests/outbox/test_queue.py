"""Laws of the outbox: what append returned stays until a signed word, and nothing goes in silence."""

import multiprocessing
import os
import signal
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import DeviceError, ErrorCode
from appliance.lib import clock
from appliance.outbox.file import NEW_STREAM, prepare
from appliance.outbox.policy import Caps, Held, Room, overflowing
from appliance.outbox.queue import BODY_LIMIT, Outbox
from appliance.outbox.rows import Entry, Moment
from mqtt.contract.records import Priority

Make = Callable[..., Outbox]
WIDE = 1 << 30
AGES = dict.fromkeys(Priority, timedelta(days=30))


def caps(limit_bytes: int = 2000, kept_bytes: int = 1 << 20) -> Caps:
    return Caps({priority: Room(limit_bytes, age) for priority, age in AGES.items()}, kept_bytes)


def owed(outbox: Outbox, priority: Priority = Priority.METRIC) -> list[int]:
    portion = outbox.portion(priority, 0, WIDE)
    return [record.sequence for record in portion.records] if portion else []


def test_every_row_is_owed_until_it_is_acknowledged_or_inside_a_gap(make: Make) -> None:
    outbox = make(caps())
    numbers = [outbox.append("count", {"n": n}, Priority.METRIC) for n in range(100)]

    portion = outbox.portion(Priority.METRIC, 0, WIDE)

    assert portion is not None
    lost = [n for gap in portion.gaps for n in range(gap.first, gap.last + 1)]
    assert sorted([*lost, *owed(outbox)]) == numbers
    assert lost
    assert numbers[-1] in owed(outbox)
    assert len(portion.gaps) == 1


def test_metrics_never_push_out_an_audit_row(make: Make) -> None:
    outbox = make(caps())
    first = outbox.append("refused", {}, Priority.AUDIT)
    for n in range(100):
        outbox.append("count", {"n": n}, Priority.METRIC)

    assert first in owed(outbox, Priority.AUDIT)


def test_a_gap_that_grew_after_it_was_told_is_told_again(make: Make) -> None:
    outbox = make(caps())
    for n in range(40):
        outbox.append("count", {"n": n}, Priority.METRIC)
    told = outbox.portion(Priority.METRIC, 0, WIDE)
    assert told is not None
    for n in range(40):
        outbox.append("count", {"n": n}, Priority.METRIC)

    outbox.acknowledged(told)

    again = outbox.portion(Priority.METRIC, 0, WIDE)
    assert again is not None
    assert again.gaps[-1].last > told.gaps[-1].last


def test_too_old_rows_leave_a_gap(make: Make, hands: Any) -> None:
    outbox = make(caps())
    number = outbox.append("count", {}, Priority.METRIC)
    hands.pass_by(timedelta(days=31))

    outbox.tidy()

    portion = outbox.portion(Priority.METRIC, 0, WIDE)
    assert portion is not None
    assert [(gap.first, gap.last, gap.reason) for gap in portion.gaps] == [(number, number, "age")]


def test_an_untrusted_clock_makes_nothing_old(make: Make, hands: Any) -> None:
    outbox = make(caps())
    number = outbox.append("count", {}, Priority.METRIC)
    hands.pass_by(timedelta(days=4000))
    hands.trusted = False

    outbox.tidy()

    assert owed(outbox) == [number]


def test_a_restored_office_gets_the_kept_rows_again(make: Make, hands: Any) -> None:
    outbox = make(caps())
    numbers = [outbox.append("count", {}, Priority.METRIC) for _ in range(3)]
    portion = outbox.portion(Priority.METRIC, 0, WIDE)
    assert portion is not None
    outbox.acknowledged(portion)
    assert owed(outbox) == []

    assert outbox.owe_again("another stream", 0) == 0
    assert outbox.owe_again(outbox.stream, numbers[0]) == 2

    assert owed(outbox) == numbers[1:]
    outbox.acknowledged(portion)
    hands.pass_by(timedelta(days=8))
    outbox.tidy()
    assert outbox.owe_again(outbox.stream, 0) == 0


def test_rows_owed_again_push_out_nothing(make: Make) -> None:
    """A restored office asks for more than the room of a priority holds: nothing goes, kept or new."""
    outbox = make(caps(limit_bytes=1000, kept_bytes=1 << 20))
    numbers = []
    for _ in range(20):
        numbers.append(outbox.append("count", {}, Priority.METRIC))
        portion = outbox.portion(Priority.METRIC, 0, WIDE)
        assert portion is not None
        outbox.acknowledged(portion)

    assert outbox.owe_again(outbox.stream, 0) > 0
    numbers.append(outbox.append("count", {}, Priority.METRIC))

    assert owed(outbox) == numbers
    portion = outbox.portion(Priority.METRIC, 0, WIDE)
    assert portion is not None
    assert portion.gaps == ()


def test_many_records_are_kept_all_or_none(make: Make) -> None:
    outbox = make(caps())
    good = Entry("count", {"n": 1}, Priority.METRIC)
    with pytest.raises(ValueError, match="bytes"):
        outbox.append_all([good, Entry("count", {"pad": "x" * 20_000}, Priority.METRIC)])
    assert owed(outbox) == []

    numbers = outbox.append_all([good, good, Entry("switched", {}, Priority.AUDIT)])

    assert owed(outbox) == numbers[:2]
    assert owed(outbox, Priority.AUDIT)[-1:] == numbers[2:]


def test_kept_rows_are_bounded_newest_stay(make: Make) -> None:
    outbox = make(caps(kept_bytes=300))
    numbers = [outbox.append("count", {}, Priority.METRIC) for _ in range(5)]
    portion = outbox.portion(Priority.METRIC, 0, WIDE)
    assert portion is not None
    outbox.acknowledged(portion)

    outbox.tidy()

    assert outbox.owe_again(outbox.stream, 0) == 2
    assert owed(outbox) == numbers[-2:]


def test_rows_of_an_untrusted_clock_are_dated_once_it_is_right(make: Make, hands: Any) -> None:
    outbox = make(caps())
    right, hands.at, hands.trusted = hands.at, hands.at.replace(year=2025), False
    outbox.append("count", {}, Priority.METRIC)
    hands.pass_by(timedelta(hours=2))
    hands.at, hands.trusted = right, True

    portion = outbox.portion(Priority.METRIC, 0, WIDE)

    assert portion is not None
    assert portion.records[0].clock_trusted
    assert portion.records[0].at == right - timedelta(hours=2)


def test_a_damaged_file_is_set_aside_and_a_new_stream_says_so(make: Make, path: Path) -> None:
    stream = make().stream
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])

    outbox = make()

    assert outbox.stream != stream
    assert path.with_name("outbox.db.damaged").exists()
    portion = outbox.portion(Priority.AUDIT, 0, WIDE)
    assert portion is not None
    assert portion.records[0].kind == NEW_STREAM
    assert "damaged" in portion.records[0].body["reason"]


def test_a_sound_file_stays(make: Make) -> None:
    outbox = make()
    assert make().stream == outbox.stream
    assert owed(make(), Priority.AUDIT) == owed(outbox, Priority.AUDIT) == [1]


def test_the_group_may_append_and_others_may_not(make: Make, path: Path) -> None:
    make()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2770


def test_a_writer_before_the_agent_gets_a_code(path: Path, hands: Any) -> None:
    with pytest.raises(DeviceError) as caught:
        Outbox(path, hands.read).append("count", {}, Priority.METRIC)
    assert caught.value.code is ErrorCode.DISK
    assert not path.exists()


@pytest.mark.parametrize(("kind", "body"), [("Bad Kind", {}), ("count", {"x": "y" * BODY_LIMIT})])
def test_a_broken_record_changes_nothing(make: Make, kind: str, body: dict[str, str]) -> None:
    outbox = make()
    with pytest.raises(ValueError, match=r"record|regex"):
        outbox.append(kind, body, Priority.METRIC)
    assert owed(outbox) == []


@given(sizes=st.lists(st.integers(1, 400)), limit=st.integers(1, 2000))
def test_overflow_frees_just_enough_oldest_first(sizes: list[int], limit: int) -> None:
    room = Room(limit, timedelta(days=1))
    going = overflowing(sum(sizes), room, [Held(n, size) for n, size in enumerate(sizes)])

    assert going == list(range(len(going)))
    rest = sum(sizes[len(going) :])
    assert rest <= limit
    if going:
        assert rest + sizes[going[-1]] > room.rest_bytes


@settings(max_examples=12, deadline=None)
@given(steps=st.lists(st.sampled_from(["audit", "metric", "take", "answer", "restart"]), max_size=60))
def test_whatever_happens_every_row_is_owed_or_told_or_in_a_gap(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "outbox.db"
    now = Moment(clock.BUILD_TIME, trusted=True, boot="b", boottime_ns=0)
    small = caps(limit_bytes=1500)
    outbox = prepare(path, lambda: now, small)
    written: set[int] = {1}
    told: set[int] = set()
    flight = None
    for step in steps:
        match step:
            case "audit" | "metric":
                written.add(outbox.append(step, {"pad": "x" * 50}, Priority(step)))
            case "take":
                flight = outbox.portion(Priority.METRIC, 0, 500) or outbox.portion(Priority.AUDIT, 0, 500)
            case "answer" if flight:
                outbox.acknowledged(flight)
                told |= {record.sequence for record in flight.records}
                told |= {n for gap in flight.gaps for n in range(gap.first, gap.last + 1)}
            case _:
                outbox = prepare(path, lambda: now, small)
    for priority in Priority:
        rest = outbox.portion(priority, 0, WIDE)
        if rest:
            told |= {record.sequence for record in rest.records}
            told |= {n for gap in rest.gaps for n in range(gap.first, gap.last + 1)}
    assert written <= told


def _write_for_ever(path: Path, pipe: int) -> None:
    now = Moment(clock.BUILD_TIME, trusted=True, boot="b", boottime_ns=0)
    outbox = Outbox(path, lambda: now)
    while True:
        os.write(pipe, outbox.append("count", {}, Priority.METRIC).to_bytes(8, "big"))


def test_a_killed_writer_loses_nothing_it_was_promised(make: Make, path: Path) -> None:
    """Kill -9 in a loop: each number that append returned is there, and the file is sound."""
    outbox = make()
    stream, promised = outbox.stream, []
    spawn = multiprocessing.get_context("fork")
    for round_ in range(6):
        reading, writing = os.pipe()
        writer = spawn.Process(target=_write_for_ever, args=(path, writing))
        writer.start()
        os.close(writing)
        promised += [int.from_bytes(os.read(reading, 8), "big") for _ in range(5 + 7 * round_)]
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        while number := os.read(reading, 8):
            promised.append(int.from_bytes(number, "big"))
        os.close(reading)

    assert make().stream == stream
    assert len(set(promised)) == len(promised)
    assert set(promised) <= set(owed(outbox))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
