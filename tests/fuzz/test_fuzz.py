"""The fuzzer itself: it repeats itself, it notices, and a few hundred cases of every gate run find nothing."""

import random
from pathlib import Path

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from tests.fuzz.mutation import LONGEST, spoil
from tests.fuzz.registry import TARGETS
from tests.fuzz.run import Bench, Tally
from tests.fuzz.target import Entry, Parser, must

SAMPLES = (b'{"schema":"ack/1","through":104,"texts":[1,2]}', b"plain text, 12 bytes", b"")


def test_the_same_seed_gives_the_same_cases() -> None:
    cases = [[spoil(dice, SAMPLES) for _ in range(300)] for dice in (random.Random(5), random.Random(5))]
    assert cases[0] == cases[1]
    assert len(set(cases[0])) > 150
    assert all(len(case) <= LONGEST for case in cases[0])


@pytest.mark.parametrize("entry", TARGETS, ids=lambda entry: entry.name)
def test_every_target_finds_nothing_and_reaches_its_valid_side(entry: Entry, tmp_path: Path) -> None:
    bench, tally, dice = Bench(tmp_path / "targets"), Tally(), random.Random(11)
    for _ in range(60):
        if story := bench.feed(entry, bench.target(entry).case(dice), tally):
            pytest.fail(story)
    assert tally.accepted[entry.name] > 0


def _reader(case: bytes) -> None:
    match case:
        case b"refused":
            raise ContractError(ErrorCode.MALFORMED, "as agreed")
        case b"crash":
            raise KeyError(case)
        case b"believed":
            must(case == b"signed", "only what was signed is accepted")


@pytest.mark.parametrize(
    ("case", "counts"),
    [(b"signed", (1, 0, 0)), (b"refused", (0, 0, 0)), (b"crash", (0, 1, 0)), (b"believed", (0, 0, 1))],
)
def test_a_refusal_is_fine_and_anything_else_is_told(case: bytes, counts: tuple[int, int, int], tmp_path: Path) -> None:
    entry = Entry("example", 1, lambda _: Parser([b"signed"], _reader))
    tally = Tally()
    story = Bench(tmp_path / "targets").feed(entry, case, tally)
    assert (tally.accepted["example"], tally.crashes, tally.accepted_invalid) == counts
    assert (story is not None) == (counts[1:] != (0, 0))
