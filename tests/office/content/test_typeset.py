"""Words on slides and leaflets: no empty boxes, lines that end where the language lets them."""

import unicodedata
from pathlib import Path

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.sample.draw.typeset import Line, Setter, words
from mqtt.office.sample.fonts import Fonts, Script, runs, script_of

TEXTS = {
    "vi": "Hỏi quầy thông tin trước khi đi, nhất là buổi chiều muộn.",
    "en": "Ask the information counter before you set out, above all late in the afternoon.",
    "zh": "出发前请询问信息柜台（海防），尤其是在傍晚前后。运营时间会随季节变化。",
    "lo": "ຖາມໂຕະຂໍ້ມູນຂ່າວສານກ່ອນອອກເດີນທາງໂດຍສະເພາະຕອນແລງ ແລະ ສະພາບອາກາດ (Cát Bà)",
    "km": "ម៉ោងដំណើរការតម្លៃសំបុត្រនិងប្រភេទយានយន្តដែលអាចឡើងកោះប្រែប្រួលតាមរដូវ (Cát Bà)",
}


def _text(lines: list[Line]) -> str:
    return "".join(word.text for line in lines for word in line.words)


@pytest.mark.parametrize("language", TEXTS)
def test_lines_keep_to_the_width_and_lose_nothing(language: str) -> None:
    fonts = Fonts()
    lines = Setter(fonts, language, 30).lines(words(TEXTS[language], language), 400)
    assert len(lines) > 1
    assert all(line.width <= 400 for line in lines)
    assert _text(lines) == TEXTS[language].replace(" ", "")


@pytest.mark.parametrize("language", TEXTS)
def test_balanced_lines_are_as_few_and_more_even(language: str) -> None:
    """No single word is left over on the last line of a slide."""
    setter = Setter(Fonts(), language, 30)
    plain = setter.lines(words(TEXTS[language], language), 560)
    even = setter.balanced(words(TEXTS[language], language), 560)
    assert len(even) == len(plain)
    assert max(line.width for line in even) <= max(line.width for line in plain)
    assert _text(even) == _text(plain)


def test_chinese_punctuation_never_begins_a_line() -> None:
    for width in range(120, 600, 15):
        lines = Setter(Fonts(), "zh", 30).lines(words(TEXTS["zh"], "zh"), width)
        assert not any(line.words[0].text[0] in "，。）" or line.words[-1].text[-1] == "（" for line in lines)


@pytest.mark.parametrize("language", ["lo", "km"])
def test_lao_and_khmer_never_break_before_a_mark(language: str) -> None:
    """A mark without its letter is drawn on a dotted circle."""
    for width in range(90, 700, 20):
        for line in Setter(Fonts(), language, 30).lines(words(TEXTS[language], language), width):
            assert unicodedata.category(line.words[0].text[0]) not in {"Mn", "Mc"}
            assert line.words[-1].text[-1] != "\N{KHMER SIGN COENG}"


def test_each_script_gets_its_font() -> None:
    parts = [(script, part) for script, part in runs("Cát Bà ກາດບ່າ កាតបា 吉婆", "zh")]
    assert [script for script, _ in parts if script is not Script.LATIN] == [Script.LAO, Script.KHMER, Script.HAN]
    assert script_of("“", "zh") is Script.HAN
    assert script_of("“", "vi") is Script.LATIN


@pytest.mark.parametrize("language", TEXTS)
def test_no_letter_is_an_empty_box(language: str) -> None:
    """The font of each letter has it: its picture differs from that of a letter no font has."""
    fonts = Fonts()
    for script, part in runs(TEXTS[language], language):
        font = fonts.get(script, 40)
        missing = bytes(font.getmask("\U000f1234"))
        assert not any(bytes(font.getmask(letter)) == missing for letter in part if not letter.isspace())


def test_a_font_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="fonts-noto-cjk") as caught:
        Fonts(tmp_path).get(Script.HAN, 20)
    assert caught.value.code is ErrorCode.CONFIG
