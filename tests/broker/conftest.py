"""Real mosquitto brokers with certificates of an authority made for the test."""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import delete, insert, select, update

from mqtt.broker.account import Account
from mqtt.broker.acl import render_acl
from mqtt.broker.config import ACL_FILE, CONFIG_FILE, Listener, render_config
from mqtt.broker.folder import BrokerFolder
from mqtt.broker.inventory import Inventory
from mqtt.broker.process import Brokers
from mqtt.contract.topics import Plane
from mqtt.office import database
from mqtt.office.brokers import folders, listeners, update_brokers
from mqtt.office.database import open_database
from mqtt.office.home import Home
from mqtt.office.objects import Objects
from mqtt.office.settings import read_settings

WAIT_S = 10.0
ENDS_S = 2.0
OBSERVER = "user observer\ntopic readwrite gb/v1/#\n"


class Authority:
    """An X.509 authority in a folder laid out as ``home.tls``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        certificate = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._write("ca", certificate.sign(self._key, hashes.SHA256()), self._key)

    def issue(self, name: str) -> None:
        """Write ``{name}.pem`` and ``{name}.key``."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        self._write(name, builder.add_extension(names, critical=False).sign(self._key, hashes.SHA256()), key)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
        )

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        (self.folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self.folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


class Peer:
    """An MQTT client that remembers what it heard; use as a context manager."""

    def __init__(self, tls: Path, name: str, port: int, client_id: str | None = None, *, bare: bool = False) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.reason = ""
        self._news = threading.Condition()
        self._connected = False
        self._acknowledged = 0
        self._subscribed = 0
        self._port = port
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id or name,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        own = {} if bare else {"certfile": str(tls / f"{name}.pem"), "keyfile": str(tls / f"{name}.key")}
        self._client.tls_set(str(tls / "ca.pem"), **own)
        self._client.max_inflight_messages_set(0)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self.wait(lambda: self._connected or self.reason)
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def alive(self) -> bool:
        return self._connected

    def will(self, topic: str, payload: bytes) -> None:
        self._client.will_set(topic, payload, 1, retain=True)

    def drop(self) -> None:
        """Go without a word: the broker sends the will."""
        self._client._sock_close()

    def say(
        self, messages: list[tuple[str, bytes]], *, qos: int = 1, retain: bool = False, expiry_s: int | None = None
    ) -> None:
        """Publish; return when the broker has dealt with all of them."""
        before = self._acknowledged
        properties = None
        if expiry_s:
            properties = Properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expiry_s
        for topic, payload in messages:
            self._client.publish(topic, payload, qos, retain, properties)
        self.wait(lambda: self._acknowledged >= before + len(messages))

    def listen(self, *filters: str, qos: int = 0) -> None:
        """Subscribe; what the broker sent before its answer has been heard when this returns."""
        before = self._subscribed
        self._client.subscribe([(name, qos) for name in filters])
        self.wait(lambda: self._subscribed > before)

    def deaf(self, *filters: str) -> None:
        self._client.unsubscribe(list(filters))

    def wait(self, done: Callable[[], object], wait_s: float = WAIT_S) -> None:
        with self._news:
            assert self._news.wait_for(done, wait_s), f"nothing came in {wait_s} s; heard {len(self.heard)}"

    def wait_heard(self, topic: str, wait_s: float = WAIT_S) -> bytes:
        """Return the newest payload of a topic once there is one."""
        self.wait(lambda: any(name == topic for name, _ in self.heard), wait_s)
        return next(payload for name, payload in reversed(self.heard) if name == topic)

    def _note(self) -> None:
        with self._news:
            self._news.notify_all()

    def _on_connect(self, _client: object, _data: object, _flags: object, code: object, _p: object) -> None:
        self._connected = not code.is_failure
        self.reason = "" if self._connected else str(code)
        self._note()

    def _on_disconnect(self, _client: object, _data: object, _flags: object, code: object, _p: object) -> None:
        self._connected = False
        self.reason = str(code)
        self._note()

    def _on_message(self, _client: object, _data: object, message: object) -> None:
        with self._news:
            self.heard.append((message.topic, bytes(message.payload)))
            self._news.notify_all()

    def _on_publish(self, *_: object) -> None:
        self._acknowledged += 1
        self._note()

    def _on_subscribe(self, *_: object) -> None:
        self._subscribed += 1
        self._note()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Place:
    """A pair of brokers and everyone's certificates."""

    folder: Path
    inventory: Inventory
    authority: Authority
    ports: dict[Plane, int] = field(default_factory=lambda: {plane: free_port() for plane in Plane})

    def __post_init__(self) -> None:
        for name in (
            *(identity.name for identity in self.inventory),
            *(f"broker-{plane}" for plane in Plane),
            "observer",
        ):
            self.authority.issue(name)
        self.listeners = {plane: Listener(port, "127.0.0.1") for plane, port in self.ports.items()}
        account = Account.for_folder(self.folder / "control")
        self.folders = {plane: BrokerFolder(self.folder / plane, account) for plane in Plane}
        self.write()

    def write(self) -> None:
        for plane, folder in self.folders.items():
            tls = self.authority.folder
            folder.write(
                {
                    CONFIG_FILE: render_config(plane, self.listeners[plane], folder.root, folder.account.name).encode(),
                    ACL_FILE: (render_acl(plane, self.inventory) + "\n" + OBSERVER).encode(),
                    "ca.pem": (tls / "ca.pem").read_bytes(),
                    "server.pem": (tls / f"broker-{plane}.pem").read_bytes(),
                    "server.key": (tls / f"broker-{plane}.key").read_bytes(),
                }
            )

    def peer(
        self, name: str, plane: Plane = Plane.CONTROL, client_id: str | None = None, *, bare: bool = False
    ) -> Peer:
        return Peer(self.authority.folder, name, self.ports[plane], client_id, bare=bare)

    def peer_of(self, authority: Authority, name: str) -> Peer:
        return Peer(authority.folder, name, self.ports[Plane.CONTROL])

    def run(self) -> Brokers:
        return Brokers(self.folders, self.listeners)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that the user mosquitto may enter, other than pytest's own."""
    with tempfile.TemporaryDirectory(prefix="brokers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def make_place() -> Callable[[Path, Inventory], Place]:
    return lambda folder, inventory: Place(folder / "brokers", inventory, Authority(folder / "tls"))


@pytest.fixture(scope="session")
def make_authority() -> Callable[[Path], Authority]:
    return Authority


class Office:
    """A real office in a folder: database, objects, certificates, and its services as real processes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.home = Home(folder)
        self.ports = {plane: free_port() for plane in Plane}
        (folder / "office.toml").write_text(
            f"control_port = {self.ports[Plane.CONTROL]}\nbulk_port = {self.ports[Plane.BULK]}\n", "utf-8"
        )
        self.authority = Authority(self.home.tls)
        for name in ("publisher", "chunks", "collector", *(f"broker-{plane}" for plane in Plane)):
            self.authority.issue(name)
        self.engine = open_database(self.home.database_url)
        self.objects = Objects(self.home.objects)
        with self.engine.begin() as connection:
            connection.execute(insert(database.revision).values(only=1, number=1))

    def add_booth(self, name: str, gate: str = "cat-bi") -> None:
        self.authority.issue(name)
        with self.engine.begin() as connection:
            row = {"booth": name, "gate": gate, "roles": ["screen"], "revoked": False, "added": datetime.now(UTC)}
            connection.execute(insert(database.booths).values(row))

    def revoke(self, name: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(database.booths).where(database.booths.c.booth == name).values(revoked=True))
        update_brokers(self.home, self.engine)

    def release(self, number: int, *datas: bytes) -> list[str]:
        """Publish a release of one stream that needs these blobs."""
        stream = {"category": "law", "agency": "dic", "number": number}
        stored = [self.objects.put(data) for data in datas]
        with self.engine.begin() as connection:
            row = stream | {"head": b"", "published": datetime.now(UTC)}
            connection.execute(insert(database.releases).values(row))
            rows = [stream | {"sha256": one.sha256, "size": one.size} for one in stored]
            connection.execute(insert(database.blobs), rows)
        return [one.sha256 for one in stored]

    def assign(self, gate: str, body: bytes) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(database.assignments).where(database.assignments.c.gate == gate))
            connection.execute(insert(database.assignments).values(gate=gate, body=body))

    def sign(self, version: int) -> None:
        """A set of metadata of this version: form is all that counts here."""
        bodies = {
            "timestamp": {"signed": {"meta": {"snapshot.json": {"version": version}}}},
            "snapshot": {"signed": {"meta": {"targets.json": {"version": version}}}},
            "targets": {"signed": {"version": version}},
            "root": {"signed": {"version": version}},
        }
        with self.engine.begin() as connection:
            for role, body in bodies.items():
                row = {"role": role, "version": version, "body": json.dumps(body).encode()}
                connection.execute(insert(database.metadata).values(row))

    def changed(self) -> None:
        """Tell the publisher."""
        with self.engine.begin() as connection:
            connection.execute(update(database.revision).values(number=database.revision.c.number + 1))

    @contextmanager
    def serve(self, name: str, *options: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Run one service; asked to end at the end, which it does at once and cleanly."""
        command = (
            sys.executable,
            "-P",
            "-m",
            "mqtt.office.cli",
            "serve",
            name,
            "--home",
            str(self.home.root),
            *options,
        )
        with (self.home.root / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        try:
            yield process
        finally:
            asked = process.poll() is None
            process.terminate()
            try:
                process.wait(ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert not asked or process.returncode == 0, self.log(name)

    def log(self, name: str) -> str:
        return (self.home.root / f"{name}.log").read_text("utf-8", "replace")

    @contextmanager
    def brokers(self) -> Iterator[Brokers]:
        """Run both brokers without the service around them, as far as a test wants to end them itself."""
        update_brokers(self.home, self.engine)
        with Brokers(folders(self.home), listeners(read_settings(self.home.root))) as running:
            yield running

    def wipe(self) -> None:
        """Let the control broker forget everything."""
        for file in (self.home.brokers / "control/data").iterdir():
            file.unlink()

    def peer(self, name: str, plane: Plane = Plane.CONTROL) -> Peer:
        return Peer(self.home.tls, name, self.ports[plane])

    def state(self, booth: str, kind: str) -> bytes | None:
        table = database.reports
        with self.engine.connect() as connection:
            return connection.execute(select(table.c.body).where(table.c.booth == booth, table.c.kind == kind)).scalar()


def until(done: Callable[[], object], wait_s: float = WAIT_S) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + wait_s
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def office(open_folder: Path) -> Iterator[Office]:
    found = Office(open_folder / f"office-{time.monotonic_ns()}")
    found.add_booth("cb-01")
    found.add_booth("cb-02")
    found.add_booth("hp-01", "hai-phong-port")
    yield found
    found.engine.dispose()


@pytest.fixture(scope="session")
def eventually() -> Callable[..., None]:
    return until


@pytest.fixture
def free_ports() -> tuple[int, int]:
    return free_port(), free_port()
