"""The office's running services, wired by hand: the only place that builds links, databases and loops together.

Each function runs one process until its inbox brings ``Stop`` (or its ``stop`` descriptor becomes readable).
"""

import time
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from typing import Final

from sqlalchemy import Engine

from mqtt.broker import process
from mqtt.broker.process import Brokers
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Party, Plane
from mqtt.office.audit import append
from mqtt.office.brokers import folders, listeners, update_brokers
from mqtt.office.chain import Act
from mqtt.office.chunks.service import ChunkServer
from mqtt.office.chunks.shelf import Shelf
from mqtt.office.chunks.turns import Turns
from mqtt.office.collector.keys import collector_signers
from mqtt.office.collector.service import Collector
from mqtt.office.configuration.rolling import move_on
from mqtt.office.database import open_database
from mqtt.office.home import Home
from mqtt.office.keeper import Keeper
from mqtt.office.keys import Keyring
from mqtt.office.link import Endpoint, Event, Link
from mqtt.office.notices.raising import merge
from mqtt.office.objects import Objects
from mqtt.office.publisher.ledger import Chore, Ledger
from mqtt.office.publisher.service import Publisher
from mqtt.office.repository import ONLINE_ROLES, changing, renew
from mqtt.office.settings import read_settings

Inbox = SimpleQueue[Event]
RENEW_S: Final = 3600.0
"""How often signatures are looked at that the office gives by itself."""
MOVE_ON_S: Final = 2.0
"""How often roll-outs are looked at."""


def run_publisher(home: Home, inbox: Inbox) -> None:
    """Keep the control broker's retained messages equal to the database."""
    engine = _database(home)

    def now() -> datetime:
        return datetime.now(UTC)

    chores = (
        Chore("signatures", RENEW_S, lambda: renew(home, engine, now(), ONLINE_ROLES)),
        Chore("roll-outs", MOVE_ON_S, lambda: move_on(home, engine, now())),
    )
    ledger = Ledger(engine, Objects(home.objects), chores, now)
    with Link(endpoint(home, Plane.CONTROL, Party.PUBLISHER), inbox, time.monotonic):
        Publisher(ledger, inbox, time.monotonic).run()


def run_chunks(home: Home, inbox: Inbox, hold_off_s: float, gate_rate: float | None = None) -> None:
    """Answer requests for chunks on the bulk broker, at most ``gate_rate`` bytes per second of media for a gate."""
    shelf = Shelf(_database(home), Objects(home.objects))
    with Link(endpoint(home, Plane.BULK, Party.CHUNKS), inbox, time.monotonic):
        ChunkServer(shelf, Turns(hold_off_s, gate_rate=gate_rate), inbox, time.monotonic).run()


def run_collector(home: Home, inbox: Inbox) -> None:
    """Record what booths say of themselves."""
    engine = _database(home)

    def merge_local(envelope: bytes) -> None:
        with changing(home, engine, datetime.now(UTC)) as change:
            merged = merge(change, envelope)
        if merged is not None:
            detail = {"gate": merged.gate, "agency": merged.agency}
            append(home, engine, Act.NOTICE_MERGED, merged.id, detail=detail)

    signers = partial(collector_signers, engine, Keyring(home.keys))
    with Link(endpoint(home, Plane.CONTROL, Party.COLLECTOR), inbox, time.monotonic, persistent=True):
        Collector(engine, inbox, lambda: datetime.now(UTC), signers, merge_local).run()


def run_brokers(home: Home, stop: int) -> None:
    """Run both brokers in the foreground; one that dies starts again."""
    settings = read_settings(home.root)
    update_brokers(home, _database(home))
    brokers = Brokers(folders(home), listeners(settings))
    starts = {f"{plane} broker": partial(brokers.start, plane) for plane in Plane}
    answers = {f"{plane} broker": partial(brokers.answers, plane) for plane in Plane}
    try:
        Keeper(starts, stop, time.monotonic, answers=answers).run()
    finally:
        brokers.stop()


def end_brokers(home: Home) -> None:
    """End brokers that outlived a killed supervisor; usually there is none."""
    for folder in folders(home).values():
        for pid in process.running(folder.config):
            process.end(pid, process.PATIENCE_S)


def endpoint(home: Home, plane: Plane, party: Party) -> Endpoint:
    """Return how one of the office's processes reaches a broker.

    Raises:
        ContractError: ``E_CONFIG`` or ``E_KEY``; the office is not set up.
    """
    settings = read_settings(home.root)
    found = Endpoint(
        plane=plane,
        host=settings.hosts[0],
        port=settings.control_port if plane is Plane.CONTROL else settings.bulk_port,
        name=party.value,
        ca=home.tls / "ca.pem",
        certificate=home.tls / f"{party}.pem",
        key=home.tls / f"{party}.key",
    )
    for path in (found.ca, found.certificate, found.key):
        if not path.is_file():
            raise ContractError(ErrorCode.KEY, f"{path.name} is missing in {home.tls}")
    return found


def _database(home: Home) -> Engine:
    return open_database(home.database_url)
