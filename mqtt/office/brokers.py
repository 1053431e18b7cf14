"""What the office's brokers must know, from its database: who may speak, and where they listen.

Every change of the inventory writes the files anew and tells running brokers; a live session loses its rights at once.
"""

import fcntl
import logging
import os
import time
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from mqtt.broker.account import Account
from mqtt.broker.acl import render_acl
from mqtt.broker.bridge import edge_name
from mqtt.broker.config import ACL_FILE, CONFIG_FILE, Listener, render_config
from mqtt.broker.folder import BrokerFolder
from mqtt.broker.inventory import Identity, Inventory
from mqtt.broker.process import reload
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Party, Plane
from mqtt.office import database
from mqtt.office.authority import AUTHORITY_FILE, read_authority
from mqtt.office.home import Home
from mqtt.office.settings import Settings, read_settings
from mqtt.office.terms import OfficerTerms

OFFICE: Final = (Party.PUBLISHER, Party.CHUNKS, Party.COLLECTOR)
"""The office's own processes; each has a certificate of that name."""
OFFICER_PREFIX: Final = "officer-"
SETTLE_S: Final = 0.1
"""Two signals so close that the broker is still reading would be one: the next change waits this long."""

_NOBODY: Final[Mapping[str, OfficerTerms]] = {}
_EXTRA_ROLES: Final = {"counter": Party.COUNTER}
_log: Final = logging.getLogger(__name__)


def officer_name(officer: str) -> str:
    """Return the name in an officer's certificate for the broker of a gate."""
    return f"{OFFICER_PREFIX}{officer}"


def inventory(connection: Connection, officers: Mapping[str, OfficerTerms] = _NOBODY) -> Inventory:
    """Return every identity the office's brokers let in.

    Raises:
        ContractError: ``E_DUPLICATE``; a booth has the name of one of the office's processes.
    """
    rows = connection.execute(select(database.booths)).all()
    edges = connection.execute(select(database.edges.c.gate, database.edges.c.revoked)).all()
    booths = (
        Identity(
            name=row.booth,
            parties=frozenset({Party.BOOTH, *(_EXTRA_ROLES[role] for role in row.roles if role in _EXTRA_ROLES)}),
            gate=row.gate,
            revoked=row.revoked,
        )
        for row in rows
    )
    bridges = (Identity(edge_name(gate), frozenset({Party.EDGE}), gate, revoked) for gate, revoked in edges)
    speakers = (
        Identity(officer_name(name), frozenset({Party.OFFICER}), officer.gate, officer.revoked is not None)
        for name, officer in officers.items()
        if officer.gate is not None
    )
    return Inventory((*booths, *bridges, *speakers, *(Identity(party.value, frozenset({party})) for party in OFFICE)))


def listeners(settings: Settings) -> dict[Plane, Listener]:
    """Return where the brokers listen: on loopback only, if they are reached by no other name."""
    address = "127.0.0.1" if all(_is_loopback(host) for host in settings.hosts) else None
    return {
        Plane.CONTROL: Listener(settings.control_port, address),
        Plane.BULK: Listener(settings.bulk_port, address),
    }


def folders(home: Home) -> dict[Plane, BrokerFolder]:
    """Return where the files of both brokers lie."""
    root = home.brokers.absolute()
    account = Account.for_folder(root / Plane.CONTROL)
    return {plane: BrokerFolder(root / plane, account) for plane in Plane}


def update_brokers(home: Home, engine: Engine) -> None:
    """Write configurations and access lists for the present inventory; let running brokers read them.

    Raises:
        ContractError: ``E_CONFIG`` or ``E_KEY``; the office is not set up, nothing was changed.
        OSError: The disk is full; the brokers go on with what they have read.
    """
    settings = read_settings(home.root)
    certificates = {plane: _certificates(home, plane) for plane in Plane}
    home.brokers.mkdir(parents=True, exist_ok=True)
    with (home.brokers / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with engine.connect() as connection:
            known = inventory(connection, _officers(home))
        told = False
        for plane, folder in folders(home).items():
            listener = listeners(settings)[plane]
            config = render_config(plane, listener, folder.root, folder.account.name)
            texts = {CONFIG_FILE: config.encode(), ACL_FILE: render_acl(plane, known).encode()}
            if folder.write(certificates[plane] | texts) and reload(folder.config):
                _log.info("%s broker reads its access list again", plane)
                told = True
        if told:
            time.sleep(SETTLE_S)


def _officers(home: Home) -> Mapping[str, OfficerTerms]:
    """Officers of the regulation; an office that has none yet has no officers."""
    return read_authority(home.authority).officers if (home.authority / AUTHORITY_FILE).exists() else _NOBODY


def _certificates(home: Home, plane: Plane) -> dict[str, bytes]:
    sources = {"ca.pem": "ca.pem", "server.pem": f"broker-{plane}.pem", "server.key": f"broker-{plane}.key"}
    try:
        return {name: (home.tls / source).read_bytes() for name, source in sources.items()}
    except OSError as error:
        missing = Path(os.fsdecode(error.filename or "")).name
        raise ContractError(ErrorCode.KEY, f"certificate of the {plane} broker: {missing}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
