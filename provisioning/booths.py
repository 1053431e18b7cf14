"""Booths of the inventory: their identities, and who is no longer one of us.

    home/booths/.{id}.draft/     being built
    home/booths/{id}/            what appliance.identity reads: identity.toml, key.pem, cert.pem, ca.pem, root.json

The folder gets its name within the transaction that adds the booth: a folder without a row is left over from a power
cut and made anew, a row without a folder cannot be.
"""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import tomlkit
from sqlalchemy import Connection, Engine, insert, select, update

from appliance.identity import Identity
from mqtt.broker.bridge import EDGE_PREFIX
from mqtt.contract.configuration import Broker
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import is_name
from mqtt.contract.state import Panel
from mqtt.office.assign import reassign
from mqtt.office.brokers import OFFICER_PREFIX
from mqtt.office.change import Change
from mqtt.office.database import booths, certificates, gates
from mqtt.office.files import create, make_private_folder, settle
from mqtt.office.home import Home
from mqtt.office.repository import changing
from mqtt.office.settings import Settings, read_settings
from mqtt.office.signed import roots
from mqtt.office.spelling import unknown_booth
from provisioning.edge.issue import brokers_of
from provisioning.tls import BOOTH_LIFE, CA_NAME, CLIENTS, SERVERS, CertificateAuthority

ROLES: Final = ("screen", "lookup", "counter")
SHOWING: Final = ("screen", "lookup")
"""Roles that a display can have."""
_TAKEN: Final = frozenset({*SERVERS, *CLIENTS, CA_NAME, "officer", "newcomer"})


class NewBooth(msgspec.Struct, frozen=True, kw_only=True):
    """A booth to be added: its name, where it stands, what it plays, what is bolted to it."""

    booth: str
    gate: str
    roles: tuple[str, ...]
    panels: tuple[Panel, ...] = ()
    clock: str = "auto"

    def __post_init__(self) -> None:
        if not is_name(self.booth):
            raise ContractError(ErrorCode.MALFORMED, f"{self.booth!r} is not 2 to 48 of a-z, 0-9 and hyphen")
        if self.booth in _TAKEN or self.booth.startswith((EDGE_PREFIX, OFFICER_PREFIX)):
            raise ContractError(ErrorCode.EXISTS, f"{self.booth} is a name of the office's own")
        unknown = [role for role in self.roles if role not in ROLES]
        if unknown or not self.roles or len(set(self.roles)) < len(self.roles):
            raise ContractError(
                ErrorCode.CONFIG, f"roles: {','.join(self.roles)!r}; some of {', '.join(ROLES)}, each once"
            )
        for panel in self.panels:
            if panel.role not in SHOWING or panel.role not in self.roles:
                raise ContractError(ErrorCode.CONFIG, f"panel {panel.output}: role {panel.role!r} is not this booth's")
        for part in ("output", "role"):
            seen = [getattr(panel, part) for panel in self.panels]
            if len(set(seen)) < len(seen):
                raise ContractError(ErrorCode.CONFIG, f"panels: the same {part} twice")


def add_booth(home: Home, engine: Engine, new: NewBooth, now: datetime) -> Path:
    """Issue the identity of a booth, add it to the inventory and assign it the streams of its gate.

    Returns:
        The folder to carry to the booth; its key is for practice, since it was not made in the device.

    Raises:
        ContractError: ``E_EXISTS``, ``E_UNKNOWN`` (gate), ``E_CONFIG``, ``E_KEY``. Nothing was added.
        OSError: The disk is full or read-only. Nothing was added.
    """
    settings = read_settings(home.root)
    authority = CertificateAuthority.load(home.tls)
    folder = home.booths / new.booth
    with changing(home, engine, now) as change:
        _refuse_unknown_gate(change.connection, new.gate)
        if change.connection.scalar(select(booths.c.booth).where(booths.c.booth == new.booth)):
            raise ContractError(ErrorCode.EXISTS, f"booth {new.booth}")
        row = {"booth": new.booth, "gate": new.gate, "roles": list(new.roles), "revoked": False, "added": change.now}
        change.connection.execute(insert(booths).values(row))
        reassign(change)
        change.touch()
        change.sign()
        _issue(change, new, settings, authority, folder)
    return folder


def revoke_booth(home: Home, engine: Engine, booth: str, now: datetime) -> bool:
    """Take a booth out of service for good; False when it was before.

    Raises:
        ContractError: ``E_UNKNOWN``; there is no such booth. ``E_KEY``.
    """
    with changing(home, engine, now) as change:
        revoked = change.connection.scalar(select(booths.c.revoked).where(booths.c.booth == booth))
        if revoked is None:
            raise unknown_booth(change.connection, booth)
        if revoked:
            return False
        change.connection.execute(update(booths).where(booths.c.booth == booth).values(revoked=True))
        reassign(change)
        change.touch()
    return True


def _refuse_unknown_gate(connection: Connection, gate: str) -> None:
    known = connection.scalars(select(gates.c.gate).order_by(gates.c.gate)).all()
    if gate not in known:
        raise ContractError(ErrorCode.UNKNOWN, f"gate {gate}; there are {', '.join(known)}")


def _issue(change: Change, new: NewBooth, settings: Settings, authority: CertificateAuthority, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    draft = folder.with_name(f".{folder.name}.draft")
    for leftover in (draft, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    make_private_folder(draft)
    issued = authority.client(new.booth, change.now, BOOTH_LIFE)
    issued.save(draft / "cert.pem", draft / "key.pem")
    change.connection.execute(insert(certificates).values(booth=new.booth, body=issued.certificate))
    create(draft / "ca.pem", authority.issued.certificate)
    known = roots(change.connection)
    create(draft / "root.json", known[max(known)])
    create(draft / "identity.toml", _identity(new, brokers_of(change.connection, new.gate, settings)))
    settle(draft, folder)


def _identity(new: NewBooth, brokers: tuple[Broker, ...]) -> bytes:
    table = {
        "booth": new.booth,
        "gate": new.gate,
        "roles": list(new.roles),
        "clock": new.clock,
        "brokers": [msgspec.to_builtins(broker) for broker in brokers],
        "panels": [msgspec.to_builtins(panel) for panel in new.panels],
    }
    try:
        msgspec.convert(table, Identity)
    except msgspec.ValidationError as error:
        raise ContractError(ErrorCode.CONFIG, f"identity of {new.booth}: {error}") from error
    return tomlkit.dumps({key: value for key, value in table.items() if value != []}).encode()
