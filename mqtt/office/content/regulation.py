"""What the regulation (``authority.toml``) says about content: which languages each category needs.

    [categories.essentials]
    languages = ["vi", "en", "zh", "lo", "km"]

Only that table is read here; the rest of the file belongs to the authority.
"""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import Language
from mqtt.office.content.check import REQUIRED

AUTHORITY_FILE: Final = "authority.toml"


class _Category(msgspec.Struct, frozen=True):
    languages: tuple[Language, ...] | None = None


class _Authority(msgspec.Struct, frozen=True):
    categories: dict[str, _Category] = {}


def required_languages(authority: Path) -> dict[str, tuple[str, ...]]:
    """Return the languages required by category; our defaults where no regulation is in force yet.

    Args:
        authority: ``authority/`` of the office's home.

    Raises:
        ContractError: ``E_CONFIG``; the regulation is there and cannot be read.
    """
    try:
        table = tomllib.loads((authority / AUTHORITY_FILE).read_text("utf-8"))
        categories = msgspec.convert(table, _Authority).categories
    except FileNotFoundError:
        return dict(REQUIRED)
    except (OSError, ValueError) as error:  # both decoders' mistakes are ValueErrors
        raise ContractError(ErrorCode.CONFIG, f"{AUTHORITY_FILE}: {error}") from error
    said = {name: category.languages for name, category in categories.items() if category.languages is not None}
    return REQUIRED | said
