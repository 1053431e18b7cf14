"""The texts of one notice, read side by side: what one language says, the others say too.

An officer on duty writes in a hurry. What this finds is what a traveller would stumble over: a language that is
missing, one text pasted under two flags, a time that stands in Vietnamese only. Errors keep a notice from being signed,
warnings are for the officer's eyes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from mqtt.contract.notices import NoticeText

FIELDS: Final = ("headline", "description", "instruction")
COPY_LENGTH: Final = 12
"""Up to so many characters two languages may say the same: a flight, a gate, a name."""
PLAIN_LETTERS: Final = 20
"""More letters of Vietnamese than this never come without a diacritic."""
IMPLAUSIBLE: Final = 8
"""A description so many times longer than another's tells something that the other does not."""

_MARKUP: Final = re.compile(
    r"</?[A-Za-z][^<>]*>|<!--|<!\[|&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
)
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SCRIPTS: Final = {
    "zh": ("Chinese", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    "lo": ("Lao", re.compile("[\u0e80-\u0eff]")),
    "km": ("Khmer", re.compile("[\u1780-\u17ff]")),
}
_LATIN: Final = frozenset({"vi", "en"})
_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in the texts of a notice.

    Attributes:
        language: In whose text it is to be mended.
        warning: A person should look at it and may sign all the same.
    """

    language: str
    what: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.language}: {self.what}"


def problems(texts: Mapping[str, NoticeText], required: Sequence[str]) -> list[Problem]:
    """Return everything that is wrong with the texts of one notice, errors first.

    Args:
        texts: By language.
        required: Languages in which this notice must speak.
    """
    found = [Problem(language, "is missing") for language in required if language not in texts]
    for language, text in texts.items():
        found += [Problem(language, what) for what in _mistakes(language, text)]
    found += [Problem(other, f"{field}: the same text as in {one}") for one, other, field in copies(texts)]
    return [*found, *_gaps(texts), *_lengths(texts), *_numbers(texts)]


def foreign_matter(text: str) -> str | None:
    """Name what no text of a notice may hold: markup, entities, control characters; None if there is none.

    Line feeds may stand in a text. Invisible spaces may, too: Lao and Khmer break their lines at them.
    """
    if markup := _MARKUP.search(text):
        return f"markup {markup[0][:40]!r}; a notice is plain text"
    for letter in text:
        if (unicodedata.category(letter) in {"Cc", "Cs"} and letter != "\n") or letter in _REORDERING:
            return f"control character U+{ord(letter):04X}"
    return None


def copies(texts: Mapping[str, NoticeText]) -> Iterator[tuple[str, str, str]]:
    """Yield each ``(language, other language, field)`` whose headline or description was copied, not translated."""
    for one, other in combinations(texts, 2):
        for field in ("headline", "description"):
            first, second = (_folded(getattr(texts[language], field)) for language in (one, other))
            if first == second and len(first) > COPY_LENGTH and _is_prose(getattr(texts[one], field)):
                yield one, other, field


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _is_prose(text: str) -> bool:
    """Whether it says more than numbers and names do: some word begins with neither a capital nor a digit."""
    return any(word[0].isalpha() and not word[0].isupper() for word in text.split())


def _mistakes(language: str, text: NoticeText) -> Iterator[str]:
    if not text.headline.strip():
        yield "headline: is empty"
    elif wrong := _wrong_script(language, text.headline):
        yield f"headline: {wrong}"
    for field in FIELDS:
        words = getattr(text, field)
        if matter := foreign_matter(words):
            yield f"{field}: {matter}"
        if language == "vi" and _is_bare(words):
            yield f"{field}: Vietnamese without a single diacritic"


def _wrong_script(language: str, headline: str) -> str | None:
    if language in _SCRIPTS:
        name, letters = _SCRIPTS[language]
        return None if letters.search(headline) else f"not a letter of it is {name}"
    if language in _LATIN:
        letters_of_it = [letter for letter in headline if letter.isalpha()]
        latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters_of_it)
        return "most of it is not in Latin letters" if 2 * latin < len(letters_of_it) else None
    return None


def _is_bare(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > PLAIN_LETTERS and all(
        letter.isascii() for letter in unicodedata.normalize("NFC", text) if letter.isalpha()
    )


def _gaps(texts: Mapping[str, NoticeText]) -> Iterator[Problem]:
    for field in ("description", "instruction"):
        having = [language for language, text in texts.items() if getattr(text, field).strip()]
        if having:
            for language in texts:
                if language not in having:
                    yield Problem(language, f"{field}: is missing; it is there in {', '.join(having)}")


def _lengths(texts: Mapping[str, NoticeText]) -> Iterator[Problem]:
    lengths = {language: len(text.description) for language, text in texts.items() if text.description.strip()}
    longest = max(lengths, key=lengths.__getitem__, default="")
    for language, length in lengths.items():
        if length * IMPLAUSIBLE < lengths[longest]:
            yield Problem(
                language, f"description: {length} characters where {longest} has {lengths[longest]}", warning=True
            )


def _numbers(texts: Mapping[str, NoticeText]) -> Iterator[Problem]:
    """Times and telephone numbers that stand in Vietnamese, where notices are written first, and not in another."""
    if "vi" not in texts:
        return
    said = _digits(texts["vi"])
    for language, text in texts.items():
        if lost := said - _digits(text):
            yield Problem(language, f"numbers of vi are not in it: {', '.join(lost.elements())}", warning=True)


def _digits(text: NoticeText) -> Counter[str]:
    """The runs of digits with how often they stand there, whatever script they are written in."""
    words = unicodedata.normalize("NFKC", "\n".join(getattr(text, field) for field in FIELDS))
    plain = "".join(str(unicodedata.decimal(letter, letter)) for letter in words)
    return Counter(_DIGITS.findall(plain))
