"""Laws of the link: its threads only post, survive whatever a broker says, and are the only ones that write."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

import pytest

from appliance.identity import Broker, Identity
from appliance.sync.link import NO_CHECK_TIME, Link, tls_context
from appliance.sync.messages import Arrived, Connected, Disconnected, Incoming, Publish, Subscribe
from mqtt.contract.errors import ErrorCode
from mqtt.contract.topics import Plane
from provisioning.tls import CertificateAuthority

NOW: Final = datetime.now(UTC)
YEARS: Final = timedelta(days=365)
WAIT_S: Final = 10
E = TypeVar("E")

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 0x10, 0x20, 0x30, 0x40, 0x80, 0x90, 0xE0
ACCEPTED: Final = bytes((CONNACK, 3, 0, 0, 0))


class PlayedBroker:
    """A broker that says what a test wants: each connection is answered by the next of its scripts.

    A script takes each packet (first byte and body) and returns bytes to send, None to hang up.
    """

    def __init__(self, folder: Path, certificate_from: datetime = NOW) -> None:
        authority = CertificateAuthority.found(NOW)
        authority.server("broker", ["127.0.0.1"], certificate_from).save(folder / "server.pem", folder / "server.key")
        authority.client("cb-01", NOW).save(folder / "cert.pem", folder / "key.pem")
        (folder / "ca.pem").write_bytes(authority.issued.certificate)
        self.folder = folder
        self.scripts: list[Callable[[int, bytes], bytes | None]] = [polite]
        self.heard: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            threading.Thread(target=self._serve, args=(raw, script), daemon=True).start()

    def _serve(self, raw: socket.socket, script: Callable[[int, bytes], bytes | None]) -> None:
        with suppress(OSError), raw, self._context.wrap_socket(raw, server_side=True) as peer:
            file = peer.makefile("rb")
            while first := file.read(1):
                body = file.read(_length(file))
                answer = script(first[0], body)
                self.heard.put((first[0] & 0xF0, body))
                if answer is None:
                    return
                peer.sendall(answer)


def _length(file: Any) -> int:
    length = shift = 0
    while True:
        byte = file.read(1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return length


def polite(first: int, body: bytes) -> bytes | None:
    match first & 0xF0:
        case 0x10:
            return ACCEPTED
        case 0x30 if first & 0x06:
            topic = int.from_bytes(body[:2])
            return bytes((PUBACK, 2)) + body[2 + topic : 4 + topic]
        case 0x80:
            return bytes((SUBACK, 4)) + body[:2] + b"\0\1"
        case 0xE0:
            return None
        case _:
            return b""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[PlayedBroker]:
    made = PlayedBroker(tmp_path)
    yield made
    made.close()


class Listener:
    """The events a link posts, and on which thread."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Incoming] = SimpleQueue()
        self.threads: set[str] = set()

    def post(self, event: Incoming) -> None:
        self.threads.add(threading.current_thread().name)
        self.events.put(event)

    def wait_for(self, kind: type[E], plane: Plane = Plane.CONTROL) -> E:
        while True:
            event = self.events.get(timeout=WAIT_S)
            if isinstance(event, kind) and event.plane is plane:
                return event


def context(folder: Path, now: datetime = NOW, *, trusted: bool = True) -> ssl.SSLContext:
    return tls_context(folder, lambda: (now, trusted))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def connect(broker: PlayedBroker, listener: Listener) -> Iterator[Callable[..., Link]]:
    """Start a link; both planes lead to the played broker, or control only."""
    links: list[Link] = []

    def start(tls: ssl.SSLContext | None = None) -> Link:
        there = Broker(host="127.0.0.1", control=broker.port, bulk=1)
        me = Identity(booth="cb-01", gate="cat-bi", roles=("screen",), brokers=(there,))
        tls = tls or context(broker.folder)
        link = Link(me, tls, listener.post, lambda: b"will", keepalive_s=5, shortest_rest_s=0.01)
        links.append(link)
        link.start()
        return link

    yield start
    for link in links:
        link.close()


def packet(broker: PlayedBroker, kind: int) -> bytes:
    """The next packet of a kind that the broker hears."""
    while True:
        first, body = broker.heard.get(timeout=WAIT_S)
        if first == kind:
            return body


def test_a_connection_begins_clean_with_our_will_and_no_password(
    broker: PlayedBroker, connect: Callable[..., Link], listener: Listener
) -> None:
    connect()
    assert listener.wait_for(Connected) == Connected(Plane.CONTROL)
    hello = packet(broker, CONNECT)
    assert hello[:7] == b"\0\4MQTT\5"
    assert hello[7] == 0b0010_1110  # will kept, QoS 1, clean start; neither name nor password
    assert b"cb-01" in hello
    assert hello.endswith(b"will")


def test_what_arrives_is_posted_by_the_link_s_own_thread(
    broker: PlayedBroker, connect: Callable[..., Link], listener: Listener
) -> None:
    """The callback hands over bytes and returns; whoever decides runs elsewhere."""
    message = bytes((PUBLISH, 9)) + b"\0\3a/b" + b"\0" + b"xyz"
    broker.scripts = [
        lambda first, body: (polite(first, body) or b"") + (message if first & 0xF0 == SUBSCRIBE else b"")
    ]
    link = connect()
    listener.wait_for(Connected)
    link.send(Subscribe(Plane.CONTROL, ("a/b",)))
    assert listener.wait_for(Arrived) == Arrived(Plane.CONTROL, "a/b", b"xyz")
    assert listener.threads <= {"link-control", "link-bulk"}


def test_publishing_from_another_thread_leaves_every_write_to_the_loop(
    broker: PlayedBroker, connect: Callable[..., Link], listener: Listener
) -> None:
    """Two threads writing would mix packets on the wire."""
    tls, writers = context(broker.folder), set()
    dated = tls.sslsocket_class

    class Watched(dated):  # type: ignore[misc,valid-type]
        def send(self, *arguments: Any) -> int:
            writers.add(threading.current_thread().name)
            return int(super().send(*arguments))

    tls.sslsocket_class = Watched
    link = connect(tls)
    listener.wait_for(Connected)
    for number in range(50):
        link.send(Publish(Plane.CONTROL, "a/b", b"%d" % number, 1, retain=False, expiry_s=30))
    heard = [packet(broker, PUBLISH) for _ in range(50)]
    assert [body.rpartition(b"\x1e")[2] for body in heard] == [b"%d" % number for number in range(50)]
    assert writers == {"link-control"}


@pytest.mark.parametrize(
    "wild",
    [
        bytes((CONNACK, 3, 0, 0, 200)),
        bytes((PUBLISH, 9)) + b"\0\3\xff\xfe\xfd" + b"\0" + b"xyz",
        bytes((PUBLISH, 9)) + b"\0\3a/b" + b"\x05\x7f\x7f\x7f",
        bytes((PUBLISH, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)),
        bytes((PUBLISH, 12)) + b"\0\3a/b" + b"\x03\x23\0\0" + b"xyz",
        bytes((DISCONNECT, 1, 1)),
        bytes((PUBACK, 3, 0, 1, 1)),
        bytes((SUBACK, 1, 0)),
        b"\0\0\0\0",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
    ids=["property", "topic", "properties", "length", "alias", "goodbye", "receipt", "short", "zeros", "http"],
)
def test_whatever_a_broker_says_the_link_comes_back(
    broker: PlayedBroker, connect: Callable[..., Link], listener: Listener, wild: bytes
) -> None:
    """A thread of the link that died would leave a booth deaf until somebody restarts it."""
    seen = threading.Event()

    def wildly(first: int, _: bytes) -> bytes | None:
        if first & 0xF0 == CONNECT:
            return ACCEPTED + wild
        seen.set()
        return None

    broker.scripts = [wildly, polite]
    link = connect()
    listener.wait_for(Connected)
    link.send(Subscribe(Plane.CONTROL, ("a/b",)))
    listener.wait_for(Disconnected)
    assert listener.wait_for(Connected) == Connected(Plane.CONTROL)


def test_what_a_lost_connection_owed_is_not_said_on_the_next(
    broker: PlayedBroker, connect: Callable[..., Link], listener: Listener
) -> None:
    """All is said again anyhow; what is old would come first."""
    broker.scripts = [lambda first, body: None if first & 0xF0 == PUBLISH else polite(first, body), polite]
    link = connect()
    listener.wait_for(Connected)
    link.send(Publish(Plane.CONTROL, "a/b", b"old", 1, retain=True))
    listener.wait_for(Disconnected)
    listener.wait_for(Connected)
    link.send(Publish(Plane.CONTROL, "a/b", b"new", 1, retain=True))
    assert packet(broker, PUBLISH).endswith(b"old")
    assert packet(broker, PUBLISH).endswith(b"new")


def test_a_broker_out_of_reach_is_told_once(connect: Callable[..., Link], listener: Listener) -> None:
    """Edges, not ticks: the link tries on, in silence, while the reason is the same."""
    connect()
    assert listener.wait_for(Disconnected, Plane.BULK).code is ErrorCode.LINK
    with suppress(Empty):
        while True:
            event = listener.events.get(timeout=0.2)
            assert event == Connected(Plane.CONTROL)


def test_what_cannot_be_sent_is_dropped(connect: Callable[..., Link]) -> None:
    link = connect()
    link.send(Publish(Plane.BULK, "a/b", b"x", 1, retain=False))
    assert not link._lines[Plane.BULK].client._out_messages


@pytest.mark.parametrize(
    ("issued", "now", "trusted", "accepted"),
    [
        (NOW, NOW, True, True),
        (NOW - 6 * YEARS, NOW, True, False),
        (NOW - 6 * YEARS, NOW - 2 * YEARS, True, True),
        (NOW, NOW + 6 * YEARS, True, False),
        (NOW, NOW + 6 * YEARS, False, False),
        (NOW, NOW - 3 * YEARS, True, False),
        (NOW, NOW - 3 * YEARS, False, True),
    ],
    ids=["fresh", "expired", "old clock", "late", "late at least", "too young", "young, time unknown"],
)
def test_dates_count_by_trusted_time_and_not_by_the_machine_s_clock(
    tmp_path: Path, issued: datetime, now: datetime, *, trusted: bool, accepted: bool
) -> None:
    """A lower bound of the time can tell that a certificate has run out, not that it is too young."""
    broker, heard = PlayedBroker(tmp_path, issued), Listener()
    there = Broker(host="127.0.0.1", control=broker.port, bulk=broker.port)
    me = Identity(booth="cb-01", gate="cat-bi", roles=("screen",), brokers=(there,))
    link = Link(me, context(tmp_path, now, trusted=trusted), heard.post, lambda: b"", shortest_rest_s=0.01)
    link.start()
    try:
        if accepted:
            heard.wait_for(Connected)
        else:
            refused = heard.wait_for(Disconnected)
            assert refused.code is ErrorCode.TLS_DATES
            assert f"it is {now}" in refused.reason
    finally:
        link.close()
        broker.close()


def test_only_the_dates_are_left_to_us(broker: PlayedBroker) -> None:
    tls = context(broker.folder)
    assert tls.verify_flags & NO_CHECK_TIME
    assert tls.verify_mode is ssl.CERT_REQUIRED
    assert tls.check_hostname
    assert tls.minimum_version >= ssl.TLSVersion.TLSv1_2
