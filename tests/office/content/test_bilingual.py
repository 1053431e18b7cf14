"""Vietnamese beside another language: first, and larger (Advertising Law 2012, article 18(2))."""

import pytest

from mqtt.office.content.bilingual import Lettering, lettering, title


def words(*pairs: tuple[str, float]) -> list[Lettering]:
    return [Lettering(language=language, height_percent=height) for language, height in pairs]


@pytest.mark.parametrize(
    "good",
    [(), (("vi", 4),), (("en", 9),), (("vi", 8), ("en", 6)), (("vi", 8), ("en", 5), ("vi", 3), ("zh", 6))],
)
def test_vietnamese_first_and_others_at_most_three_quarters_as_high_is_right(
    good: tuple[tuple[str, float], ...],
) -> None:
    assert list(lettering(words(*good))) == []


@pytest.mark.parametrize(
    ("wrong", "count"),
    [
        ((("en", 4), ("vi", 8)), 1),
        ((("vi", 8), ("en", 6.1)), 1),
        ((("en", 8), ("vi", 8)), 2),
        ((("en", 4), ("zh", 4)), 1),
        ((("vi", 8), ("en", 7), ("zh", 7)), 2),
    ],
)
def test_what_is_above_or_too_large_is_named(wrong: tuple[tuple[str, float], ...], count: int) -> None:
    assert len(list(lettering(words(*wrong)))) == count


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("Hải quan / Customs", False),
        ("Customs / Hải quan", True),
        ("Airport – Sân bay", True),
        ("Sân bay Cát Bi", False),
        ("HP-01 / Cảng", False),
        ("Wi-Fi miễn phí", False),
    ],
)
def test_a_title_in_two_languages_begins_with_vietnamese(text: str, is_wrong: bool) -> None:  # noqa: FBT001 - a column
    assert (title(text) is not None) is is_wrong
