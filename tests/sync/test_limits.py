"""What ``[transfer]`` in identity.toml means."""

import tomllib

import msgspec
import pytest

from appliance.identity import Transfer

NIGHT = """
rate_limit = 100000
windows = [
  { begins = "22:00", ends = "05:00" },
  { begins = "11:00", ends = "13:30", rate_limit = 0 },
]
"""


def read(text: str) -> Transfer:
    return msgspec.convert(tomllib.loads(text), Transfer)


@pytest.mark.parametrize(
    ("clock", "rate"),
    [
        ("21:59", 100000),
        ("22:00", None),
        ("00:00", None),
        ("04:59", None),
        ("05:00", 100000),
        ("12:00", 0),
        (None, 100000),
    ],
)
def test_the_time_of_day_decides_and_an_unknown_one_means_the_general_limit(
    clock: str | None, rate: int | None
) -> None:
    assert read(NIGHT).rate(clock) == rate


def test_paused_is_paused_at_any_time() -> None:
    assert read("paused = true\n" + NIGHT).rate("23:00") == 0


def test_without_a_word_nothing_is_limited() -> None:
    assert Transfer().rate("12:00") is None


@pytest.mark.parametrize("text", ['windows = [{ begins = "24:00", ends = "05:00" }]', "rate_limit = -1", "speed = 3"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(text)
