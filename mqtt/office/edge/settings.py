"""``edge.toml``: where an edge listens, where its office is, and who stood at its gate when it was issued.

edge-cat-bi/                 carried to the edge; its brokers and cache are added there
├── edge.toml
├── tls/                     ca.pem, and a certificate and key per process
├── assign.json              the newest assignment heard: who stands at the gate now
├── brokers/  chunks/  recipes/
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec
import tomlkit
from msgspec import Meta

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import BoothId, GateId
from mqtt.office.settings import Host, Port

EDGE_FILE: Final = "edge.toml"
CACHE_BYTES: Final = 8 * 1024**3


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the two brokers of a place are reached."""

    host: Host
    control_port: Port = 8883
    bulk_port: Port = 8884


class Resident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A booth of the gate and what it plays."""

    booth: BoothId
    roles: tuple[str, ...]


class EdgeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edge.

    Attributes:
        here: Where booths reach it.
        office: Where it reaches the office.
        cache_bytes: Most bytes of chunks to keep.
    """

    gate: GateId
    here: Address
    office: Address
    cache_bytes: Annotated[int, Meta(ge=1)] = CACHE_BYTES
    booths: tuple[Resident, ...] = ()

    def to_toml(self) -> bytes:
        """Return the file's content."""
        table = msgspec.to_builtins(self)
        return tomlkit.dumps({key: value for key, value in table.items() if value != []}).encode()


def read_edge(folder: Path) -> EdgeSettings:
    """Read the settings of the edge in ``folder``.

    Raises:
        ContractError: ``E_CONFIG``; issue the edge with ``boothctl edge add`` or correct the line named.
    """
    try:
        return msgspec.convert(tomllib.loads((folder / EDGE_FILE).read_text("utf-8")), EdgeSettings)
    except (OSError, ValueError) as error:  # both decoders' mistakes are ValueErrors
        raise ContractError(ErrorCode.CONFIG, f"{EDGE_FILE}: {error}") from error
