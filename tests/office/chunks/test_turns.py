"""Whose piece is next, decided without a broker or a clock."""

from hypothesis import given
from hypothesis import strategies as st

from mqtt.office.chunks.turns import Piece, Turns


def large(number: int, blob: str = "film") -> Piece:
    return Piece(blob, "index", number, number * 10, 10, b"d")


def small(blob: str) -> Piece:
    return Piece(blob, None, 0, 0, 10, b"d")


def drain(turns: Turns, now: float = 0.0) -> list[tuple[str, Piece]]:
    found = []
    while (turn := turns.next(now)) is not None:
        found.append(turn)
    return found


def test_booths_take_turns() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "greedy", [large(number) for number in range(100)])
    turns.ask(0, "gate", "modest", [large(0, "other")])

    assert [piece.blob for _, piece in drain(turns)][:3] == ["film", "other", "film"]


def test_small_blobs_overtake_large_ones_of_the_same_booth() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "booth", [large(0), large(1)])
    turns.ask(0, "gate", "booth", [small("page")])

    assert [piece.blob for _, piece in drain(turns)] == ["page", "film", "film"]


def test_equal_pieces_of_a_gate_are_sent_once_and_of_two_gates_twice() -> None:
    turns = Turns(hold_off_s=1)
    for gate, booth in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        turns.ask(0, gate, booth, [large(0), large(1)])

    assert sorted((gate, piece.number) for gate, piece in drain(turns)) == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_another_cut_of_the_same_blob_is_another_piece() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "one", [large(0)])
    turns.ask(0, "gate", "two", [Piece("film", "another index", 0, 0, 20, b"e")])

    assert len(drain(turns)) == 2


def test_a_copy_on_its_way_serves_a_neighbour_who_was_listening_by_then() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "one", [large(0)])
    turns.ask(0, "gate", "two", [large(9)])
    drain(turns, 0.1)

    assert turns.ask(0.2, "gate", "two", [large(0)]) == 0


def test_a_copy_does_not_serve_who_came_after_it_left() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "one", [large(0)])
    drain(turns, 0.1)

    assert turns.ask(0.2, "gate", "two", [large(0)]) == 1


def test_who_lost_his_own_copy_gets_another_at_once() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "one", [large(0)])
    drain(turns, 0.1)

    assert turns.ask(0.2, "gate", "one", [large(0)]) == 1


def test_after_the_hold_off_a_copy_serves_nobody() -> None:
    turns = Turns(hold_off_s=1)
    turns.ask(0, "gate", "one", [large(0)])
    turns.ask(0, "gate", "two", [large(9)])
    drain(turns, 0.1)

    assert turns.ask(1.2, "gate", "two", [large(0)]) == 1


def test_a_flood_waits_within_a_bound() -> None:
    """What goes beyond is left out; the booth asks again when its patience ends."""
    turns = Turns(hold_off_s=1, lane_limit=10 * 1024)
    turns.ask(0, "gate", "hostile", [large(number) for number in range(10_000)])
    turns.ask(0, "gate", "hostile", [Piece(f"gone-{number}", None, 0) for number in range(10_000)])

    assert len(turns) == 10


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 5), st.booleans())))
def test_every_piece_that_was_queued_is_sent_once(asks: list[tuple[str, str, int, bool]]) -> None:
    turns = Turns(hold_off_s=5)
    queued, sent = 0, 0
    for now, (gate, booth, number, pause) in enumerate(asks):
        queued += turns.ask(now, gate, booth, [large(number)])
        if pause:
            sent += turns.next(now) is not None
    sent += len(drain(turns, len(asks)))

    assert sent == queued
    assert len(turns) == 0
