"""Which notices are in force."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.notices.force import in_force
from mqtt.contract.notices import MessageType, Notice, NoticeText, Status, Urgency

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
GATE = "cat-bi"
FIRST, LATER = "weather-first", "weather-later"


def notice(name: str = FIRST, **parts: Any) -> Notice:
    said: dict[str, Any] = {
        "agency": "dic",
        "gate": GATE,
        "kind": "weather",
        "status": Status.ACTUAL,
        "type": MessageType.UPDATE if parts.get("supersedes") else MessageType.ALERT,
        "urgency": Urgency.NORMAL,
        "sent": NOON,
        "expires": NOON + 6 * HOUR,
        "texts": {"vi": NoticeText(headline="Sương mù")},
    }
    return Notice(id=name, **(said | parts))


def shown(*kept: Notice, at: datetime = NOON + HOUR, trusted: bool = True, gate: str = GATE) -> list[str]:
    return [one.id for one in in_force(kept, gate, at, trusted=trusted)]


def test_a_notice_counts_from_its_beginning_until_just_before_its_end() -> None:
    one = notice(effective=NOON + HOUR)
    assert not shown(one, at=NOON + HOUR - timedelta(seconds=1))
    assert shown(one, at=NOON + HOUR)
    assert shown(one, at=NOON + 6 * HOUR - timedelta(seconds=1))
    assert not shown(one, at=NOON + 6 * HOUR)


def test_a_booth_that_does_not_know_the_time_shows_a_warning_too_early_rather_than_not() -> None:
    """Its lower bound can still say that a notice is certainly over."""
    one = notice(effective=NOON + HOUR)
    assert shown(one, at=NOON - 24 * HOUR, trusted=False)
    assert not shown(one, at=NOON + 6 * HOUR, trusted=False)


@pytest.mark.parametrize(("gate", "is_shown"), [("cat-bi", True), ("*", True), ("hai-phong-port", False)])
def test_a_notice_is_shown_at_its_gate(gate: str, is_shown: bool) -> None:  # noqa: FBT001 - a column
    assert bool(shown(notice(gate=gate))) is is_shown


def test_a_cancelled_notice_is_gone_and_a_cancellation_is_never_shown() -> None:
    cancel = notice(LATER, type=MessageType.CANCEL, supersedes=(FIRST,), texts={})
    assert not shown(notice(), cancel)


def test_an_update_takes_the_place_of_what_it_updates_and_leaves_nothing_behind_when_it_is_over() -> None:
    update = notice(LATER, supersedes=(FIRST,), expires=NOON + 2 * HOUR)
    assert shown(notice(), update) == [LATER]
    assert not shown(notice(), update, at=NOON + 3 * HOUR)


def test_an_update_that_has_not_begun_leaves_the_first_where_it_is() -> None:
    update = notice(LATER, supersedes=(FIRST,), effective=NOON + 2 * HOUR)
    assert shown(notice(), update) == [FIRST]
    assert shown(notice(), update, at=NOON + 2 * HOUR) == [LATER]


@pytest.mark.parametrize(
    "foreign",
    [
        {"agency": "police"},
        {"status": Status.EXERCISE},
        {"status": Status.TEST},
        {"gate": GATE, "_earlier_gate": "*"},
        {"sent": NOON - HOUR},
    ],
)
def test_nobody_else_takes_a_notice_away(foreign: dict[str, Any]) -> None:
    """Another agency, an exercise, one gate for all gates, or something said earlier."""
    earlier = notice(gate=foreign.pop("_earlier_gate", GATE))
    assert FIRST in shown(earlier, notice(LATER, supersedes=(FIRST,), **foreign))


def test_a_test_is_never_shown_and_an_exercise_comes_after_all_that_is_real() -> None:
    kept = (
        notice("weather-test-1", status=Status.TEST, urgency=Urgency.URGENT),
        notice("weather-drill", status=Status.EXERCISE, urgency=Urgency.URGENT),
        notice("weather-calm-1"),
        notice("weather-urgent", urgency=Urgency.URGENT),
        notice("weather-calm-2", sent=NOON + timedelta(minutes=1)),
    )
    assert shown(*kept) == ["weather-urgent", "weather-calm-2", "weather-calm-1", "weather-drill"]


NOTICES = st.lists(
    st.builds(
        lambda number, follows, agency, status, sent, lasts, kind: (number, follows, agency, status, sent, lasts, kind),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(["dic", "police"]),
        st.sampled_from(list(Status)),
        st.integers(0, 8),
        st.integers(1, 72),
        st.sampled_from(list(MessageType)),
    ),
    max_size=6,
    unique_by=lambda row: row[0],
)


@given(NOTICES, st.integers(-2, 90), st.booleans(), st.randoms())
def test_the_order_in_which_notices_arrived_decides_nothing(rows: Any, hours: int, trusted: bool, dice: Any) -> None:  # noqa: FBT001
    """Whatever the broker did to their order; and nothing over, cancelled or of a test is ever shown."""
    kept = []
    for number, follows, agency, status, sent, lasts, kind in rows:
        if number == follows and kind is not MessageType.ALERT:
            continue
        begin = NOON + sent * HOUR
        refers = () if kind is MessageType.ALERT else (f"weather-{follows}",)
        kept.append(
            notice(
                f"weather-{number}", agency=agency, status=status, sent=begin, expires=begin + lasts * HOUR, type=kind,
                supersedes=refers,
            )
        )  # fmt: skip
    now = NOON + hours * HOUR
    first = in_force(kept, GATE, now, trusted=trusted)
    dice.shuffle(kept)
    assert in_force(kept, GATE, now, trusted=trusted) == first
    assert all(now < one.expires and one.type is not MessageType.CANCEL for one in first)
    assert Status.TEST not in {one.status for one in first}
