"""What the collector believes."""

from datetime import UTC, datetime

import pytest

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import STATE_LIMIT, ClockReport, Conn, DiskReport, Reported
from mqtt.office.collector.judge import is_news, read

MOMENT = datetime(2026, 11, 25, tzinfo=UTC)


def conn(boot: str, connection: int, *, online: bool) -> Conn:
    return Conn(booth="cb-01", online=online, boot=boot * 8, connection=connection)


def reported(boot: str, sequence: int) -> Reported:
    return Reported(
        booth="cb-01",
        boot=boot * 8,
        sequence=sequence,
        at=MOMENT,
        metadata={},
        clock=ClockReport(now=MOMENT, source="ntp", trusted=True),
        content_set=None,
        streams={},
        errors=(),
        disk=DiskReport(free=0, content=0),
    )


def refusal(topic: str, payload: bytes) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        read(topic, payload)
    return caught.value.code


def test_a_late_will_does_not_bury_a_newer_birth() -> None:
    assert not is_news(conn("a", 3, online=False), conn("a", 4, online=True))


def test_the_will_of_the_present_connection_counts_and_its_repeated_birth_does_not() -> None:
    assert is_news(conn("a", 4, online=False), conn("a", 4, online=True))
    assert not is_news(conn("a", 4, online=True), conn("a", 4, online=False))


def test_a_birth_after_a_restart_of_the_device_counts() -> None:
    assert is_news(conn("b", 1, online=True), conn("a", 9, online=True))


def test_a_late_will_of_the_boot_before_is_dropped() -> None:
    assert not is_news(conn("a", 9, online=False), conn("b", 1, online=True), conn("a", 9, online=True))


def test_a_will_of_a_boot_never_heard_of_counts() -> None:
    """It was born and died while the collector was away."""
    assert is_news(conn("c", 1, online=False), conn("b", 1, online=True), conn("a", 9, online=True))


def test_reports_of_one_boot_only_grow() -> None:
    assert is_news(reported("a", 5), reported("a", 4))
    assert not is_news(reported("a", 3), reported("a", 4))
    assert is_news(reported("b", 1), reported("a", 4))


def test_a_booth_speaks_for_itself_only() -> None:
    assert refusal("gb/v1/booth/cb-02/conn", encode(conn("a", 1, online=True))) is ErrorCode.AUTHORITY


def test_what_is_not_well_formed_has_its_code() -> None:
    topic = "gb/v1/booth/cb-01/conn"

    assert refusal(topic, b"{") is ErrorCode.MALFORMED
    assert refusal(topic, encode(conn("a", 1, online=True))[:-4]) is ErrorCode.MALFORMED
    assert refusal(topic, b" " * (STATE_LIMIT + 1)) is ErrorCode.SIZE
    assert refusal(topic, b'{"schema":"conn/2"}') is ErrorCode.SCHEMA
    assert refusal("gb/v1/booth/cb-01/reported", encode(conn("a", 1, online=True))) is ErrorCode.SCHEMA


def test_other_topics_and_emptied_ones_say_nothing() -> None:
    assert read("gb/v1/repo/meta", b"x") is None
    assert read("gb/v1/booth/cb-01/conn", b"") is None
