"""Who this booth is: what is bolted to it, and the keys that prove it.

identity/
├── identity.toml      booth, gate, roles, panels, brokers
├── key.pem cert.pem   the device's key (0600) and certificate, CN = booth id
├── ca.pem             whom we believe as a broker
└── root.json          the TUF root this booth was born with
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.errors import ErrorCode, SetupError
from mqtt.contract.configuration import Broker, Transfer
from mqtt.contract.names import LANGUAGES, BoothId, GateId, Language
from mqtt.contract.state import Panel

FOLDER = "identity"


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``identity.toml``. Wins over remote configuration for what is bolted to the booth.

    Attributes:
        brokers: The preferred first: the gate's edge, then the office.
        return_s: How long to stay with another before looking whether the preferred one answers again; half of it is
            how long the preferred one may be cut off from the office itself.
        clock: ``auto`` believes NTP and the RTC; ``system`` believes the machine's clock (workstations).
    """

    booth: BoothId
    gate: GateId
    roles: tuple[str, ...]
    brokers: Annotated[tuple[Broker, ...], Meta(min_length=1)]
    panels: tuple[Panel, ...] = ()
    languages: tuple[Language, ...] = LANGUAGES
    zone: str = "Asia/Ho_Chi_Minh"
    return_s: Annotated[int, Meta(ge=1, le=86400)] = 120
    transfer: Transfer = Transfer()
    clock: Literal["auto", "system"] = "auto"

    def panel(self, role: str) -> Panel | None:
        """The display with this role (``screen`` or ``lookup``)."""
        return next((panel for panel in self.panels if panel.role == role), None)


def read(state: Path) -> Identity:
    """Read the identity under the state folder.

    Raises:
        SetupError: ``E_CONFIG``; the installer must provision this device.
    """
    path = state / FOLDER / "identity.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Identity)
    except (OSError, ValueError, RecursionError) as error:  # not TOML, not UTF-8, not an identity, or no end of digits
        raise SetupError(ErrorCode.CONFIG, f"{path.name}: {error}") from error
