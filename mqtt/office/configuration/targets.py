"""For whom a layer is, as people write it: ``all``, ``gate/cat-bi``, ``booth/cb-01``; and the draft each has.

home/config/all.toml   gate-cat-bi.toml   booth-cb-01.toml      edited by hand or by ``boothctl config set``
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit
from sqlalchemy import Connection, select
from tomlkit.exceptions import TOMLKitError

from mqtt.contract.configuration import keys
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.layers import EVERY, Scope, check_key, read_values
from mqtt.office.database import booths, gates
from mqtt.office.files import replace
from mqtt.office.home import Home
from mqtt.office.spelling import unknown_booth, unknown_gate

FOLDER: Final = "config"


@dataclass(frozen=True)
class Target:
    """Scope and name of a layer."""

    scope: Scope
    name: str

    def __str__(self) -> str:
        return EVERY if self.scope is Scope.ALL else f"{self.scope}/{self.name}"

    @property
    def label(self) -> str:
        """As booths call it."""
        return f"{self.scope}/{self.name}"

    def draft(self, home: Home) -> Path:
        """Where people edit it."""
        return home.root / FOLDER / f"{str(self).replace('/', '-')}.toml"


def target_of(connection: Connection, text: str) -> Target:
    """Return what a person means.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such gate or booth.
    """
    scope, _, name = text.partition("/")
    if text == EVERY:
        return Target(Scope.ALL, EVERY)
    if scope == Scope.GATE:
        if name in connection.scalars(select(gates.c.gate)).all():
            return Target(Scope.GATE, name)
        raise unknown_gate(connection, name)
    if scope == Scope.BOOTH:
        if name in connection.scalars(select(booths.c.booth)).all():
            return Target(Scope.BOOTH, name)
        raise unknown_booth(connection, name)
    raise ContractError(ErrorCode.UNKNOWN, f"{text!r} is neither all nor a gate/… or booth/… of the inventory")


def read_draft(home: Home, target: Target) -> str:
    """Return the draft of a target, empty if nobody has begun one."""
    try:
        return target.draft(home).read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(ErrorCode.CONFIG, f"{target.draft(home).name}: {error}") from error


def set_key(home: Home, target: Target, path: str, value: str | None) -> None:
    """Set a key in the draft of a target, or take it out; comments and order stay.

    Args:
        home: Of the office.
        target: Whose draft.
        path: ``section.key``.
        value: As in TOML, text also without quotes; None takes the key out.

    Raises:
        ContractError: ``E_UNKNOWN_FIELD``, ``E_CONFIG``. Nothing is written.
    """
    if path not in keys():
        raise ContractError(ErrorCode.UNKNOWN_FIELD, f"nobody knows {path}; boothctl config keys tells them")
    section, _, key = path.partition(".")
    text = read_draft(home, target)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ContractError(ErrorCode.CONFIG, f"{target.draft(home).name}: {error}") from error
    table: Any = document.setdefault(section, tomlkit.table())
    if value is None:
        table.pop(key, None)
    else:
        table[key] = check_key(path, _value(value), sealed=True)
    written = tomlkit.dumps(document)
    read_values(written.encode())
    target.draft(home).parent.mkdir(exist_ok=True)
    replace(target.draft(home), written.encode())


def _value(text: str) -> Any:  # noqa: ANN401 - a value of TOML
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
