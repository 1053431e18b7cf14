"""From database and settings to the brokers' files, without a broker."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Party, Plane
from mqtt.office.brokers import inventory, listeners, update_brokers
from mqtt.office.database import booths, edges, open_database
from mqtt.office.home import Home
from mqtt.office.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "office.toml").write_text("", "utf-8")
    found = Home(tmp_path)
    found.tls.mkdir(parents=True)
    for name in ("ca.pem", "broker-control.pem", "broker-control.key", "broker-bulk.pem", "broker-bulk.key"):
        (found.tls / name).write_text(name)
    return found


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    found = open_database(home.database_url)
    yield found
    found.dispose()


def add(engine: Engine, name: str, roles: list[str], *, revoked: bool = False) -> None:
    row = {"booth": name, "gate": "cat-bi", "roles": roles, "revoked": revoked, "added": datetime.now(UTC)}
    with engine.begin() as connection:
        connection.execute(insert(booths).values(row))


def acl(home: Home) -> str:
    return (home.brokers / "control/acl").read_text()


def test_every_booth_and_every_process_of_the_office_is_known(engine: Engine) -> None:
    add(engine, "cb-01", ["screen", "counter"])
    add(engine, "cb-02", ["screen"], revoked=True)
    with engine.begin() as connection:
        row = {"gate": "cat-bi", "host": "10.0.0.1", "control_port": 1, "bulk_port": 2, "added": datetime.now(UTC)}
        connection.execute(insert(edges).values(row))

    with engine.connect() as connection:
        known = {identity.name: identity for identity in inventory(connection)}

    assert known["cb-01"].parties == {Party.BOOTH, Party.COUNTER}
    assert known["cb-02"].parties == {Party.BOOTH}
    assert known["edge-cat-bi"].parties == {Party.EDGE}
    assert known["edge-cat-bi"].gate == "cat-bi"
    assert known["cb-02"].revoked
    assert set(known) == {"cb-01", "cb-02", "edge-cat-bi", "publisher", "chunks", "collector"}


def test_files_follow_the_inventory(home: Home, engine: Engine) -> None:
    add(engine, "cb-01", [])
    update_brokers(home, engine)
    assert "user cb-01\n" in acl(home)
    assert "cb-02" not in acl(home)

    add(engine, "cb-02", [], revoked=True)
    update_brokers(home, engine)
    assert "user cb-02\ntopic deny gb/v1/#\n" in acl(home)
    assert (home.brokers / "bulk/server.key").read_text() == "broker-bulk.key"


def test_a_booth_named_like_a_process_changes_nothing(home: Home, engine: Engine) -> None:
    add(engine, "cb-01", [])
    update_brokers(home, engine)
    before = acl(home)
    add(engine, "collector", [])

    with pytest.raises(ContractError) as caught:
        update_brokers(home, engine)

    assert caught.value.code is ErrorCode.DUPLICATE
    assert acl(home) == before


def test_a_missing_certificate_is_named(home: Home, engine: Engine) -> None:
    (home.tls / "broker-bulk.key").unlink()

    with pytest.raises(ContractError) as caught:
        update_brokers(home, engine)

    assert caught.value.code is ErrorCode.KEY
    assert "bulk.key" in caught.value.detail
    assert not home.brokers.exists()


def test_an_office_reached_on_loopback_only_listens_there_only() -> None:
    assert {one.address for one in listeners(Settings()).values()} == {"127.0.0.1"}
    assert {one.address for one in listeners(Settings(hosts=("office.example", "127.0.0.1"))).values()} == {None}
    assert listeners(Settings(control_port=1, bulk_port=2))[Plane.BULK].port == 2
