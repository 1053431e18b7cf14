"""The publisher's order of things: a notice waits for nothing, and stays no longer than it counts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from mqtt.contract.notices import MessageType
from mqtt.contract.topics import Plane
from mqtt.office.link import Connected, Event, Sent, Stop
from mqtt.office.publisher.ledger import Chore, Ledger
from mqtt.office.publisher.service import AT_ONCE, Publisher
from tests.practice_office import Office


class Broker:
    """Takes what is said, and answers only when told to."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, int | None]] = []

    def publish(  # noqa: PLR0913 - as the link has it
        self, topic: str, payload: bytes, *, qos: int, retain: bool, expiry_s: int | None = None, answer: Any = None
    ) -> int:
        assert qos == 1
        assert retain or answer
        self.said.append((topic.removeprefix("gb/v1/"), payload, expiry_s))
        return len(self.said)

    @property
    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.said]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.fixed_now = office.now.replace(microsecond=0)
        yield office


@contextmanager
def publishing(office: Office, *chores: Chore) -> Iterator[tuple[Broker, "SimpleQueue[Event]"]]:
    inbox: SimpleQueue[Event] = SimpleQueue()
    broker = Broker()
    ledger = Ledger(office.engine, office.objects, chores, lambda: office.now)
    thread = Thread(target=Publisher(ledger, inbox, time.monotonic).run)
    thread.start()
    inbox.put(Connected(Plane.CONTROL, broker))  # type: ignore[arg-type]
    try:
        yield broker, inbox
    finally:
        inbox.put(Stop())
        thread.join(10)


def until(holds: Any) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_notice_goes_out_before_what_waited_already(office: Office) -> None:
    """Hundreds of texts wait for the broker's answers; the next thing that is said is the notice."""
    office.publish(
        "city", "dic", {f"item-{number}/item.dat": bytes([number % 256]) * number for number in range(1, 200)}
    )
    with publishing(office) as (broker, inbox):
        until(lambda: len(broker.said) == AT_ONCE)
        made = office.announce(expires=office.now + timedelta(hours=2))
        time.sleep(0.1)
        inbox.put(Sent(Plane.CONTROL, 1))
        until(lambda: len(broker.said) > AT_ONCE)
        assert broker.said[AT_ONCE] == (f"gate/cat-bi/notice/{made.id}", broker.said[AT_ONCE][1], 7200)
        number = 2
        while "repo/meta" not in broker.topics:
            inbox.put(Sent(Plane.CONTROL, number))
            number += 1
            time.sleep(0.0005)
        assert len(set(broker.topics)) == len(broker.topics), "and nothing is said twice"
        assert broker.topics[-1] == "repo/meta", "metadata still come after everything they vouch for"


def test_what_an_update_replaces_is_taken_back(office: Office) -> None:
    first = office.announce()
    with publishing(office) as (broker, inbox):
        until(lambda: "repo/meta" in broker.topics)
        for number in range(1, len(broker.said) + 1):
            inbox.put(Sent(Plane.CONTROL, number))
        before = len(broker.said)
        second = office.announce(type=MessageType.UPDATE, supersedes=(first.id,))
        until(lambda: len(broker.said) >= before + 2)
        assert broker.topics[before:] == [f"gate/cat-bi/notice/{second.id}", f"gate/cat-bi/notice/{first.id}"]
        assert broker.said[-1][1] == b""


def test_a_chore_is_done_again_and_again_and_its_failure_stops_nothing(office: Office) -> None:
    done: list[int] = []
    with publishing(office, Chore("count", 0.01, lambda: done.append(1))) as (broker, _):
        until(lambda: len(done) > 3)
        until(lambda: "repo/meta" in broker.topics)
