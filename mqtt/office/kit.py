"""The folder an officer carries: the regulation, the officer's key, and the way to the broker of a gate.

    officer-lan/
    ├── officer.toml      officer, gate, where the gate's broker listens
    ├── authority.toml    the regulation when the kit was issued
    ├── keys/             officer-lan.json, and officer-lan.pem unless the key is in a token
    ├── tls/              ca.pem, cert.pem, key.pem
    └── sent/             notices that were published from here

With the office cut off, an officer publishes with it to the gate's own broker; booths judge the signature, not the way.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import msgspec

from mqtt.contract import topics
from mqtt.contract.documents import encode
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import Name
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, Notice
from mqtt.contract.topics import Plane
from mqtt.office.authority import read_authority
from mqtt.office.brokers import officer_name
from mqtt.office.edge.settings import Address
from mqtt.office.files import replace
from mqtt.office.keys import Keyring
from mqtt.office.link import Connected, Disconnected, Endpoint, Event, Link, Sent
from mqtt.office.notices.raising import read
from mqtt.office.terms import Authority

OFFICER_FILE: Final = "officer.toml"
KEYS: Final = "keys"
TLS: Final = "tls"
SENT: Final = "sent"
REACH_S: Final = 15.0


class KitFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``officer.toml``; ``gate`` is None for an officer of the office, who has no gate's broker to speak to."""

    officer: Name
    gate: Name | None = None
    broker: Address | None = None


class Kit:
    """One officer's folder.

    Args:
        folder: As ``boothctl signer kit`` has written it.

    Raises:
        ContractError: ``E_CONFIG``; it is no such folder, or a file in it is wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.file = msgspec.convert(tomllib.loads((folder / OFFICER_FILE).read_text("utf-8")), KitFile)
        except (OSError, ValueError) as error:
            raise ContractError(ErrorCode.CONFIG, f"{OFFICER_FILE}: {error}") from error
        self.authority: Authority = read_authority(folder)
        self.keyring = Keyring(folder / KEYS, (self.file.officer,))

    def seal(self, notice: Notice) -> bytes:
        """Sign a notice with the officer's key.

        Raises:
            ContractError: ``E_KEY``.
        """
        return seal(encode(notice), NOTICE_PAYLOAD_TYPE, [self.keyring.signer_of(self.file.officer)])

    def publish(self, notice: Notice, envelope: bytes, seconds: float, clock: Callable[[], float]) -> None:
        """Hand a notice to the gate's broker, and remember it.

        Raises:
            ContractError: ``E_CONFIG``, the officer stands at no gate; ``E_LINK``, the broker is out of reach, or
                does not let this officer speak.
        """
        gate, broker = self.file.gate, self.file.broker
        if gate is None or broker is None:
            raise ContractError(ErrorCode.CONFIG, f"{self.file.officer} stands at no gate: publish at the office")
        inbox: SimpleQueue[Event] = SimpleQueue()
        tls = self.folder / TLS
        endpoint = Endpoint(
            plane=Plane.CONTROL, host=broker.host, port=broker.control_port, name=officer_name(self.file.officer),
            ca=tls / "ca.pem", certificate=tls / "cert.pem", key=tls / "key.pem",
        )  # fmt: skip
        topic = topics.LOCAL.at(gate=gate, id=notice.id)
        with Link(endpoint, inbox, clock):
            _hand_over(inbox, topic, envelope, max(1, int(seconds)), clock)
        (self.folder / SENT).mkdir(exist_ok=True)
        replace(self.folder / SENT / f"{notice.id}.dsse", envelope)

    def sent(self, notice_id: str) -> Notice:
        """Return a notice that was published from here.

        Raises:
            ContractError: ``E_UNKNOWN``.
        """
        try:
            return read((self.folder / SENT / f"{notice_id}.dsse").read_bytes())
        except OSError as error:
            raise ContractError(ErrorCode.UNKNOWN, f"notice {notice_id} was not published from here") from error


def _hand_over(
    inbox: "SimpleQueue[Event]", topic: str, payload: bytes, expiry_s: int, clock: Callable[[], float]
) -> None:
    end = clock() + REACH_S
    reason = "no answer"
    while (left := end - clock()) > 0:
        try:
            event = inbox.get(timeout=left)
        except Empty:
            break
        match event:
            case Connected(line=line):
                line.publish(topic, payload, qos=1, retain=True, expiry_s=expiry_s)
            case Sent(refused=None):
                return
            case Sent(refused=refused):
                reason = refused or reason
                break
            case Disconnected(reason=why):
                reason = why
    raise ContractError(ErrorCode.LINK, f"the gate's broker: {reason}")
