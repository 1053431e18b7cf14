"""Texts of a notice on the command line: options by language, a TOML file, or asked for one by one.

--headline vi="Sương mù" --headline en="Fog"        --texts fog.toml   [vi]
                                                                       headline = "Sương mù"
"""

import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import NoticeText

FIELDS: Final = ("headline", "description", "instruction")
NAMES: Final = {"vi": "Vietnamese", "en": "English", "zh": "Chinese", "lo": "Lao", "km": "Khmer"}

F = TypeVar("F", bound=Callable[..., Any])


def _by_language(_context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        language, separator, words = text.partition("=")
        if not separator or language not in LANGUAGES:
            raise click.BadParameter(f"{text!r} is not like vi=…; languages are {', '.join(LANGUAGES)}", param=option)
        found[language] = words
    return found


def texts_options(command: F) -> F:
    """Give a command the options from which :func:`read_texts` reads."""
    for field in reversed(FIELDS):
        words = {"headline": "What it says, in one line", "description": "More", "instruction": "What to do"}[field]
        command = click.option(
            f"--{field}",
            multiple=True,
            callback=_by_language,
            metavar="LANGUAGE=TEXT",
            help=f"{words}; once per language.",
        )(command)
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--texts", type=file, help="TOML file with a table of texts per language.")(command)


def read_texts(given: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, NoticeText]:
    """Return texts by language; a person at a terminal who has given none is asked for the wanted ones.

    Raises:
        ContractError: ``E_TEXT``; the file is not TOML, has an unknown key, or a text is empty or too long.
    """
    texts = _from_file(given["texts"]) if given["texts"] else {}
    for language in LANGUAGES:
        words = {field: given[field][language] for field in FIELDS if language in given[field]}
        if words:
            before = msgspec.to_builtins(texts[language]) if language in texts else {}
            texts[language] = _text({**before, **words}, language)
    if not texts and wanted and sys.stdin.isatty():
        texts = {language: _ask(language) for language in wanted}
    return texts


def _from_file(path: Path) -> dict[str, NoticeText]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContractError(ErrorCode.TEXT, f"{path.name}: {error}") from error
    strange = sorted(set(table) - set(LANGUAGES))
    if strange:
        raise ContractError(ErrorCode.TEXT, f"{path.name}: {', '.join(strange)}; languages are {', '.join(LANGUAGES)}")
    return {language: _text(part, language) for language, part in table.items()}


def _text(part: object, language: str) -> NoticeText:
    unknown = sorted(set(part) - set(FIELDS)) if isinstance(part, dict) else []
    if unknown:
        raise ContractError(ErrorCode.TEXT, f"{language}: nobody knows {', '.join(unknown)}")
    try:
        return msgspec.convert(part, NoticeText)
    except msgspec.ValidationError as error:
        raise ContractError(ErrorCode.TEXT, f"{language}: {error}") from error


def _ask(language: str) -> NoticeText:
    click.echo(f"\n{NAMES[language]}")
    words = {field: click.prompt(f"  {field}", default="" if field != "headline" else None) for field in FIELDS}
    return _text(words, language)
