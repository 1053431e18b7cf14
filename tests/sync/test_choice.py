"""Laws of the choice between brokers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.sync.choice import (
    AT_ONCE_S,
    FIRST_LOOK_S,
    LEFT_S,
    LONGEST_LOOK_S,
    LONGEST_REST_S,
    PATIENCE,
    STEADY_S,
    Choice,
)

EDGE, OFFICE = 0, 1
PATIENCE_S = PATIENCE * FIRST_LOOK_S


def most(_low: float, high: float) -> float:
    return high


def at_the_office(now: float = 0.0) -> Choice:
    choice = Choice(2, most)
    choice.ended(now, EDGE)
    assert choice.next(now) == (OFFICE, 0.0)
    choice.connected(now, OFFICE)
    return choice


def test_the_edge_comes_first_and_the_office_at_once_when_it_is_dead() -> None:
    choice = Choice(2, most)

    assert choice.next(0.0) == (EDGE, 0.0)
    choice.ended(0.0, EDGE)
    assert choice.next(0.0) == (OFFICE, 0.0)


def test_with_both_dead_each_attempt_waits_longer_up_to_a_minute() -> None:
    choice = Choice(2, most)
    now, waits = 0.0, []
    for _ in range(40):
        number, wait = choice.next(now)
        now += wait
        choice.ended(now, number)
        waits.append(wait)

    assert waits[:3] == [0.0, 0.0, 1.0]
    assert max(waits) <= LONGEST_REST_S
    assert sum(waits[-10:]) >= 4 * LONGEST_REST_S


def test_a_good_session_that_breaks_is_tried_once_more_before_another_broker() -> None:
    """A glitch of the edge is no reason to fetch everything over the line for two minutes."""
    choice = Choice(2, most)
    choice.connected(0.0, EDGE)
    choice.ended(STEADY_S, EDGE)

    number, wait = choice.next(STEADY_S)
    assert (number, wait) == (EDGE, pytest.approx(AT_ONCE_S))
    choice.ended(STEADY_S + wait, EDGE)
    assert choice.next(STEADY_S + wait) == (OFFICE, 0.0)


def test_it_returns_when_the_edge_answers_and_not_before() -> None:
    choice = at_the_office()

    assert choice.looks(FIRST_LOOK_S - 1) is None
    assert choice.looks(FIRST_LOOK_S) == EDGE
    choice.looked(FIRST_LOOK_S, answers=False)
    later = 2 * FIRST_LOOK_S
    assert choice.looks(later - 1) is None
    assert choice.looks(later) == EDGE
    choice.looked(later, answers=True)
    choice.ended(later, OFFICE)
    assert choice.next(later) == (EDGE, 0.0)


def test_an_edge_that_answers_and_drops_everyone_is_looked_at_ever_less() -> None:
    """No flapping: the time at the office doubles each time the edge did not hold."""
    choice = at_the_office()
    now, stays = 0.0, []
    for _ in range(8):
        began = now
        while choice.looks(now) is None:
            now += 1
        stays.append(now - began)
        choice.looked(now, answers=True)
        choice.ended(now, OFFICE)
        choice.connected(now, EDGE)
        choice.ended(now + 1, EDGE)
        number, _ = choice.next(now + 1)
        assert number == OFFICE
        choice.connected(now + 1, OFFICE)
        now += 1

    assert stays[:4] == pytest.approx([120, 240, 480, 960], abs=2)
    assert stays[-1] == pytest.approx(LONGEST_LOOK_S, abs=2)


def test_a_line_that_is_cut_every_few_seconds_is_taken_up_again_as_soon_each_time() -> None:
    """Pauses that grew would leave such a line idle most of the time."""
    choice = Choice(1, most)
    now = 0.0
    for _ in range(20):
        choice.connected(now, 0)
        now += 8.0
        choice.ended(now, 0)
        assert choice.next(now) == (0, pytest.approx(AT_ONCE_S))
        now += AT_ONCE_S


def test_a_broker_that_drops_everyone_at_once_is_left_alone_ever_longer() -> None:
    choice = Choice(1, most)
    now, rests = 0.0, []
    for _ in range(8):
        choice.connected(now, 0)
        choice.ended(now, 0)
        rests.append(choice.next(now)[1])
        now += rests[-1]

    assert rests == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_the_office_alone_is_never_left() -> None:
    choice = Choice(1, most)
    choice.connected(0.0, 0)

    choice.uplink(0.0, up=False)
    assert choice.looks(1e9) is None
    choice.ended(1e9, 0)
    assert choice.next(1e9)[0] == 0


def behind_a_cut_edge(now: float = 0.0) -> Choice:
    choice = Choice(2, most)
    choice.connected(now, EDGE)
    choice.uplink(now, up=False)
    return choice


def test_an_edge_that_lacks_the_office_for_a_minute_is_left_if_the_office_answers_its_booths() -> None:
    choice = behind_a_cut_edge()
    assert choice.looks(PATIENCE_S - 1) is None
    assert choice.looks(PATIENCE_S) == OFFICE
    choice.looked(PATIENCE_S, answers=True)
    choice.ended(PATIENCE_S, EDGE)

    assert choice.next(PATIENCE_S) == (OFFICE, 0.0)


def test_an_edge_that_is_cut_off_with_its_booths_keeps_them() -> None:
    choice = behind_a_cut_edge()
    choice.looked(PATIENCE_S, answers=False)

    assert choice.looks(2 * PATIENCE_S - 1) is None
    assert choice.looks(2 * PATIENCE_S) == OFFICE


def test_an_edge_whose_line_comes_back_in_time_is_not_left() -> None:
    choice = behind_a_cut_edge()
    choice.uplink(PATIENCE_S / 2, up=True)

    assert choice.looks(1e9) is None


def test_an_office_that_answers_and_takes_nobody_is_left_for_the_edge_again() -> None:
    choice = behind_a_cut_edge()
    choice.looked(PATIENCE_S, answers=True)
    choice.ended(PATIENCE_S, EDGE)
    now = PATIENCE_S
    tried = []
    for _ in range(5):
        number, wait = choice.next(now)
        now += wait
        tried.append(number)
        choice.ended(now, number)

    assert tried[0] == OFFICE
    assert EDGE in tried
    assert now <= PATIENCE_S + 2 * LEFT_S


def test_who_returns_to_an_edge_that_is_still_cut_off_leaves_at_once_and_returns_ever_less() -> None:
    choice = behind_a_cut_edge()
    now, stays = PATIENCE_S, []
    for _ in range(6):
        choice.looked(now, answers=True)
        choice.ended(now, EDGE)
        choice.connected(now, OFFICE)
        began = now
        while choice.looks(now) is None:
            now += 1
        stays.append(now - began)
        choice.looked(now, answers=True)
        choice.ended(now, OFFICE)
        assert choice.next(now) == (EDGE, 0.0)
        choice.connected(now, EDGE)
        choice.uplink(now, up=False)
        assert choice.looks(now) == OFFICE

    assert stays == pytest.approx([120, 240, 480, 960, 1920, 3600], abs=2)


@given(st.lists(st.tuples(st.sampled_from(["fail", "hold", "look", "cut off"]), st.floats(0, 1000)), max_size=60))
def test_whatever_happens_somebody_is_tried_within_a_minute(events: list[tuple[str, float]]) -> None:
    choice = Choice(3, most)
    now = 0.0
    for kind, seconds in events:
        number, wait = choice.next(now)
        assert 0 <= wait <= LONGEST_REST_S
        now += wait
        if kind != "fail":
            choice.connected(now, number)
            now += seconds
            if kind == "cut off":
                choice.uplink(now, up=False)
                now += seconds
            looked_at = choice.looks(now)
            if kind in ("look", "cut off") and looked_at is not None:
                choice.looked(now, answers=True)
                choice.ended(now, number)
                assert choice.next(now) == (looked_at, 0.0)
                continue
        choice.ended(now, number)
