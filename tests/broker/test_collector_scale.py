"""A collector that comes back to everything a large fleet has said: brokers drop silently what a queue cannot hold."""

import signal
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from mqtt.contract import topics
from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ErrorCode
from mqtt.contract.state import (
    STATE_LIMIT,
    ClockReport,
    Conn,
    DiskReport,
    Info,
    Refusal,
    Reported,
    StreamReport,
    StreamState,
)
from mqtt.contract.topics import Plane
from mqtt.office.database import reports
from tests.broker.conftest import OBSERVER, Peer

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

BOOTHS = 5000
"""Each keeps three retained messages: 15,000 in all."""
AT = datetime(2026, 11, 25, 5, tzinfo=UTC)
REFUSED = Refusal(code=ErrorCode.SIGNATURE, subject="repo/meta", detail="x" * 200, at=AT)
STREAMS = {f"category-{n}/agency-{n}": StreamReport(state=StreamState.SHOWN, shown=n) for n in range(1, 13)}


def fleet(number: int) -> list[tuple[str, bytes]]:
    """What every booth says for the ``number``-th time; reports are as long as those of a busy booth."""
    said: list[tuple[str, bytes]] = []
    for place in range(BOOTHS):
        booth = f"cb-{place:04}"
        reported = Reported(
            booth=booth,
            boot="a" * 8,
            sequence=number,
            at=AT,
            metadata=dict.fromkeys(("root", "timestamp", "snapshot", "targets"), number),
            clock=ClockReport(now=AT, source="ntp", trusted=True),
            content_set=number,
            streams=STREAMS,
            errors=(REFUSED,) * 4,
            disk=DiskReport(free=1 << 34, content=1 << 30),
        )
        info = Info(
            booth=booth, gate="cat-bi", software=str(number), roles=(), panels=(), languages=(), schemas=()
        )  # fmt: skip
        conn = Conn(booth=booth, online=True, boot="a" * 8, connection=number)
        said += [
            (topics.CONN.at(booth=booth), encode(conn)),
            (topics.INFO.at(booth=booth), encode(info)),
            (topics.REPORTED.at(booth=booth), encode(reported)),
        ]
    return said


def say(peer: Peer, number: int) -> None:
    words = fleet(number)
    for first in range(0, len(words), 500):
        peer.say(words[first : first + 500], retain=True)


def counts(office: Any) -> dict[int, int]:
    """How many of the kept documents are of which round."""
    found: dict[int, int] = {}
    with office.engine.connect() as connection:
        for kind, body in connection.execute(select(reports.c.kind, reports.c.body)):
            match kind:
                case "conn":
                    number = decode(Conn, body, STATE_LIMIT).connection
                case "info":
                    number = int(decode(Info, body, STATE_LIMIT).software)
                case "reported":
                    number = decode(Reported, body, STATE_LIMIT).sequence
                case _:
                    continue
            found[number] = found.get(number, 0) + 1
    return found


def kept(office: Any) -> int:
    with office.engine.connect() as connection:
        return len(connection.execute(select(reports.c.booth)).all())


def until_all_are_of(number: int, office: Any, wait_s: float = 60.0) -> None:
    end = time.monotonic() + wait_s
    while (found := counts(office)) != {number: 3 * BOOTHS}:
        assert time.monotonic() < end, found
        time.sleep(0.5)


def test_fifteen_thousand_retained_messages_all_come_after_a_kill_and_after_an_absence(
    office: Any, eventually: Any
) -> None:
    office.authority.issue("observer")
    with office.brokers() as brokers:
        with (office.home.brokers / "control/acl").open("a") as rights:
            rights.write(OBSERVER)
        brokers.processes[Plane.CONTROL].send_signal(signal.SIGHUP)
        with office.peer("observer") as booths:
            say(booths, 1)
            with office.serve("collector") as collector:
                eventually(lambda: kept(office) > BOOTHS, 60)
                collector.send_signal(signal.SIGKILL)
                collector.wait()
            assert kept(office) < 3 * BOOTHS
            with office.serve("collector"):
                until_all_are_of(1, office)
            say(booths, 2)
            with office.serve("collector"):
                until_all_are_of(2, office)
