"""Notices at the office: whose duty, what follows what, merged once, taken back with their keys, who has seen them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import MessageType, NoticeText, Status, Urgency
from mqtt.office.authority import parse_authority
from mqtt.office.database import notices, records
from mqtt.office.notices.asking import listed, who_saw
from mqtt.office.notices.compose import Parts, agency_for, compose, kinds_of
from mqtt.office.notices.raising import merge
from provisioning.authority import DEFAULT
from provisioning.regulation import rotate_role
from tests.practice_office import Office

TERMS = parse_authority(DEFAULT.read_bytes())
HOUR = timedelta(hours=1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.fixed_now = office.now.replace(microsecond=0)
        yield office


def refused(office: Office, **parts: Any) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        office.announce(**parts)
    return caught.value.code


@pytest.mark.parametrize(
    ("gate", "kind", "agency"),
    [("cat-bi", "weather", "dic"), ("*", "weather", "dic"), ("cat-bi", "flights", "airport"), ("*", "flights", None),
     ("hai-phong-port", "flights", None), ("hai-phong-port", "entry", "border-guard"), ("cat-bi", "entry", "police")],
)  # fmt: skip
def test_each_notice_is_one_agency_s_duty_or_nobody_s(gate: str, kind: str, agency: str | None) -> None:
    assert agency_for(TERMS, gate, kind) == agency
    assert kinds_of(TERMS, gate).get(kind) == agency


def test_what_is_nobody_s_duty_or_another_s_is_refused_before_it_is_signed(office: Office) -> None:
    assert refused(office, kind="weather") is ErrorCode.AUTHORITY
    assert refused(office, agency="dic") is ErrorCode.AUTHORITY
    assert refused(office, gate="moon") is ErrorCode.UNKNOWN


def test_a_calm_notice_needs_all_languages_an_urgent_one_two(office: Office) -> None:
    assert refused(office, urgency=Urgency.NORMAL) is ErrorCode.TEXT
    assert refused(office, texts={"vi": NoticeText(headline="Sân bay đóng cửa")}) is ErrorCode.TEXT
    assert office.announce()


def test_what_follows_must_follow_something_that_is_there_and_still_counts(office: Office) -> None:
    first = office.announce()
    update: dict[str, Any] = {"type": MessageType.UPDATE, "supersedes": (first.id,)}
    assert refused(office, type=MessageType.UPDATE, supersedes=("no-such-notice",)) is ErrorCode.UNKNOWN
    assert refused(office, status=Status.EXERCISE, **update) is ErrorCode.AUTHORITY
    office.announce(**update)
    assert refused(office, **update) is ErrorCode.CANCELLED


@pytest.mark.parametrize(
    "times", [{"expires": -HOUR}, {"expires": timedelta(days=4)}, {"effective": 3 * HOUR, "expires": 2 * HOUR}]
)
def test_times_make_sense(office: Office, times: dict[str, timedelta]) -> None:
    assert refused(office, **{name: office.now + one for name, one in times.items()}) is ErrorCode.MALFORMED


def test_only_what_counts_is_retained_at_every_gate_it_is_for(office: Office) -> None:
    one = office.announce(gate="*", expires=office.now + HOUR)
    assert sorted(office.notices(office.now)) == [
        f"gb/v1/gate/{gate}/notice/{one.id}" for gate in ("cat-bi", "hai-phong-port")
    ]
    assert office.notices(office.now + HOUR) == {}
    office.announce(gate="*", type=MessageType.CANCEL, supersedes=(one.id,), texts={})
    assert len(office.notices(office.now)) == 2, "the cancellation, at both"


def test_a_notice_of_a_gate_is_merged_once_and_a_forged_one_never(office: Office, tmp_path: Path) -> None:
    """The officer at the gate has her own key; here it is that of a copy of the office."""
    made = office.announce()
    (envelope, *_) = office.notices(office.now).values()
    with office.engine.begin() as connection:
        connection.execute(notices.delete())
    with office.changing() as change:
        assert merge(change, envelope) == made
    with office.changing() as change:
        assert merge(change, envelope) is None
    with Office(tmp_path / "stranger", now=office.now + timedelta(seconds=1)) as stranger:
        stranger.announce()
        (forged, *_) = stranger.notices(stranger.now).values()
    with office.changing() as change, pytest.raises(ContractError) as caught:
        merge(change, forged)
    assert caught.value.code in {ErrorCode.SIGNATURE, ErrorCode.EXISTS}


def test_with_its_keys_a_notice_is_taken_back(office: Office) -> None:
    office.announce()
    rotate_role(office.home, office.engine, "police-duty", office.now)
    assert office.notices(office.now) == {}


def test_who_saw_knows_every_booth_it_is_for_and_the_first_time_of_each(office: Office) -> None:
    for booth, gate in (("cb-01", "cat-bi"), ("cb-02", "cat-bi"), ("hp-01", "hai-phong-port")):
        office.add_booth(booth, gate)
    made = office.announce()
    rows = [
        ("notice-received", {"notice": made.id, "way": "notice"}, 1),
        ("notice-shown", {"notice": made.id, "where": "page"}, 2),
        ("notice-shown", {"notice": made.id, "where": "page"}, 9),
        ("notice-shown", {"notice": "another-notice", "where": "screen"}, 3),
    ]
    with office.engine.begin() as connection:
        for number, (kind, body, after) in enumerate(rows, 1):
            at = office.now + timedelta(seconds=after)
            row = {"booth": "cb-01", "stream": "s" * 36, "seq": number, "priority": "operation", "kind": kind}
            connection.execute(records.insert().values(**row, at=at, clock_trusted=True, body=body, received=at))
    with office.engine.connect() as connection:
        first, second = who_saw(connection, made.id)
        with pytest.raises(ContractError):
            who_saw(connection, "no-such-notice")
    assert (first.booth, second.booth, second.received) == ("cb-01", "cb-02", None)
    assert first.page is not None
    assert first.page.second == (office.now + timedelta(seconds=2)).second
    assert first.screen is None


def test_the_list_says_what_has_become_of_each(office: Office) -> None:
    first = office.announce(expires=office.now + HOUR)
    second = office.announce(type=MessageType.UPDATE, supersedes=(first.id,), expires=office.now + 2 * HOUR)
    with office.engine.connect() as connection:
        lines = {line.notice.id: line for line in listed(connection, office.now + HOUR)}
    assert (lines[first.id].later, lines[first.id].is_over) == (second.id, True)
    assert (lines[second.id].later, lines[second.id].is_over) == (None, False)


def test_ids_of_one_second_are_told_apart_by_their_token(office: Office) -> None:
    parts = Parts(gate="cat-bi", kind="flights", texts={one: NoticeText(headline="Chuyến bay 12:00") for one in ()})
    with pytest.raises(ContractError):
        compose(parts, TERMS, office.now, "0001")
    assert office.announce().id != office.announce().id
