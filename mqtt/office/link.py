"""The office's only door to paho: MQTT 5 over mutual TLS, one certificate per process.

    own thread: connect ─► loop ─► lost ─► jittered pause ─► connect …
                  │          │        │
                  ▼          ▼        ▼
    inbox:    Connected   Arrived  Disconnected          ◄── the one thread that decides takes them one at a time
                          Sent

Callbacks only post. Each connection has a paho client of its own, so that nothing of an old one (numbers, queues, late
acknowledgements) can reach a new one. What is unacknowledged at the end of a connection is forgotten here: the
database is the memory.
"""

import random
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from mqtt.contract.topics import Plane

KEEPALIVE_S: Final = 30
CONNECT_S: Final = 10.0
UNACKNOWLEDGED: Final = 64
"""Messages the broker may send ahead of our acknowledgements."""
PACKET_LIMIT: Final = 1024 * 1024
SESSION_S: Final = 7 * 24 * 3600
"""How long the broker keeps a persistent session."""
SHORTEST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 10.0
LOOP_S: Final = 0.5
"""How long the loop sleeps at most when nothing happens; writing wakes it."""
STEADY_S: Final = 10.0
"""A connection that lasted this long was a good one: the next pause is short again."""

_FAILURE: Final = 0x80


@dataclass(frozen=True)
class Endpoint:
    """A broker and the certificate to come with."""

    plane: Plane
    host: str
    port: int
    name: str
    ca: Path
    certificate: Path
    key: Path


class Line:
    """One connection while it lasts; what is said into a dead one is lost, and ``Disconnected`` is on its way."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def publish(  # noqa: PLR0913 - what MQTT 5 knows of a message
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool,
        expiry_s: int | None = None,
        answer: tuple[str, bytes] | None = None,
    ) -> int:
        """Say something; the number comes back in :class:`Sent` once it is with the broker (QoS 0: on the wire).

        ``answer`` is where the answer is expected, and what it shall carry to be told from others.
        """
        properties = Properties(PacketTypes.PUBLISH)
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        if answer is not None:
            properties.ResponseTopic, properties.CorrelationData = answer
        return self._client.publish(topic, payload, qos, retain, properties).mid

    def subscribe(self, *filters: str, qos: int = 1, own: bool = True) -> None:
        """Listen; ``own`` False leaves out what we say ourselves.

        Brokers acknowledge what they refuse: only messages prove a right.
        """
        self._client.subscribe([(name, SubscribeOptions(qos=qos, noLocal=not own)) for name in filters])

    def unsubscribe(self, *filters: str) -> None:
        """Listen no longer."""
        self._client.unsubscribe(list(filters))


@dataclass(frozen=True)
class Connected:
    """The broker let us in."""

    plane: Plane
    line: Line


@dataclass(frozen=True)
class Disconnected:
    """The line is gone, or could not be had (said once until something changes)."""

    plane: Plane
    reason: str


@dataclass(frozen=True)
class Arrived:
    """A message; QoS 1 stays the broker's until :meth:`acknowledge`."""

    plane: Plane
    topic: str
    payload: bytes
    acknowledge: Callable[[], object]


@dataclass(frozen=True)
class Sent:
    """A message is with the broker; ``refused`` gives its reason if it does not want it."""

    plane: Plane
    number: int
    refused: str | None = None


@dataclass(frozen=True)
class Stop:
    """End the process: a signal came, or the parent is gone."""


Event = Connected | Disconnected | Arrived | Sent | Stop


class Pauses:
    """How long to wait before the next attempt: doubling, with full jitter, so that a fleet does not come at once.

    Args:
        draw: Uniform random number between two bounds.
    """

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        self._draw = draw
        self._ceiling = SHORTEST_PAUSE_S

    def after(self, lasted_s: float) -> float:
        """Return the pause after a connection (or attempt) that lasted so long."""
        if lasted_s >= STEADY_S:
            self._ceiling = SHORTEST_PAUSE_S
        pause = self._draw(SHORTEST_PAUSE_S / 2, self._ceiling)
        self._ceiling = min(self._ceiling * 2, LONGEST_PAUSE_S)
        return pause


class Link:
    """Keeps one connection to one broker; use as a context manager.

    Args:
        endpoint: Where to, and who we are.
        inbox: Takes every event; ``put`` must not block.
        persistent: The broker keeps our session while we are away.
        pauses: Between attempts.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        inbox: "SimpleQueue[Event]",
        clock: Callable[[], float],
        *,
        persistent: bool = False,
        pauses: Pauses | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._inbox = inbox
        self._persistent = persistent
        self._pauses = pauses or Pauses()
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link-{endpoint.plane}", daemon=True)
        self._said = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._thread.join(CONNECT_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = self._clock()
            reason = self._connection()
            if reason != self._said:
                self._said = reason
                self._inbox.put(Disconnected(self._endpoint.plane, reason))
            self._stopping.wait(self._pauses.after(self._clock() - began))

    def _connection(self) -> str:
        """Hold one connection until it ends; return why."""
        ended: list[str] = []
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            client = self._client(ended)
            client.connect(
                self._endpoint.host,
                self._endpoint.port,
                KEEPALIVE_S,
                clean_start=not self._persistent,
                properties=self._connect_properties(),
            )
            while code == MQTTErrorCode.MQTT_ERR_SUCCESS and not self._stopping.is_set():
                code = client.loop(LOOP_S)
            if self._stopping.is_set():
                client.disconnect()
                client.loop(LOOP_S)
        except Exception as error:  # noqa: BLE001 - the loop's one broad catch: paho raises what it cannot parse
            return f"{type(error).__name__}: {error}"
        return ended[0] if ended else code.name

    def _client(self, ended: list[str]) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._endpoint.name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        context = ssl.create_default_context(cafile=str(self._endpoint.ca))
        context.load_cert_chain(self._endpoint.certificate, self._endpoint.key)
        client.tls_set_context(context)
        client.connect_timeout = CONNECT_S
        plane, inbox = self._endpoint.plane, self._inbox

        def connected(_client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _p: object) -> None:
            if code.is_failure:
                ended.append(str(code))
            else:
                self._said = ""
                inbox.put(Connected(plane, Line(client)))

        def disconnected(_client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _p: object) -> None:
            ended.append(str(code))

        def arrived(_client: Client, _data: object, message: MQTTMessage) -> None:
            mid, qos = message.mid, message.qos
            try:
                topic = message.topic
            except UnicodeDecodeError:
                topic = ""
            inbox.put(Arrived(plane, topic, bytes(message.payload), lambda: client.ack(mid, qos)))

        def sent(_client: Client, _data: object, mid: int, code: ReasonCode, _p: object) -> None:
            inbox.put(Sent(plane, mid, str(code) if code.value >= _FAILURE else None))

        client.on_connect = connected
        client.on_disconnect = disconnected
        client.on_message = arrived
        client.on_publish = sent
        # With a writer registered paho leaves every write to the loop: two threads writing would mix packets.
        client.on_socket_register_write = _leave_it_to_the_loop
        return client

    def _connect_properties(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_S if self._persistent else 0
        properties.ReceiveMaximum = UNACKNOWLEDGED
        properties.MaximumPacketSize = PACKET_LIMIT
        return properties


def _leave_it_to_the_loop(_client: Client, _data: Any, _socket: Any) -> None:  # noqa: ANN401 - paho's own types
    """Do nothing: the loop wakes by itself."""
