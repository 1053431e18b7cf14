"""A dry run: the command works on a copy of the office, which is thrown away.

.rehearsal-…/office/      beside the office, on its file system
├── office.toml           as it is, but for the database: it is the one in this folder
├── office.db             copied by SQLite, from wherever the office has it
├── objects/              the same files under other names: they never change
└── …                     but for brokers/, so that no running broker hears of it
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.home import Home
from mqtt.office.settings import SETTINGS_FILE, Database, read_settings, write_settings

PREFIX: Final = ".rehearsal-"
OWN: Final = "office.db"
"""The database where ``office.toml`` names none; an old one may lie there still."""
_FILE: Final = "sqlite:///"


def is_rehearsed(home: Path) -> bool:
    """Whether a command works on a copy: what it would do outside the office it must leave."""
    return home.parent.name.startswith(PREFIX)


@contextmanager
def rehearsed(home: Path) -> Iterator[Path]:
    """Give a copy of an office to work on, and throw it away.

    Raises:
        ContractError: ``E_UNSUPPORTED``; the office's state is not in a file. ``E_CONFIG``.
        OSError: There is no room beside the office.
    """
    url = Home(home).database_url
    if not url.startswith(_FILE):
        raise ContractError(ErrorCode.UNSUPPORTED, "--dry-run works on a copy, and this database is not a file")
    database = Path(url.removeprefix(_FILE).partition("?")[0])
    ground = next(folder for folder in home.absolute().parents if folder.is_dir())
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=ground) as folder:
        copy = Path(folder) / "office"
        if home.exists():
            shutil.copytree(home, copy, ignore=_apart(home, database))
            _link_objects(Home(home).objects, Home(copy).objects)
        if (copy / SETTINGS_FILE).exists():
            write_settings(copy, replace(read_settings(copy), database=Database()))
        if database.exists():
            _back_up(database, Path(Home(copy).database_url.removeprefix(_FILE)))
        yield copy


def _apart(home: Path, database: Path) -> Callable[[str, list[str]], set[str]]:
    """What does not come into the copy as it is: of the office's own folder only, whatever a booth is called."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        if Path(folder) != home:
            return set()
        return {name for name in names if name in {"objects", "brokers"} or name.startswith((OWN, database.name))}

    return left_out


def _link_objects(objects: Path, copy: Path) -> None:
    if objects.is_dir():
        shutil.copytree(objects, copy, copy_function=lambda source, target: Path(target).hardlink_to(source))


def _back_up(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
