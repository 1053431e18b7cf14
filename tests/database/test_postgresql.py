"""Laws of an office whose state lies in PostgreSQL: the same as with SQLite."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from appliance.outbox.file import prepare
from appliance.outbox.rows import Moment
from appliance.sync.drain import Drain
from appliance.sync.messages import Arrived, Connected, Publish
from mqtt.contract import topics
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import signer_of
from mqtt.contract.records import Priority
from mqtt.contract.topics import Plane
from mqtt.office.collector.batches import acks, keep, read_batch, sealed
from mqtt.office.collector.keys import collector_signers
from mqtt.office.database import metadata, open_database, records
from mqtt.office.keys import Keyring
from mqtt.office.settings import Database, Settings
from provisioning.records import records_of
from tests.practice_office import Office

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)


def office_at(tmp_path: Path, url: str) -> Office:
    return Office(tmp_path, now=NOW, settings=Settings(database=Database(url=url)))


def test_an_office_is_founded_publishes_and_adds_booths(tmp_path: Path, database_url: str) -> None:
    with office_at(tmp_path, database_url) as office:
        office.add_booth("cb-01")
        office.publish("essentials", "dic", {"money/vi.md": b"x"})

        assert office.engine.dialect.name == "postgresql"
        assert not (office.home.root / "office.db").exists()
        assert office.head("essentials", "dic") is not None
        assert office.assignment("cat-bi").booths[0].booth == "cb-01"


def test_one_writer_at_a_time_changes_the_repository(tmp_path: Path, database_url: str) -> None:
    """Eight at once: each finds the version of the one before, none is lost."""
    with office_at(tmp_path, database_url) as office:
        before = office.revision()

        def change() -> None:
            with office.changing() as one:
                one.edit("assignments")

        threads = [threading.Thread(target=change) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with office.database() as connection:
            newest = connection.scalar(select(func.max(metadata.c.version)).where(metadata.c.role == "assignments"))
        assert newest == 9
        assert office.revision() == before + 8


def test_services_that_start_together_make_the_tables_once(database_url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            open_database(database_url).dispose()
        except Exception as error:  # noqa: BLE001 - a thread tells
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_rows_that_come_twice_at_the_same_time_are_kept_once(tmp_path: Path, database_url: str) -> None:
    """Two collectors get the same batch: both commit, both may acknowledge, each row is there once."""
    with office_at(tmp_path, database_url) as office:
        folder = office.add_booth("cb-01")
        moment = Moment(NOW, trusted=True, boot="b", boottime_ns=0)
        outbox = prepare(tmp_path / "outbox" / "outbox.db", lambda: moment)
        for n in range(20):
            outbox.append("count", {"n": n, "text": "\0 đ 中"}, Priority.AUDIT)
        signers = collector_signers(office.engine, Keyring(office.home.keys))
        trusted = Delegated("collector", tuple(signer.public_key for signer in signers), 1)
        drain = Drain("cb-01", lambda: outbox, signer_of((folder / "key.pem").read_bytes()), lambda: trusted)
        drain.take(Connected(Plane.CONTROL), 0.0)
        (message,) = (one for one in drain.outgoing(0.0) if isinstance(one, Publish))
        words: list[bytes] = []

        def collect() -> None:
            with office.database() as connection:
                delivery = read_batch(connection, message.topic, message.payload)
                assert delivery is not None
                keep(connection, delivery.batch, NOW)
                words.extend(sealed(ack, signers) for ack in acks(connection, delivery))

        threads = [threading.Thread(target=collect) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        drain.take(Arrived(Plane.CONTROL, topics.ACK.at(booth="cb-01"), words[0]), 0.0)

        assert len(words) == 4
        assert outbox.portion(Priority.AUDIT, 0, 1000) is None
        with office.database() as connection:
            assert connection.scalar(select(func.count()).select_from(records)) == 21
            assert len(records_of(connection, "cb-01", 5)) == 5
