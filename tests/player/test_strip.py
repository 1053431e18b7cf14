"""The strip below the picture: what is announced, in every language in turn, broken where the script breaks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.lib.words import Words
from appliance.player.sign import turns
from appliance.player.strip import LINES_LIMIT, Line, events, wrapped
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import MessageType, Notice, NoticeText, Status, Urgency
from mqtt.contract.state import Panel

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
WIDE = Panel(output="HDMI-A-1", role="screen", width_px=1920, height_px=1080, diagonal_inch=43)


def notice(**parts: Any) -> Notice:
    said: dict[str, Any] = {
        "id": "weather-fog-1", "agency": "dic", "gate": "cat-bi", "kind": "weather", "status": Status.ACTUAL,
        "type": MessageType.ALERT, "urgency": Urgency.NORMAL, "sent": NOON, "expires": NOON + timedelta(hours=6),
        "texts": {language: NoticeText(headline=f"Fog {language}") for language in reversed(LANGUAGES)},
    }  # fmt: skip
    return Notice(**(said | parts))


def test_every_language_has_its_turn_vietnamese_first() -> None:
    assert [line.text for _, line in turns([notice()], Words.load())] == [f"Fog {language}" for language in LANGUAGES]


def test_an_exercise_says_that_it_is_one_in_each_language() -> None:
    words = Words.load()
    for (_, line), language in zip(turns([notice(status=Status.EXERCISE)], words), LANGUAGES, strict=True):
        assert line.text.startswith(words.say(language, "notices.exercise"))
        assert line.tone == "exercise"


def test_an_urgent_one_looks_urgent() -> None:
    assert {line.tone for _, line in turns([notice(urgency=Urgency.URGENT)], Words.load())} == {"urgent"}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Sân bay tạm đóng cửa vì sương mù, xin ở lại trong nhà ga và theo dõi bảng giờ bay", 30),
        ("机场因大雾暂时关闭请留在航站楼内并留意航班信息屏", 20),
        ("ສະໜາມບິນປິດຊົ່ວຄາວກະລຸນາຢູ່ໃນອາຄານແລະເບິ່ງປ້າຍຖ້ຽວບິນ", 20),
        ("ព្រលានយន្តហោះបិទជាបណ្តោះអាសន្នសូមស្នាក់នៅក្នុងអគារ", 20),
    ],
)
def test_a_sentence_is_broken_to_the_width_and_says_all(text: str, columns: int) -> None:
    """No mark begins a line; Khmer keeps what stands below, Lao a vowel and its consonant."""
    lines = wrapped(text, columns)
    assert len(lines) > 1
    if len(lines) < LINES_LIMIT:
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert not "\u0300" <= line[0] <= "\u036f"
        assert not "\u17b4" <= line[0] <= "\u17d3"
        assert not line.endswith("\u17d2")
        assert not "\u0ec0" <= line[-1] <= "\u0ec4"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    lines = wrapped("dài " * 200, 30)
    assert len(lines) == LINES_LIMIT
    assert lines[-1].endswith("…")


def test_nothing_in_a_text_is_a_command_to_the_renderer() -> None:
    said = events((Line(r"{\fs200}BIG \N new"),), WIDE)
    assert r"\{" in said
    assert "\\\u2060N" in said


@pytest.mark.parametrize("text", ["", " ", "a", "é" * 500, "\u0301" * 50, "\n\n"])
def test_any_text_comes_to_an_end(text: str) -> None:
    assert len(wrapped(text, 10)) <= LINES_LIMIT
