"""``office.toml``: under which names and ports the office's brokers are reached.

hosts = ["127.0.0.1", "localhost"]      the first is written into the booths' identities
control_port = 8883
bulk_port = 8884

[database]
url = "postgresql+psycopg://office@/gatebooth"      empty or missing: SQLite in the home folder
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec
import tomlkit
from msgspec import Meta

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.files import replace

SETTINGS_FILE: Final = "office.toml"

Host = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$(?!\n)", description="host name or address")]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Database(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the office's state lies; empty is SQLite in the home folder. A password belongs into ``~/.pgpass``."""

    url: Annotated[str, Meta(pattern=r"^((sqlite|postgresql\+psycopg)://\S+)?$(?!\n)", max_length=500)] = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the office is reached; ``hosts`` are host names or addresses, all of them in the brokers' certificates."""

    hosts: Annotated[tuple[Host, ...], Meta(min_length=1)] = ("127.0.0.1", "localhost")
    control_port: Port = 8883
    bulk_port: Port = 8884
    database: Database = Database()


def read_settings(root: Path) -> Settings:
    """Read the settings of the office whose home is ``root``.

    Raises:
        ContractError: ``E_CONFIG``; run ``boothctl authority init`` or correct the line named.
    """
    path = root / SETTINGS_FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (OSError, ValueError) as error:  # both decoders' mistakes are ValueErrors
        raise ContractError(ErrorCode.CONFIG, f"{path.name}: {error}") from error


def write_settings(root: Path, settings: Settings) -> None:
    """Write the settings of the office whose home is ``root``.

    Raises:
        OSError: The old ones are still there; the disk is full or read-only.
    """
    replace(root / SETTINGS_FILE, tomlkit.dumps(msgspec.to_builtins(settings)).encode())
