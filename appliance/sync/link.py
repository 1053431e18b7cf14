"""The door to paho: two connections, control and bulk, each with a thread that only posts.

    thread per plane:   choice ─► connect ─► Connected ─► Arrived … ─► Disconnected ─► wait ─┐
                           ▲────────────────────────────────────────────────────────────────┘

Which broker is :class:`Choice`'s to say; a better one is looked at by a TLS handshake and no session. Certificate
dates are judged by trusted time, not by the machine's clock.
"""

import logging
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from appliance.identity import Identity
from appliance.sync.choice import SHORTEST_REST_S, Choice
from appliance.sync.messages import Arrived, Connected, Delivered, Disconnected, Incoming, Publish, Subscribe, ToLink
from mqtt.contract import topics
from mqtt.contract.configuration import Broker
from mqtt.contract.errors import ErrorCode
from mqtt.contract.topics import Plane

KEEPALIVE_S: Final = 30
CONNECT_S: Final = 15.0
LOOK_S: Final = 3.0
"""How long a look at a better broker may take; the session waits meanwhile."""
GOODBYE_S: Final = 1.0
"""How long saying goodbye may take; a connection that is just being made is not waited for."""
WILL_DELAY_S: Final = 60
"""A short cut of the line is no death; the session lives a little longer than this so that the delay counts."""
RECEIVE_MAXIMUM: Final = {Plane.CONTROL: 16, Plane.BULK: 64}
PACKET_BYTES: Final = {Plane.CONTROL: 1 << 20, Plane.BULK: 1 << 18}

NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: the chain is verified, its dates are not (we do, on trusted time)."""

_log = logging.getLogger(__name__)


class _DatesError(ssl.SSLError):
    """The broker's certificate is outside its dates."""


def tls_context(identity: Path, read_clock: Callable[[], tuple[datetime, bool]]) -> ssl.SSLContext:
    """Return the context for both connections.

    Args:
        identity: Folder with ``ca.pem``, ``cert.pem`` and ``key.pem``.
        read_clock: Trusted time, and whether it is the present: a lower bound can tell that a certificate has run
            out, not that it is too young (a booth from the shelf would never hear what time it is).
    """

    class DatedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's signature
            super().do_handshake(block)
            certificate: Any = self.getpeercert() or {}
            first, last = (_moment(certificate.get(key, "")) for key in ("notBefore", "notAfter"))
            now, is_present = read_clock()
            if not (first and last and now <= last and (first <= now or not is_present)):
                raise _DatesError(ssl.SSL_ERROR_SSL, f"certificate valid {first} to {last}, it is {now}")

    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(identity / "ca.pem"))
    context.load_cert_chain(identity / "cert.pem", identity / "key.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= NO_CHECK_TIME
    context.sslsocket_class = DatedSocket
    return context


def _moment(text: str) -> datetime | None:
    with suppress(ValueError, TypeError):
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
    return None


@dataclass
class _Line:
    """One plane's connection; owned by its thread but for ``client``, whose methods are thread-safe.

    Attributes:
        up: What is said goes out.
        taken: The broker has let us in.
    """

    plane: Plane
    brokers: tuple[Broker, ...]
    client: mqtt.Client
    choice: Choice
    up: threading.Event = field(default_factory=threading.Event)
    taken: bool = False

    def address(self, number: int) -> tuple[str, int]:
        broker = self.brokers[number]
        return broker.host, broker.control if self.plane is Plane.CONTROL else broker.bulk


class Link:
    """Both connections of a booth.

    Args:
        identity: Who we are, and the brokers.
        context: TLS.
        post: Takes events, from the link's threads; must return at once.
        will: The bytes of our will, asked for before each connection of the control plane.
        keepalive_s: A broker that is silent for twice as long is gone.
        shortest_rest_s: How long a broker rests that failed once; then it doubles.
    """

    def __init__(  # noqa: PLR0913 - two of them for impatient tests only
        self,
        identity: Identity,
        context: ssl.SSLContext,
        post: Callable[[Incoming], None],
        will: Callable[[], bytes],
        *,
        keepalive_s: int = KEEPALIVE_S,
        shortest_rest_s: float = SHORTEST_REST_S,
    ) -> None:
        self._post = post
        self._will = will
        self._keepalive_s = keepalive_s
        self._will_topic = topics.CONN.at(booth=identity.booth)
        self._stopping = threading.Event()
        self._lines = {
            plane: _Line(
                plane,
                identity.brokers,
                self._client(identity, plane, context),
                Choice(len(identity.brokers), random.uniform, identity.return_s, shortest_rest_s),
            )
            for plane in Plane
        }
        self._context = context
        self._threads = [
            threading.Thread(target=self._keep, args=(line,), name=f"link-{line.plane}", daemon=True)
            for line in self._lines.values()
        ]

    def start(self) -> None:
        """Connect, and go on connecting until :meth:`close`."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Say goodbye to both brokers."""
        self._stopping.set()
        for line in self._lines.values():
            line.client.disconnect()
        until = time.monotonic() + GOODBYE_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def send(self, message: ToLink) -> int | None:
        """Hand a message to paho; what cannot be sent now is dropped: after each reconnection all is said again.

        Returns: The number under which :class:`Delivered` tells what the broker makes of it; None if nobody will.
        """
        line = self._lines[message.plane]
        if not line.up.is_set():
            return None
        match message:
            case Publish():
                properties = Properties(PacketTypes.PUBLISH)
                if message.expiry_s is not None:
                    properties.MessageExpiryInterval = message.expiry_s
                if message.correlation is not None:
                    properties.CorrelationData = message.correlation
                sent = line.client.publish(message.topic, message.payload, message.qos, message.retain, properties)
                return int(sent.mid) if message.qos else None
            case Subscribe():
                line.client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in message.topics])
            case _:
                line.client.unsubscribe(list(message.topics))
        return None

    def _client(self, identity: Identity, plane: Plane, context: ssl.SSLContext) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=identity.booth, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        client.tls_set_context(context)
        uplink = topics.UPLINKS[plane].at(gate=identity.gate)
        client.connect_timeout = CONNECT_S

        def connected(_client: object, _data: object, _flags: object, code: ReasonCode, _properties: object) -> None:
            if not code.is_failure:
                if len(identity.brokers) > 1:
                    client.subscribe(uplink, 1)
                self._lines[plane].taken = True
                self._open(self._lines[plane])

        def arrived(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
            if message.topic == uplink:
                self._lines[plane].choice.uplink(time.monotonic(), up=message.payload != b"0")
                return
            self._post(Arrived(plane, message.topic, bytes(message.payload)))

        def delivered(_client: object, _data: object, number: int, code: ReasonCode, _properties: object) -> None:
            self._post(Delivered(plane, number, code.value))

        client.on_connect = connected
        client.on_publish = delivered
        client.on_message = arrived
        # With a writer registered paho leaves every write to the loop: two threads writing would mix packets.
        client.on_socket_register_write = lambda *_: None
        return client

    def _open(self, line: _Line) -> None:
        """From now on what is said goes out."""
        if not line.up.is_set():
            line.up.set()
            self._post(Connected(line.plane))

    def _keep(self, line: _Line) -> None:
        told = ""
        while not self._stopping.is_set():
            number, wait = line.choice.next(time.monotonic())
            if self._stopping.wait(wait):
                return
            reason, code = self._session(line, number)
            line.choice.ended(time.monotonic(), number)
            if line.up.is_set():
                line.up.clear()
                told = ""
                self._post(Disconnected(line.plane, reason, code))
            elif reason != told:
                told = reason
                self._post(Disconnected(line.plane, reason, code))

    def _better(self, line: _Line) -> bool:
        """Whether it is time to go to another broker, and it answers."""
        number = line.choice.looks(time.monotonic())
        if number is None:
            return False
        host, port = line.address(number)
        try:
            with (
                socket.create_connection((host, port), timeout=LOOK_S) as raw,
                self._context.wrap_socket(raw, server_hostname=host),
            ):
                answers = True
        except (OSError, ValueError):
            answers = False
        line.choice.looked(time.monotonic(), answers=answers)
        return answers

    def _session(self, line: _Line, number: int) -> tuple[str, ErrorCode]:
        """Hold one connection until it breaks; returns why."""
        client = line.client
        connect = Properties(PacketTypes.CONNECT)
        connect.ReceiveMaximum = RECEIVE_MAXIMUM[line.plane]
        connect.MaximumPacketSize = PACKET_BYTES[line.plane]
        if line.plane is Plane.CONTROL:
            connect.SessionExpiryInterval = WILL_DELAY_S + 30
            delay = Properties(PacketTypes.WILLMESSAGE)
            delay.WillDelayInterval = WILL_DELAY_S
            client.will_set(self._will_topic, self._will(), topics.CONN.qos, topics.CONN.retain, delay)
        host, port = line.address(number)
        client.drop_out_messages()  # what the last connection still owed; paho would send it again, and first
        try:
            line.taken = False
            client.connect(host, port, self._keepalive_s, clean_start=True, properties=connect)
            if line.plane is Plane.BULK:
                self._open(line)  # requests go right behind CONNECT: one round trip less for a line that breaks often
            code, begun = mqtt.MQTT_ERR_SUCCESS, False
            while code == mqtt.MQTT_ERR_SUCCESS:
                code = client.loop(timeout=1.0)
                if line.taken and not begun:
                    begun = True
                    line.choice.connected(time.monotonic(), number)
                if begun and self._better(line):
                    client.disconnect()
                    client.loop(timeout=1.0)
                    return f"{host}:{port}: left for a better broker", ErrorCode.LINK
        except _DatesError as error:
            return f"{host}:{port}: {error}", ErrorCode.TLS_DATES
        except OSError as error:
            return f"{host}:{port}: {error}", ErrorCode.LINK
        except Exception as error:  # noqa: BLE001 - whatever a broker's bytes make paho raise, the line is taken up again
            _log.exception("%s:%d sent what cannot be read", host, port)
            return f"{host}:{port}: {error!r}", ErrorCode.LINK
        return f"{host}:{port}: {mqtt.error_string(code)}", ErrorCode.LINK
