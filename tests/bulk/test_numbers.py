"""Numbers are a set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.bulk.numbers import Numbers

LIMIT = 40
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, LIMIT - 1)), max_size=80)


@given(st.sets(st.integers(0, LIMIT - 1)), STEPS)
def test_they_are_what_a_set_would_be(begin: set[int], steps: list[tuple[bool, int]]) -> None:
    numbers, known = Numbers(LIMIT, begin), set(begin)
    for put, number in steps:
        (numbers.add if put else numbers.discard)(number)
        (known.add if put else known.discard)(number)

    assert list(numbers) == sorted(known)
    assert list(numbers.descending()) == sorted(known, reverse=True)
    assert len(numbers) == len(known)
    assert bool(numbers) == bool(known)
    assert all((number in numbers) == (number in known) for number in range(LIMIT + 5))


def test_a_number_beyond_the_limit_cannot_be_put_in() -> None:
    with pytest.raises(IndexError):
        Numbers(3, [3])
