"""Every word of the booth exists in every language, and says the same things."""

import re

import pytest

from appliance.kiosk.edition import CATEGORIES
from appliance.lib.words import Words
from mqtt.contract.names import LANGUAGES, VISITORS

WORDS = Words.load()
FIRST, *OTHERS = LANGUAGES
SCRIPTS = {
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "lo": re.compile(r"[\u0e80-\u0eff]"),
    "km": re.compile(r"[\u1780-\u17ff]"),
}


def placeholders(language: str, key: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", WORDS.say(language, key)))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    assert WORDS.keys(language) == WORDS.keys(FIRST)


@pytest.mark.parametrize("language", OTHERS)
def test_every_phrase_leaves_the_same_places_to_fill_in(language: str) -> None:
    assert {key: placeholders(language, key) for key in WORDS.keys(language)} == {
        key: placeholders(FIRST, key) for key in WORDS.keys(FIRST)
    }


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_phrase_is_written_in_its_own_script(language: str) -> None:
    """A phrase left in another language would be found by a traveller first."""
    bare = ("item.kilobytes", "item.megabytes", "dates.day", "dates.moment")
    phrases = {key: WORDS.say(language, key) for key in WORDS.keys(language) if key not in bare}
    assert [key for key, phrase in phrases.items() if not SCRIPTS[language].search(phrase)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_categories_and_visitors_have_names(language: str) -> None:
    wanted = {f"categories.{name}" for name in CATEGORIES} | {f"leads.{name}" for name in CATEGORIES}
    assert wanted | {f"visitors.{group}" for group in VISITORS} <= WORDS.keys(language)
