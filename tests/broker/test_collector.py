"""The collector on a real broker, told by real booths."""

import signal
from typing import Any

import pytest

from mqtt.contract import topics
from mqtt.contract.documents import decode, encode
from mqtt.contract.state import STATE_LIMIT, Conn, Info

pytestmark = pytest.mark.broker

CONN = topics.CONN.at(booth="cb-01")


def conn(connection: int, *, online: bool, boot: str = "a" * 8, booth: str = "cb-01") -> bytes:
    return encode(Conn(booth=booth, online=online, boot=boot, connection=connection))


def info(booth: str, software: str) -> bytes:
    return encode(Info(booth=booth, gate="cat-bi", software=software, roles=(), panels=(), languages=(), schemas=()))


def test_the_newest_state_is_kept_and_a_late_will_is_not(office: Any, eventually: Any) -> None:
    with office.brokers(), office.serve("collector"), office.peer("cb-01") as booth:
        booth.say([(CONN, conn(1, online=True))], retain=True)
        eventually(lambda: office.state("cb-01", "conn"))
        for payload in (conn(1, online=True), conn(2, online=True), conn(1, online=False)):
            booth.say([(CONN, payload)], retain=True)
        booth.say([(topics.INFO.at(booth="cb-01"), info("cb-01", "1"))], retain=True)
        eventually(lambda: office.state("cb-01", "info"))

        assert decode(Conn, office.state("cb-01", "conn"), STATE_LIMIT).online


def test_a_booth_that_goes_without_a_word_is_known_to_be_gone(office: Any, eventually: Any) -> None:
    with office.brokers(), office.serve("collector"):
        booth = office.peer("cb-01")
        booth.will(CONN, conn(1, online=False))
        with booth:
            booth.say([(CONN, conn(1, online=True))], retain=True)
            eventually(lambda: office.state("cb-01", "conn") == conn(1, online=True))
            booth.drop()
            eventually(lambda: office.state("cb-01", "conn") == conn(1, online=False))


def test_bad_messages_are_logged_with_their_code_and_dropped(office: Any, eventually: Any) -> None:
    topic = topics.INFO.at(booth="cb-01")
    with office.brokers(), office.serve("collector"), office.peer("cb-01") as booth:
        booth.say([(CONN, conn(1, online=True))], retain=True)
        eventually(lambda: office.state("cb-01", "conn"))
        for payload in (b"{", info("cb-02", "1"), b'{"schema":"info/9"}', b" " * (STATE_LIMIT + 1)):
            booth.say([(topic, payload)], retain=True)
        booth.say([(CONN, conn(2, online=True))], retain=True)
        eventually(lambda: office.state("cb-01", "conn") == conn(2, online=True))

        assert office.state("cb-01", "info") is None
        assert office.state("cb-02", "info") is None
        log = office.log("collector")
        assert all(code in log for code in ("E_MALFORMED", "E_AUTHORITY", "E_SCHEMA", "E_SIZE"))


def test_what_is_said_while_it_is_dead_is_recorded_when_it_lives_again(office: Any, eventually: Any) -> None:
    topic = topics.INFO.at(booth="cb-01")
    with office.brokers(), office.peer("cb-01") as booth:
        with office.serve("collector") as process:
            booth.say([(topic, info("cb-01", "1"))], retain=True)
            eventually(lambda: office.state("cb-01", "info") == info("cb-01", "1"))
            process.send_signal(signal.SIGKILL)
            process.wait()
        booth.say([(topic, info("cb-01", "2"))], retain=True)
        with office.serve("collector"):
            eventually(lambda: office.state("cb-01", "info") == info("cb-01", "2"))


def test_a_broker_that_lost_its_memory_is_listened_to_again(office: Any, eventually: Any) -> None:
    topic = topics.INFO.at(booth="cb-01")
    with office.serve("collector"):
        with office.brokers(), office.peer("cb-01") as booth:
            booth.say([(topic, info("cb-01", "1"))], retain=True)
            eventually(lambda: office.state("cb-01", "info") == info("cb-01", "1"))
        office.wipe()
        with office.brokers(), office.peer("cb-01") as booth:
            booth.say([(topic, info("cb-01", "2"))], retain=True)
            eventually(lambda: office.state("cb-01", "info") == info("cb-01", "2"), 15)
