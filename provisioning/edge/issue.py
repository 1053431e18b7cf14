"""The identity of a gate's edge: certificates, where the office is, and which booths stand there.

home/edges/edge-{gate}/      what mqtt.office.edge.settings draws: edge.toml and tls/

Three processes of an edge speak in its name, each with a key of its own: the bridges of both brokers at the office's
brokers, the cache at the edge's. The name is one, since no two of them ever meet at one broker.
"""

import shutil
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import tomlkit
from sqlalchemy import Connection, Engine, delete, insert, select, update

from mqtt.broker.bridge import edge_name
from mqtt.contract.configuration import Broker
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Plane
from mqtt.office.database import booths, edges, gates
from mqtt.office.edge.settings import CACHE_BYTES, EDGE_FILE, Address, EdgeSettings, Resident
from mqtt.office.files import create, make_private_folder, replace, settle
from mqtt.office.home import Home
from mqtt.office.settings import Settings, read_settings
from mqtt.office.spelling import unknown_gate
from provisioning.tls import CertificateAuthority

CLIENTS: Final = (*(f"bridge-{plane}" for plane in Plane), "cache")
"""Processes that speak as the edge."""


class NewEdge(msgspec.Struct, frozen=True, kw_only=True):
    """An edge to be issued: its gate, and where the booths there reach it.

    Attributes:
        anyway: Also where one was removed, whose certificates then count again until they run out.
    """

    gate: str
    here: Address
    cache_bytes: int = CACHE_BYTES
    anyway: bool = False


def brokers_of(connection: Connection, gate: str, settings: Settings) -> tuple[Broker, ...]:
    """Return the brokers of a gate's booths, the preferred first: its edge if it has one, then the office's."""
    office = Broker(host=settings.hosts[0], control=settings.control_port, bulk=settings.bulk_port)
    row = connection.execute(select(edges).where(edges.c.gate == gate, edges.c.revoked.is_(False))).first()
    return (Broker(host=row.host, control=row.control_port, bulk=row.bulk_port), office) if row else (office,)


def add_edge(home: Home, engine: Engine, new: NewEdge, now: datetime) -> tuple[Path, tuple[str, ...]]:
    """Issue an edge for a gate; one that was there before is replaced: another machine, place or size.

    The certificates of the one before stay valid until they run out: issuing again is no remedy for a stolen machine.

    Returns:
        The folder to carry to the edge, and the booths whose ``identity.toml`` now names it: carry that to them too.

    Raises:
        ContractError: ``E_UNKNOWN`` (gate), ``E_CONFIG``, ``E_KEY``, ``E_EXISTS`` (one was removed here). Nothing was
            added.
        OSError: The disk is full or read-only.
    """
    settings = read_settings(home.root)
    authority = CertificateAuthority.load(home.tls)
    folder = home.root / "edges" / edge_name(new.gate)
    with engine.begin() as connection:
        if connection.scalar(select(gates.c.gate).where(gates.c.gate == new.gate)) is None:
            raise unknown_gate(connection, new.gate)
        removed = connection.scalar(select(edges.c.revoked).where(edges.c.gate == new.gate))
        if removed and not new.anyway:
            raise ContractError(
                ErrorCode.EXISTS,
                f"the edge of {new.gate} was removed; the certificates of that machine would count again",
            )
        rows = connection.execute(select(booths).where(booths.c.gate == new.gate, booths.c.revoked.is_(False))).all()
        connection.execute(delete(edges).where(edges.c.gate == new.gate))
        ports = {"control_port": new.here.control_port, "bulk_port": new.here.bulk_port}
        row = {"gate": new.gate, "host": new.here.host, "added": now, **ports}
        connection.execute(insert(edges).values(row))
        office = Address(host=settings.hosts[0], control_port=settings.control_port, bulk_port=settings.bulk_port)
        residents = tuple(Resident(booth=row.booth, roles=tuple(row.roles)) for row in rows)
        content = EdgeSettings(
            gate=new.gate, here=new.here, office=office, cache_bytes=new.cache_bytes, booths=residents
        )
        brokers = brokers_of(connection, new.gate, settings)
        _issue(folder, content, authority, now)
    told = tuple(booth.booth for booth in residents if _name_brokers(home, booth.booth, brokers))
    return folder, told


def remove_edge(home: Home, engine: Engine, gate: str) -> tuple[str, ...]:
    """Let an edge in no longer; its booths are to go to the office.

    Returns:
        Booths whose ``identity.toml`` no longer names it: carry that to them. Without it they find the edge dead.

    Raises:
        ContractError: ``E_UNKNOWN``; the gate has no edge.
    """
    with engine.begin() as connection:
        there = edges.c.gate == gate, edges.c.revoked.is_(False)
        if not connection.execute(update(edges).where(*there).values(revoked=True)).rowcount:
            raise ContractError(ErrorCode.UNKNOWN, f"gate {gate} has no edge")
        rows = connection.execute(select(booths).where(booths.c.gate == gate, booths.c.revoked.is_(False))).all()
        brokers = brokers_of(connection, gate, read_settings(home.root))
    return tuple(row.booth for row in rows if _name_brokers(home, row.booth, brokers))


def _issue(folder: Path, content: EdgeSettings, authority: CertificateAuthority, now: datetime) -> None:
    folder.parent.mkdir(exist_ok=True)
    draft = folder.with_name(f".{folder.name}.draft")
    for leftover in (draft, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    make_private_folder(draft)
    tls = make_private_folder(draft / "tls")
    name = edge_name(content.gate)
    hosts = dict.fromkeys((content.here.host, "127.0.0.1", "localhost"))
    for plane in Plane:
        server = authority.server(f"{name}-{plane}", hosts, now)
        server.save(tls / f"broker-{plane}.pem", tls / f"broker-{plane}.key")
    for client in CLIENTS:
        authority.client(name, now).save(tls / f"{client}.pem", tls / f"{client}.key")
    create(tls / "ca.pem", authority.issued.certificate)
    create(draft / EDGE_FILE, content.to_toml())
    settle(draft, folder)


def _name_brokers(home: Home, booth: str, brokers: tuple[Broker, ...]) -> bool:
    """Let the identity of a booth, as far as it still lies here, name these brokers."""
    path = home.booths / booth / "identity.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return False
    table["brokers"] = [msgspec.to_builtins(broker) for broker in brokers]
    replace(path, tomlkit.dumps(table).encode())
    return True
