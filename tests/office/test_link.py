"""Pauses between attempts; the rest of the link is tested on real brokers."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt.office.link import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, STEADY_S, Pauses


@given(st.lists(st.floats(0, STEADY_S / 2), max_size=40))
def test_pauses_are_bounded_and_never_nothing(lasted: list[float]) -> None:
    pauses = Pauses()

    assert all(SHORTEST_PAUSE_S / 2 <= pauses.after(one) <= LONGEST_PAUSE_S for one in lasted)


def test_pauses_grow_while_nothing_holds_and_are_short_again_after_a_good_connection() -> None:
    pauses = Pauses(draw=lambda _low, high: high)

    assert [pauses.after(0) for _ in range(3)] == [SHORTEST_PAUSE_S, 2 * SHORTEST_PAUSE_S, 4 * SHORTEST_PAUSE_S]
    assert pauses.after(STEADY_S) == SHORTEST_PAUSE_S


def test_a_fleet_does_not_come_back_at_once() -> None:
    """The draw has the whole interval to fall in."""
    bounds: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    pauses = Pauses(draw)
    for _ in range(5):
        pauses.after(0)

    assert all(low < high / 10 for low, high in bounds[4:])
