"""Founds an office's authority: the regulation, the keys, the first signed metadata, the X.509 authority.

    home/authority.draft/           being built; the next run throws it away
    home/authority/unfinished/      first metadata, until the database has it; the next run finishes
    home/authority/                 done; the next run refuses

A power cut at any moment leaves one of these three, and the name says which.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, delete, func, insert, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.authority import AUTHORITY_FILE, parse_authority, read_authority
from mqtt.office.database import gates, metadata, open_database, revision
from mqtt.office.files import create, make_private_folder, settle, sync_folder
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.settings import Settings, write_settings
from mqtt.office.terms import Authority
from provisioning.delegations import first_metadata
from provisioning.tls import CLIENTS, SERVERS, CertificateAuthority

DRAFT: Final = "authority.draft"
UNFINISHED: Final = "unfinished"
DEFAULT: Final = Path(__file__).with_name("authority.toml")
"""The regulation that is shipped: agencies, categories and gates of the plan."""


@dataclass(frozen=True)
class Founded:
    """What was made; ``resumed`` when an earlier run had been cut off near its end."""

    authority: Authority
    resumed: bool


def found_authority(home: Home, regulation: bytes, settings: Settings, now: datetime) -> Founded:
    """Make the authority of an office, once.

    Args:
        home: Where to; made when missing.
        regulation: Bytes of ``authority.toml``.
        settings: Names and ports of the brokers; written to ``office.toml``.
        now: Moment of signing, with zone.

    Raises:
        ContractError: ``E_EXISTS``, there is an authority already, nothing was touched; ``E_CONFIG`` or ``E_SCHEMA``
            naming the key of the regulation that is wrong.
        OSError: The disk is full or read-only; run it again.
    """
    terms = parse_authority(regulation)
    home.root.mkdir(parents=True, exist_ok=True)
    with _alone(home.root):
        engine = open_database(settings.database.url or home.database_url)
        try:
            if (home.authority / UNFINISHED).is_dir():
                _hand_over(home, engine)
                return Founded(read_authority(home.authority), resumed=True)
            _refuse_a_second(home, engine)
            write_settings(home.root, settings)
            _build(home, terms, regulation, settings, now)
            _hand_over(home, engine)
        finally:
            engine.dispose()
    return Founded(terms, resumed=False)


def _refuse_a_second(home: Home, engine: Engine) -> None:
    if home.authority.exists():
        raise ContractError(ErrorCode.EXISTS, f"there is an authority in {home.authority}")
    with engine.connect() as connection:
        if connection.scalar(select(func.count()).select_from(metadata)):
            raise ContractError(
                ErrorCode.EXISTS, f"the database of {home.root} belongs to an authority; restore its keys"
            )


def _build(home: Home, terms: Authority, regulation: bytes, settings: Settings, now: datetime) -> None:
    draft = home.root / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    make_private_folder(draft)
    create(draft / AUTHORITY_FILE, regulation)
    keyring = Keyring(make_private_folder(draft / home.keys.name))
    unfinished = make_private_folder(draft / UNFINISHED)
    for role, body in first_metadata(terms, keyring, now).items():
        create(unfinished / f"{role}.json", body)
    tls = make_private_folder(draft / home.tls.name)
    office = CertificateAuthority.found(now)
    office.issued.save(tls / "ca.pem", tls / "ca.key")
    for name in SERVERS:
        office.server(name, settings.hosts, now).save(tls / f"{name}.pem", tls / f"{name}.key")
    for name in CLIENTS:
        office.client(name, now).save(tls / f"{name}.pem", tls / f"{name}.key")
    settle(draft, home.authority)


def _hand_over(home: Home, engine: Engine) -> None:
    """Give the first metadata to the database, all or nothing, then say that it has it."""
    terms = read_authority(home.authority)
    unfinished = home.authority / UNFINISHED
    with engine.begin() as connection:
        connection.execute(delete(revision))
        connection.execute(insert(revision).values(only=1, number=1))
        if not connection.scalar(select(func.count()).select_from(metadata)):
            files = [{"role": file.stem, "version": 1, "body": file.read_bytes()} for file in unfinished.iterdir()]
            connection.execute(insert(metadata), files)
            rows = [
                {"gate": gate, "kind": one.kind, "names": {"vi": one.vi, "en": one.en}}
                for gate, one in terms.gates.items()
            ]
            connection.execute(insert(gates), rows)
    done = unfinished.with_name(f"{UNFINISHED}.done")
    shutil.rmtree(done, ignore_errors=True)
    unfinished.rename(done)
    sync_folder(home.authority)
    shutil.rmtree(done)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one run at a time pass; the lock ends with the process, however it ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
