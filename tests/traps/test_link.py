"""Traps of paho and of brokers, met by the booth's real link."""

import random
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from appliance.sync import link
from appliance.sync.choice import jittered
from appliance.sync.messages import Publish, Subscribe
from mqtt.contract import topics
from mqtt.contract.topics import Plane
from tests.world.line import Line, Quality

META = topics.META.at()
CONNACK = bytes((0x20, 3, 0, 0, 0))
NONSENSE = (
    bytes((0x30, 2, 0, 9)),  # PUBLISH whose topic is longer than the packet
    bytes((0x30, 7, 0, 2, 0xFF, 0xFE, 0, 1, 2)),  # a topic that is not UTF-8
    bytes((0x30, 6, 0, 1, 97, 200, 1, 1)),  # properties that do not end
    bytes((0x30, 5, 0, 1, 97, 1, 0x7E)),  # a property nobody knows
    bytes((0x90, 0)),  # SUBACK without anything
    bytes((0x40, 1, 0)),  # PUBACK of half a number
    bytes((0xF0, 0)),  # AUTH
    bytes((0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)),  # a length that does not end
)


def test_a_gate_does_not_come_back_as_a_herd() -> None:
    """The pauses of a thousand booths fill their half of the interval evenly; paho's own have no jitter."""
    draw = random.Random(7).uniform
    pauses = [jittered(60.0, draw) for _ in range(1000)]
    tenths = Counter(int((pause - 30.0) / 3.0) for pause in pauses)
    assert min(pauses) >= 30.0
    assert max(pauses) <= 60.0
    assert all(60 < tenths[tenth] < 140 for tenth in range(10))


@contextmanager
def hostile(world: Any, packet: bytes) -> Iterator[int]:
    """Somebody with the broker's key, who answers every CONNECT with CONNACK and nonsense; yields the port."""
    tls = world.place.authority.folder
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "broker-control.pem", tls / "broker-control.key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopping = threading.Event()
        server.settimeout(0.2)

        def serve() -> None:
            while not stopping.is_set():
                with suppress(OSError):
                    bare, _ = server.accept()
                    bare.settimeout(1.0)
                    with context.wrap_socket(bare, server_side=True) as one:
                        one.recv(4096)
                        one.sendall(CONNACK + packet)
                        while one.recv(4096):
                            pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stopping.set()
            thread.join()


@pytest.mark.broker
@pytest.mark.parametrize("packet", NONSENSE, ids=lambda packet: packet.hex())
def test_no_packet_ends_the_thread_of_the_link(packet: bytes, world: Any) -> None:
    """An exception below paho kills a thread silently; ours takes the line up again."""
    with hostile(world, packet) as port, world.link(port) as ear:
        ear.wait(lambda: ear.connections() >= 2)


@pytest.mark.broker
def test_a_poisoned_message_does_not_stop_those_after_it(world: Any) -> None:
    with world.place.run(), world.peer("publisher") as office, world.link() as ear:
        ear.wait(ear.connections)
        ear.link.send(Subscribe(Plane.CONTROL, (META, topics.ROOT.filter())))
        office.say([(topics.ROOT.at(number="not-a-number"), b"\0\xff" * 500), (META, b"")])
        office.say([(META, b"after it")], retain=True)
        ear.wait(lambda: b"after it" in ear.arrived(META))
        assert ear.connections() == 1


@pytest.mark.broker
def test_an_exception_in_a_callback_does_not_kill_the_line(world: Any) -> None:
    """Paho's own thread would die without a word and still say that it is connected; ours connects again."""
    with world.place.run(), world.peer("publisher") as office, world.link() as ear:
        ear.wait(ear.connections)
        ear.stumbles = 1
        ear.link.send(Subscribe(Plane.CONTROL, (META,)))
        office.say([(META, b"poison")], retain=True)
        ear.wait(lambda: ear.connections() == 2)
        ear.link.send(Subscribe(Plane.CONTROL, (META,)))
        ear.wait(lambda: ear.arrived(META) == [b"poison"])


@pytest.mark.broker
def test_publishing_while_messages_arrive_never_locks(world: Any) -> None:
    """Paho runs callbacks under its lock; ours take none and only post, so both directions go on."""
    with world.place.run(), world.peer("publisher") as office, world.link() as ear:
        ear.wait(ear.connections)
        ear.link.send(Subscribe(Plane.CONTROL, (META,)))
        stop = threading.Event()

        def report() -> None:
            address = topics.REPORTED.at(booth="cb-01")
            while not stop.is_set():
                ear.link.send(Publish(Plane.CONTROL, address, b"x" * 200, 1, retain=False))
                stop.wait(0.001)

        thread = threading.Thread(target=report)
        thread.start()
        try:
            office.say([(META, b"%d" % number) for number in range(500)])
            ear.wait(lambda: b"499" in ear.arrived(META))
        finally:
            stop.set()
            thread.join(10)
        assert not thread.is_alive()


@pytest.mark.broker
def test_a_large_message_over_a_slow_line_is_no_dead_line(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six seconds of one message with a keepalive of two: paho 2.1 hung up again and again."""
    monkeypatch.setattr(link, "KEEPALIVE_S", 2)
    body = random.Random(3).randbytes(96 * 1024)
    control = world.place.ports[Plane.CONTROL]
    with world.place.run(), world.peer("publisher") as office:
        office.say([(META, body)], retain=True)
        with Line(control, Quality(rate=16 * 1024)) as line, world.link(line.port) as ear:
            ear.wait(ear.connections)
            ear.link.send(Subscribe(Plane.CONTROL, (META,)))
            ear.wait(lambda: ear.arrived(META), 40.0)
            assert ear.arrived(META) == [body]
            assert ear.connections() == 1


@pytest.mark.broker
def test_a_granted_subscription_proves_nothing(world: Any) -> None:
    """Mosquitto grants what it will never deliver: only what arrives counts, and the booth waits for that."""
    foreign = topics.REPORTED.at(booth="cb-02")
    with world.place.run(), world.peer("observer") as observer, world.link() as ear:
        ear.wait(ear.connections)
        ear.link.send(Subscribe(Plane.CONTROL, (foreign, topics.CONN.at(booth="cb-01"))))
        observer.say([(foreign, b"not for cb-01")], retain=True)
        observer.say([(topics.CONN.at(booth="cb-01"), b"for cb-01")], retain=True)
        ear.wait(lambda: ear.arrived(topics.CONN.at(booth="cb-01")))
        assert ear.arrived(foreign) == []
