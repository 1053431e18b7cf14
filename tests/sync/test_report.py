"""Laws of the report: a change is told after a moment of quiet, once, and a late will is corrected."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import pytest

from appliance.identity import Broker, Identity
from appliance.sync.messages import Outgoing, Publish
from appliance.sync.report import PROGRESS_S, QUIET_S, REPEAT_S, Condition, Reporter
from appliance.trust.time import Belief
from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.state import STATE_LIMIT, ConfigReport, Conn, DiskReport, Info, Reported, StreamReport, StreamState

NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
IDENTITY: Final = Identity(booth="cb-01", gate="cat-bi", roles=("screen",), brokers=(Broker(host="127.0.0.1"),))
STREAM: Final = StreamReport(state=StreamState.FETCHING, target=2, have=10, need=100)
CONDITION: Final = Condition(
    belief=Belief(NOON, "ntp", trusted=True),
    versions={"root": 1},
    content_set=1,
    streams={"city/dic": STREAM},
    errors=(),
    disk=DiskReport(free=1, content=1),
    configuration=ConfigReport(revisions={}, fingerprint="f" * 64),
)


@pytest.fixture
def reporter() -> Reporter:
    return Reporter(IDENTITY, "boot-one", "1.2")


def payloads(messages: list[Outgoing], topic: topics.Topic) -> list[bytes]:
    return [one.payload for one in messages if isinstance(one, Publish) and topic.match(one.topic)]


def reports(messages: list[Outgoing]) -> list[Reported]:
    return [decode(Reported, body, STATE_LIMIT) for body in payloads(messages, topics.REPORTED)]


def test_nothing_is_due_while_nobody_listens(reporter: Reporter) -> None:
    reporter.touch(0.0)
    assert reporter.next_deadline(fetching=True) is None
    reporter.birth(0.0)
    assert reporter.next_deadline(fetching=True) is not None
    reporter.death()
    assert reporter.next_deadline(fetching=True) is None


def test_a_birth_says_who_we_are_and_that_a_report_follows(reporter: Reporter) -> None:
    said = reporter.birth(5.0)
    (conn,) = (decode(Conn, body, STATE_LIMIT) for body in payloads(said, topics.CONN))
    (info,) = (decode(Info, body, STATE_LIMIT) for body in payloads(said, topics.INFO))
    assert (conn.online, conn.boot, conn.connection) == (True, "boot-one", 1)
    assert (info.gate, info.software) == ("cat-bi", "1.2")
    assert all(isinstance(one, Publish) and one.retain and one.qos == 1 for one in said)
    assert reporter.next_deadline(fetching=False) == 5.0 + QUIET_S


def test_many_changes_are_one_report_after_a_moment_of_quiet(reporter: Reporter) -> None:
    """The first change starts the clock, so that a storm of changes cannot put the report off for ever."""
    reporter.birth(0.0)
    reporter.report(QUIET_S, CONDITION)
    for step in range(5):
        reporter.touch(1.0 + step / 100)
    assert reporter.next_deadline(fetching=False) == 1.0 + QUIET_S


def test_what_the_office_knows_is_not_said_again(reporter: Reporter) -> None:
    """Progress, time and space alone are no news."""
    reporter.birth(0.0)
    (first,) = reports(reporter.report(1.0, CONDITION))
    moved = replace(
        CONDITION,
        belief=Belief(NOON + timedelta(seconds=1), "rtc", trusted=True),
        streams={"city/dic": msgspec.structs.replace(STREAM, have=50)},
        disk=DiskReport(free=2, content=2),
    )
    reporter.touch(2.0)
    assert reporter.report(2.3, moved) == []
    assert first.streams["city/dic"].have == 10


@pytest.mark.parametrize(
    "change",
    [
        {"content_set": 2},
        {"versions": {"root": 2}},
        {"streams": {"city/dic": msgspec.structs.replace(STREAM, state=StreamState.REFUSED)}},
        {"streams": {}},
        {"belief": Belief(NOON, "floor", trusted=False)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_state_is_said_at_once(reporter: Reporter, change: dict[str, object]) -> None:
    reporter.birth(0.0)
    (first,) = reports(reporter.report(1.0, CONDITION))
    (second,) = reports(reporter.report(1.1, replace(CONDITION, **change)))
    assert second.sequence == first.sequence + 1


def test_progress_is_told_every_ten_seconds_and_all_once_an_hour(reporter: Reporter) -> None:
    reporter.birth(0.0)
    reporter.report(1.0, CONDITION)
    assert reporter.next_deadline(fetching=True) == 1.0 + PROGRESS_S
    assert reporter.next_deadline(fetching=False) == 1.0 + REPEAT_S
    assert len(reports(reporter.report(1.0 + PROGRESS_S, CONDITION))) == 1


def test_after_a_new_connection_everything_is_said_again(reporter: Reporter) -> None:
    """The broker may have forgotten it all."""
    reporter.birth(0.0)
    reporter.report(1.0, CONDITION)
    reporter.death()
    reporter.birth(2.0)
    assert len(reports(reporter.report(2.3, CONDITION))) == 1


def test_the_will_is_of_the_connection_that_is_made_next(reporter: Reporter) -> None:
    """Else the office could not tell the death of this connection from that of the one before."""
    will = decode(Conn, reporter.will(), STATE_LIMIT)
    (birth,) = (decode(Conn, body, STATE_LIMIT) for body in payloads(reporter.birth(0.0), topics.CONN))
    assert (will.online, will.connection) == (False, birth.connection)


@pytest.mark.parametrize(
    ("said", "corrected"),
    [
        (Conn(booth="cb-01", online=True, boot="boot-one", connection=1), False),
        (Conn(booth="cb-01", online=False, boot="boot-one", connection=1), True),
        (Conn(booth="cb-01", online=False, boot="boot-zero", connection=7), True),
        (Conn(booth="cb-01", online=True, boot="boot-zero", connection=7), True),
    ],
)
def test_whatever_else_is_said_of_this_connection_is_corrected(
    reporter: Reporter, said: Conn, *, corrected: bool
) -> None:
    reporter.birth(0.0)
    answers = [decode(Conn, body, STATE_LIMIT) for body in payloads(reporter.correct(said), topics.CONN)]
    assert answers == ([Conn(booth="cb-01", online=True, boot="boot-one", connection=1)] if corrected else [])
