"""The files of an edge's brokers: configuration with the bridge, and who may come in.

Who stands at the gate follows the newest assignment the office has sent. The edge does not verify its signature: it
came over the bridge, and all it gives is the right to speak as the name in a certificate of our authority.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from mqtt.broker.account import Account
from mqtt.broker.acl import Place, render_acl
from mqtt.broker.bridge import Uplink, edge_name
from mqtt.broker.config import ACL_FILE, CONFIG_FILE, Listener, render_config
from mqtt.broker.folder import BrokerFolder
from mqtt.broker.inventory import Identity, Inventory
from mqtt.broker.process import reload
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import ASSIGN_LIMIT, Assignment
from mqtt.contract.topics import Party, Plane
from mqtt.office.brokers import listeners, officer_name
from mqtt.office.edge.settings import Address, EdgeSettings, read_edge
from mqtt.office.files import replace
from mqtt.office.link import Endpoint
from mqtt.office.settings import Settings

ASSIGN_FILE: Final = "assign.json"


def residents(settings: EdgeSettings, assignment: Assignment | None) -> Inventory:
    """Return who may come in at an edge: itself, the booths of its gate, and officers who stand there; pure."""
    roles = {one.booth: one.roles for one in settings.booths}
    names = [one.booth for one in assignment.booths] if assignment else sorted(roles)
    booths = (
        Identity(
            name,
            frozenset({Party.BOOTH, *([Party.COUNTER] if "counter" in roles.get(name, ()) else [])}),
            settings.gate,
        )
        for name in names
    )
    officers = tuple(
        Identity(officer_name(name), frozenset({Party.OFFICER}), settings.gate)
        for name in (assignment.officers if assignment else ())
    )
    cache = Identity(edge_name(settings.gate), frozenset({Party.CHUNKS, Party.EDGE}), settings.gate)
    return Inventory((cache, *booths, *officers))


class EdgePlace:
    """One edge in a folder.

    Args:
        folder: As ``boothctl edge add`` has issued it.

    Raises:
        ContractError: ``E_CONFIG``; see :func:`read_edge`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.settings = read_edge(folder)
        here = self.settings.here
        self.listeners: dict[Plane, Listener] = listeners(
            Settings(hosts=(here.host,), control_port=here.control_port, bulk_port=here.bulk_port)
        )
        root = self.folder / "brokers"
        account = Account.for_folder(root / Plane.CONTROL)
        self.folders = {plane: BrokerFolder(root / plane, account) for plane in Plane}

    @property
    def name(self) -> str:
        """The edge's name."""
        return edge_name(self.settings.gate)

    def write(self) -> None:
        """Write what the brokers read; let running ones read it again.

        Raises:
            ContractError: ``E_KEY``; a certificate is missing.
            OSError: The disk is full; the brokers go on with what they have read.
        """
        for plane, folder in self.folders.items():
            uplink = Uplink(self.settings.gate, self.settings.office.host, _port(self.settings.office, plane))
            account = folder.account.name
            config = render_config(plane, self.listeners[plane], folder.root, account, uplink)
            acl = render_acl(plane, residents(self.settings, self._assignment()), Place.EDGE)
            if folder.write(self._certificates(plane) | {CONFIG_FILE: config.encode(), ACL_FILE: acl.encode()}):
                reload(folder.config)

    def assigned(self, payload: bytes) -> None:
        """Follow an assignment of the gate.

        Raises:
            ContractError: It is not well-formed, or of another gate; nothing is changed.
            OSError: The disk is full; nothing is changed.
        """
        assignment = decode(Assignment, payload, ASSIGN_LIMIT)
        if assignment.gate != self.settings.gate:
            raise ContractError(ErrorCode.AUDIENCE, f"assignment of {assignment.gate}")
        residents(self.settings, assignment)
        replace(self.folder / ASSIGN_FILE, payload)
        self.write()

    def endpoint(self, plane: Plane) -> Endpoint:
        """Return how the cache reaches the edge's own brokers."""
        tls = self.folder / "tls"
        return Endpoint(
            plane=plane,
            host="127.0.0.1",
            port=_port(self.settings.here, plane),
            name=self.name,
            ca=tls / "ca.pem",
            certificate=tls / "cache.pem",
            key=tls / "cache.key",
        )

    def _assignment(self) -> Assignment | None:
        with suppress(OSError, ContractError):
            return decode(Assignment, (self.folder / ASSIGN_FILE).read_bytes(), ASSIGN_LIMIT)
        return None

    def _certificates(self, plane: Plane) -> dict[str, bytes]:
        tls = self.folder / "tls"
        sources = {"ca.pem": "ca.pem"}
        for kind, source in (("server", f"broker-{plane}"), ("bridge", f"bridge-{plane}")):
            sources |= {f"{kind}.pem": f"{source}.pem", f"{kind}.key": f"{source}.key"}
        try:
            return {name: (tls / source).read_bytes() for name, source in sources.items()}
        except OSError as error:
            raise ContractError(ErrorCode.KEY, f"certificates of the edge's {plane} broker: {error}") from error


def _port(address: Address, plane: Plane) -> int:
    return address.control_port if plane is Plane.CONTROL else address.bulk_port
