"""What a traveller would stumble over is found before an officer signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import NoticeText
from mqtt.office.notices.texts import Problem, problems

GOOD = {
    "vi": NoticeText(
        headline="Cửa số 3 đóng từ 22:00", description="Mời quý khách qua cửa số 1.", instruction="Hỏi: 0225 3 976 408."
    ),
    "en": NoticeText(
        headline="Gate 3 closes at 22:00", description="Please use gate 1.", instruction="Ask: 0225 3 976 408."
    ),
    "zh": NoticeText(headline="3号门22:00关闭", description="请走1号门。", instruction="咨询：0225 3 976 408。"),
    "lo": NoticeText(headline="ປະຕູ 3 ປິດ ໒໒:໐໐", description="ກະລຸນາໃຊ້ປະຕູ ໑.", instruction="ຖາມ: 0225 3 976 408."),
    "km": NoticeText(headline="ទ្វារ ៣ បិទម៉ោង ២២:០០", description="សូមប្រើទ្វារ ១។", instruction="សួរ៖ ០២២៥ ៣ ៩៧៦ ៤០៨។"),
}


def found(texts: dict[str, NoticeText], *required: str) -> list[str]:
    return [str(problem) for problem in problems(texts, required)]


def headlines(**headline: str) -> dict[str, NoticeText]:
    return {language: NoticeText(headline=text) for language, text in headline.items()}


def test_texts_that_say_the_same_in_five_languages_are_right() -> None:
    """In whatever script their digits stand."""
    assert problems(GOOD, LANGUAGES) == []


def test_each_required_language_that_is_missing_is_named() -> None:
    assert found({"vi": GOOD["vi"]}, *LANGUAGES) == [f"{language}: is missing" for language in LANGUAGES[1:]]
    assert found({}) == []


@pytest.mark.parametrize(
    ("language", "headline", "words"),
    [
        ("zh", "The gate is closed", "not a letter of it is Chinese"),
        ("lo", "ประตูปิด", "not a letter of it is Lao"),
        ("km", "Gate closed", "not a letter of it is Khmer"),
        ("vi", "三号门关闭 A", "most of it is not in Latin letters"),
        ("en", "ປະຕູປິດ", "most of it is not in Latin letters"),
    ],
)
def test_a_headline_in_the_wrong_script_is_under_the_wrong_flag(language: str, headline: str, words: str) -> None:
    assert found(headlines(**{language: headline})) == [f"{language}: headline: {words}"]


@pytest.mark.parametrize(
    ("language", "headline"),
    [("zh", "VN1188 晚点"), ("en", "Gate 三 closed"), ("vi", "22:00"), ("en", "Đồ Sơn beach closed"), ("fr", "Почта")],
)
def test_foreign_words_in_a_headline_are_fine_and_so_are_languages_nobody_knows(language: str, headline: str) -> None:
    assert found(headlines(**{language: headline})) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Đóng <b>cửa</b>", "markup '<b>'"),
        ("Đóng</p>", "markup '</p>'"),
        ("Đóng <!-- cửa", "markup '<!--'"),
        ("Đóng&nbsp;cửa", "markup '&nbsp;'"),
        ("Đóng &#x3c;", "markup '&#x3c;'"),
        ("Đóng\x07", "control character U+0007"),
        ("Đóng\tcửa", "control character U+0009"),
        ("Đóng \u202ecửa", "control character U+202E"),
        ("Đóng \ud800", "control character U+D800"),
    ],
)
def test_a_text_is_plain(text: str, words: str) -> None:
    for field in ("headline", "description", "instruction"):
        notice = NoticeText(**{"headline": "Đóng cửa", field: text})
        assert [one for one in found({"vi": notice}) if words in one and one.startswith(f"vi: {field}: ")]


@pytest.mark.parametrize("text", ["Gió < 10 m/s, sóng > 2 m", "Hỏi đáp Q&A; R&D", "Dòng một\nDòng hai", "ກ\u200bຂ"])
def test_signs_of_comparison_line_ends_and_invisible_spaces_are_letters(text: str) -> None:
    assert found({"vi": NoticeText(headline="Đóng cửa", description=text)}) == []


def test_the_same_text_in_two_languages_was_pasted() -> None:
    pasted = headlines(vi="Đường vào cảng bị ngập", en="Đường vào  Cảng bị ngập")
    assert found(pasted) == ["en: headline: the same text as in vi"]
    twice = {
        "zh": NoticeText(headline="港口道路被淹", description="请走其他道路,小心驾驶,谢谢合作。"),
        "en": NoticeText(headline="Port road is flooded", description="请走其他道路,小心驾驶,谢谢合作。"),
    }
    assert found(twice) == ["en: description: the same text as in zh"]


@pytest.mark.parametrize(
    "text", ["Terminal 2", "VN1188 SGN – HPH 07:30", "Vietnam Airlines Flight VN1188", "22:00 – 06:00, 07:00"]
)
def test_short_texts_numbers_and_names_may_be_the_same(text: str) -> None:
    assert [one for one in found(headlines(vi=text, en=text)) if "same text" in one] == []


def test_vietnamese_is_written_with_its_marks() -> None:
    bare = "Duong vao cang bi ngap nuoc"
    assert found(headlines(vi=bare)) == ["vi: headline: Vietnamese without a single diacritic"]
    assert found(headlines(vi="Duong vao cảng bi ngap nuoc", en=bare)) == []
    assert found(headlines(vi="Đuong vao cang bi ngap nuoc")) == []
    assert found(headlines(vi="Duong vao ca\u0309ng bi ngap nuoc")) == []
    assert found(headlines(vi="VN1188 SGN HPH")) == []


def test_what_one_language_explains_the_others_explain_too() -> None:
    short = {"vi": GOOD["vi"], "en": NoticeText(headline="Gate 3 closes at 22:00", instruction="1 0225 3 976 408")}
    assert found(short) == ["en: description: is missing; it is there in vi"]
    silent = GOOD | {"km": NoticeText(headline="ទ្វារ ៣", description="១ ២២ ០០ ០២២៥ ៣ ៩៧៦ ៤០៨")}
    assert "km: instruction: is missing; it is there in vi, en, zh, lo" in found(silent)


def test_a_description_much_longer_than_another_is_for_the_eyes_of_the_officer() -> None:
    long = NoticeText(headline="Đóng cửa", description="Cửa đóng để sửa chữa. " * 20)
    (problem,) = problems({"vi": long, "en": NoticeText(headline="Closed", description="Closed.")}, ())
    assert problem == Problem("en", "description: 7 characters where vi has 440", warning=True)


def test_a_time_or_telephone_number_of_vietnamese_stands_in_every_language() -> None:
    texts = headlines(vi="Đóng 22:00 – 06:00, gọi 0225 3 976", en="Closed 10 pm – 06:00, call 0225 3 976", zh="关闭")
    lost = problems(texts, ())
    assert all(problem.warning for problem in lost)
    assert [str(problem) for problem in lost] == [
        "en: numbers of vi are not in it: 22, 00",
        "zh: numbers of vi are not in it: 22, 00, 00, 06, 0225, 3, 976",
    ]


def test_numbers_that_vietnamese_does_not_have_are_nobodys_mistake() -> None:
    assert found(headlines(vi="Đóng cửa", en="Closed, see room 12")) == []
    assert found(headlines(vi="Cửa ３ đóng ²", en="Gate 3 closed 2")) == []


TEXTS = st.dictionaries(
    st.sampled_from([*LANGUAGES, "fr"]),
    st.builds(
        NoticeText, headline=st.text(max_size=40), description=st.text(max_size=40), instruction=st.text(max_size=40)
    ),
)


@given(TEXTS, st.lists(st.sampled_from(LANGUAGES), unique=True))
def test_any_texts_are_judged_the_same_each_time_and_errors_come_first(
    texts: dict[str, NoticeText], required: list[str]
) -> None:
    judged = problems(texts, required)
    assert judged == problems(dict(texts), list(required))
    warnings = [problem.warning for problem in judged]
    assert warnings == sorted(warnings)
    assert {problem.language for problem in judged} <= {*texts, *required}
