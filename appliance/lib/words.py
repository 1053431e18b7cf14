"""The words of the booth itself, in every built-in language: one source for page, screen and speech.

    appliance/words/{language}/*.toml      [slate] title = "…"   →   words.say("vi", "slate.title")

``booth.toml`` has what is said everywhere, every room of the page a file of its own. Every language has every key (a
test says so); a key is never shown to a person.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from mqtt.contract.names import LANGUAGES

FOLDER: Final = Path(__file__).parent.parent / "words"


class Words:
    """All words by language and key.

    Args:
        by_language: For each language its words by dotted key.
    """

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self._by_language = by_language

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the words that ship with the booth."""
        return cls({language: _read(folder / language) for language in LANGUAGES})

    def say(self, language: str, key: str, **values: str | int) -> str:
        """Return a phrase with ``{placeholders}`` filled in.

        Raises:
            KeyError: No such language or key: a mistake in our code.
        """
        phrase = self._by_language[language][key]
        return phrase.format_map(values) if values else phrase

    def keys(self, language: str) -> frozenset[str]:
        """Return every key of a language."""
        return frozenset(self._by_language[language])


def _read(folder: Path) -> dict[str, str]:
    words: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        words |= _flat(tomllib.loads(file.read_text("utf-8")))
    return words


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
