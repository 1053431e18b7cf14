"""Laws of the drain: whatever line, broker and collector do, each row is at the office once."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.outbox.file import prepare
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Moment
from appliance.sync.drain import ANSWER_S, DEAF_S, IN_FLIGHT, POLL_S, Drain
from appliance.sync.messages import NO_SUBSCRIBERS, Arrived, Connected, Delivered, Disconnected, Publish, Subscribe
from mqtt.contract import topics
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import key_of, signer_of
from mqtt.contract.errors import ContractError
from mqtt.contract.records import NOTHING_RECEIVED, Ack, Priority
from mqtt.contract.topics import Plane
from mqtt.office.collector.batches import acks, keep, read_batch, sealed
from mqtt.office.database import asks, certificates, gaps, insert_new, open_database, records
from provisioning.tls import CertificateAuthority
from tests.practice_office import Office

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
MOMENT = Moment(NOW, trusted=True, boot="b", boottime_ns=0)
TOPIC = topics.EVENTS.at(booth="cb-01", priority="operation")
DEVICE = CertificateAuthority.found(NOW).client("cb-01", NOW)
COLLECTOR = CertificateAuthority.found(NOW).client("collector", NOW)
STRANGER = CertificateAuthority.found(NOW).client("stranger", NOW)
TRUSTED = Delegated("collector", (key_of(COLLECTOR.certificate),), 1)


class Collecting:
    """The collector's own code on a database, without a broker."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.begin() as connection:
            connection.execute(insert_new(connection, certificates), {"booth": "cb-01", "body": DEVICE.certificate})

    def take(self, topic: str, payload: bytes) -> list[bytes]:
        with self.engine.begin() as connection:
            delivery = read_batch(connection, topic, payload)
            assert delivery is not None
            keep(connection, delivery.batch, NOW)
            return [sealed(ack, [signer_of(COLLECTOR.key)]) for ack in acks(connection, delivery)]

    def numbers(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.scalars(select(records.c.seq).order_by(records.c.seq)))

    def gaps(self) -> list[tuple[int, int]]:
        with self.engine.connect() as connection:
            return [(row.first, row.last) for row in connection.execute(select(gaps))]


@pytest.fixture
def office() -> Iterator[Collecting]:
    engine = open_database("sqlite://")
    yield Collecting(engine)
    engine.dispose()


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return prepare(tmp_path / "outbox" / "outbox.db", lambda: MOMENT)


def drain_of(outbox: Outbox) -> Drain:
    drain = Drain("cb-01", lambda: outbox, signer_of(DEVICE.key), lambda: TRUSTED)
    drain.take(Connected(Plane.CONTROL), 0.0)
    return drain


def batches(drain: Drain, now: float) -> list[Publish]:
    return [message for message in drain.outgoing(now) if isinstance(message, Publish)]


def hear(drain: Drain, data: bytes, now: float = 0.0) -> None:
    drain.take(Arrived(Plane.CONTROL, topics.ACK.at(booth="cb-01"), data), now)


def ack_of(
    payload: bytes, through: int, *, key: bytes = COLLECTOR.key, stream: str = "", booth: str = "cb-01"
) -> bytes:
    return sealed(Ack(booth=booth, stream=stream, through=through, batch=sha256(payload).hexdigest()), [signer_of(key)])


def test_only_the_collectors_word_on_this_very_batch_frees_it(outbox: Outbox, office: Collecting) -> None:
    drain = drain_of(outbox)
    assert Subscribe(Plane.CONTROL, (topics.ACK.at(booth="cb-01"),)) in drain.outgoing(0.0)
    number = outbox.append("refused", {}, Priority.AUDIT)
    (message,) = batches(drain, POLL_S)
    stream = outbox.stream
    forged = [
        ack_of(message.payload, number, key=STRANGER.key, stream=stream),
        ack_of(message.payload, number + 1, stream=stream),
        ack_of(message.payload, number, stream="0" * 36),
        ack_of(message.payload + b" ", number, stream=stream),
        ack_of(message.payload, number, stream=stream, booth="cb-02"),
        b"{", b"[]", b'{"payload": 1, "payloadType": 2, "signatures": []}', b"x" * 10_000,
    ]  # fmt: skip
    for data in forged:
        with pytest.raises(RefusedError) as caught:
            hear(drain, data)
        assert caught.value.code is ErrorCode.ACK
    drain.take(Arrived(Plane.CONTROL, topics.ACK.at(booth="cb-02"), forged[0]), 0.0)
    assert owed(outbox) == [1, number]

    (answer,) = office.take(message.topic, message.payload)
    hear(drain, answer)

    assert owed(outbox) == [1]
    hear(drain, answer)


def owed(outbox: Outbox) -> list[int]:
    portion = outbox.portion(Priority.AUDIT, 0, 1000)
    return [record.sequence for record in portion.records] if portion else []


def test_a_word_on_what_was_sent_before_the_start_frees_nothing_and_is_no_fault(
    outbox: Outbox, office: Collecting
) -> None:
    (message,) = batches(drain_of(outbox), 0.0)
    (late,) = office.take(message.topic, message.payload)
    drain = drain_of(outbox)
    hear(drain, late)
    (again,) = batches(drain, 0.0)
    hear(drain, late)

    assert owed(outbox) == [1]
    (answer,) = office.take(again.topic, again.payload)
    hear(drain, answer)
    assert owed(outbox) == []
    assert office.numbers() == [1]


def test_a_word_that_comes_before_the_regulation_is_asked_for_again(outbox: Outbox, office: Collecting) -> None:
    known: list[Delegated] = []
    drain = Drain("cb-01", lambda: outbox, signer_of(DEVICE.key), lambda: known[0] if known else None)
    drain.take(Connected(Plane.CONTROL), 0.0)
    (message,) = batches(drain, 0.0)
    (early,) = office.take(message.topic, message.payload)
    hear(drain, early)
    assert owed(outbox) == [1]

    known.append(TRUSTED)
    (again,) = batches(drain, ANSWER_S)
    (answer,) = office.take(again.topic, again.payload)
    hear(drain, answer)

    assert owed(outbox) == []


def test_a_disk_that_is_full_at_the_connection_costs_no_word_of_the_office(outbox: Outbox) -> None:
    full = True

    def open_outbox() -> Outbox:
        if full:
            raise DeviceError(ErrorCode.DISK, "no space left")
        return outbox

    drain = Drain("cb-01", open_outbox, signer_of(DEVICE.key), lambda: TRUSTED)
    drain.take(Connected(Plane.CONTROL), 0.0)
    with pytest.raises(DeviceError):
        drain.outgoing(0.0)
    full = False

    said = [*drain.outgoing(1.0), *drain.outgoing(POLL_S)]

    assert said[0] == Subscribe(Plane.CONTROL, (topics.ACK.at(booth="cb-01"),))
    assert len(said) == 2


def test_a_puback_frees_nothing_and_nobody_there_means_silence(outbox: Outbox) -> None:
    drain = drain_of(outbox)
    (message,) = batches(drain, 0.0)
    drain.sent(message, 7)
    drain.take(Delivered(Plane.CONTROL, 7, NO_SUBSCRIBERS), 1.0)

    assert batches(drain, 1.0 + DEAF_S - 0.1) == []
    assert [one.payload for one in batches(drain, 1.0 + DEAF_S)] == [message.payload]
    assert outbox.portion(Priority.AUDIT, 0, 1000) is not None


def test_few_batches_are_in_flight_and_the_same_bytes_come_again(outbox: Outbox) -> None:
    for _ in range(60):
        outbox.append("noise", {"x": "y" * 10_000}, Priority.METRIC)
    drain = drain_of(outbox)
    first = [one.payload for one in batches(drain, 0.0)]

    assert len(first) == IN_FLIGHT
    assert all(len(payload) <= topics.EVENTS.limit_bytes for payload in first)
    assert batches(drain, 1.0) == []
    assert [one.payload for one in batches(drain, ANSWER_S)] == first
    drain.take(Disconnected(Plane.CONTROL, "cut"), 400.0)
    assert batches(drain, 500.0) == []
    drain.take(Connected(Plane.CONTROL), 500.0)
    assert [one.payload for one in batches(drain, 500.0)] == first


def test_the_office_refuses_what_the_booth_did_not_sign(office: Collecting, outbox: Outbox) -> None:
    (message,) = batches(drain_of(outbox), 0.0)
    table = json.loads(message.payload)
    foreign = Drain("cb-01", lambda: outbox, signer_of(STRANGER.key), lambda: TRUSTED)
    foreign.take(Connected(Plane.CONTROL), 0.0)
    (alien,) = batches(foreign, 0.0)
    hostile = [
        (message.topic, alien.payload, ErrorCode.SIGNATURE),
        (message.topic, json.dumps(table | {"payloadType": "text/plain"}).encode(), ErrorCode.SCHEMA),
        (topics.EVENTS.at(booth="cb-02", priority="audit"), message.payload, ErrorCode.AUTHORITY),
        (TOPIC, message.payload, ErrorCode.AUTHORITY),
        (message.topic, message.payload + b" " * topics.EVENTS.limit_bytes, ErrorCode.SIZE),
        (message.topic, b"[" * 50_000, ErrorCode.MALFORMED),
    ]
    for topic, payload, code in hostile:
        with office.engine.begin() as connection, pytest.raises(ContractError) as caught:
            read_batch(connection, topic, payload)
        assert caught.value.code is code
    assert office.numbers() == []


def test_a_restored_office_asks_and_gets_what_the_booth_keeps(office: Collecting, outbox: Outbox) -> None:
    drain = drain_of(outbox)
    pump(drain, office)
    with office.engine.begin() as connection:
        connection.execute(records.delete())
        connection.execute(insert_new(connection, asks), {"booth": "cb-01"})
    outbox.append("started", {}, Priority.OPERATION)
    pump(drain, office, 10.0)
    pump(drain, office, 20.0)

    assert office.numbers() == [1, 2]
    assert len(NOTHING_RECEIVED) == len("0" * 64)


def pump(drain: Drain, office: Collecting, now: float = 0.0) -> None:
    while messages := batches(drain, now):
        for message in messages:
            for answer in office.take(message.topic, message.payload):
                hear(drain, answer, now)


class World:
    """A booth, a line and an office, one step at a time."""

    def __init__(self, folder: Path, office: Collecting) -> None:
        self.outbox = prepare(folder / "outbox" / "outbox.db", lambda: MOMENT)
        self.office = office
        self.drain = drain_of(self.outbox)
        self.now = 0.0
        self.written = {1}
        self.wire: list[tuple[str, bytes]] = []
        self.words: list[bytes] = []

    def append(self, pick: int) -> None:
        priority = list(Priority)[pick % 3]
        self.written.add(self.outbox.append("count", {"pad": "x" * 8000}, priority))

    def send(self, _: int) -> None:
        self.wire += [(one.topic, one.payload) for one in batches(self.drain, self.now)]

    def lose_batch(self, pick: int) -> None:
        self.wire[pick : pick + 1] = []

    def deliver(self, pick: int) -> None:
        for topic, payload in self.wire[pick : pick + 1]:
            self.words += self.office.take(topic, payload)

    def lose_word(self, pick: int) -> None:
        self.words[pick : pick + 1] = []

    def hear(self, pick: int) -> None:
        for word in self.words[pick : pick + 1]:
            with suppress(RefusedError):
                hear(self.drain, word, self.now)

    def restart(self, _: int) -> None:
        self.drain = drain_of(self.outbox)

    def cut(self, _: int) -> None:
        self.drain.take(Disconnected(Plane.CONTROL, "cut"), self.now)
        self.drain.take(Connected(Plane.CONTROL), self.now)


STEPS = (
    World.append,
    World.send,
    World.lose_batch,
    World.deliver,
    World.lose_word,
    World.hear,
    World.restart,
    World.cut,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 7)), max_size=40))
def test_whatever_the_world_does_every_row_is_at_the_office_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Callable[[World, int], None], int]]
) -> None:
    """Batches and words are lost, repeated and reordered; lines are cut, agents die: the table still has each once."""
    engine = open_database("sqlite://")
    world = World(tmp_path_factory.mktemp("booth"), Collecting(engine))
    for step, pick in steps:
        world.now += 40.0
        step(world, pick)
    for _ in range(len(world.written)):
        world.now += 1000.0
        world.drain.take(Connected(Plane.CONTROL), world.now)
        pump(world.drain, world.office, world.now)

    assert world.office.numbers() == sorted(world.written)
    assert world.office.gaps() == []
    assert all(world.outbox.portion(priority, 0, 1 << 20) is None for priority in Priority)
    engine.dispose()


def test_an_expired_regulation_still_says_who_the_collector_is(tmp_path: Path) -> None:
    """The booth is cut off from new metadata and must still be able to forget what the office has."""
    from tests.sync.simulated import SimulatedBooth  # noqa: PLC0415 - only here

    with Office(tmp_path, now=NOW) as made:
        folder = tmp_path / "booth"
        folder.mkdir()
        booth = SimulatedBooth(made, folder, made.add_booth("cb-01"))
        booth.follow_office()
        booth.connect()
        booth.run(5.0)
        booth.power_off()
        booth.clock.base = NOW.replace(year=2036)
        booth.power_on()

        found = booth.trust.delegated("ack/cb-01")

    assert found is not None
    assert found.role == "collector"
    assert booth.trust.delegated("nobody/may/say") is None
