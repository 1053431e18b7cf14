"""A limit per gate at the chunk server."""

from mqtt.bulk.limit import LEAST_BURST
from mqtt.office.chunks.turns import Piece, Turns

CHUNK = 64 * 1024


def film(number: int) -> Piece:
    return Piece("film", "index", number, number * CHUNK, CHUNK, b"d")


def test_a_gate_gets_its_rate_and_no_more() -> None:
    turns = Turns(0.25, gate_rate=CHUNK)
    turns.ask(0.0, "cat-bi", "cb-01", [film(number) for number in range(20)])
    sent, now = 0, 0.0
    while now <= 10:
        while turns.next(now):
            sent += 1
        assert sent * CHUNK <= CHUNK * now + LEAST_BURST + CHUNK
        assert turns.opens() is not None
        now = turns.opens() or 0.0

    assert sent >= 10


def test_another_gate_and_small_pieces_do_not_wait_for_it() -> None:
    turns = Turns(0.25, gate_rate=1)
    turns.ask(0.0, "cat-bi", "cb-01", [film(number) for number in range(3)])
    assert turns.next(0.0) == ("cat-bi", film(0))
    assert turns.next(0.0) is None
    text = Piece("text", None, 0, 0, 100, b"t")
    turns.ask(0.0, "cat-bi", "cb-02", [text])
    turns.ask(0.0, "hai-phong-port", "hp-01", [film(0)])

    assert turns.next(0.0) == ("cat-bi", text)
    assert turns.next(0.0) == ("hai-phong-port", film(0))


def test_a_copy_that_passed_answers_those_who_listened() -> None:
    turns = Turns(0.25)
    turns.ask(0.0, "cat-bi", "cb-01", [film(5)])
    assert turns.next(0.0) == ("cat-bi", film(5))
    turns.passed(0.1, "cat-bi", film(0))

    assert turns.ask(0.1, "cat-bi", "cb-01", [film(0)]) == 0
    assert turns.ask(0.4, "cat-bi", "cb-01", [film(0)]) == 1
