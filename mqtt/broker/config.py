"""Configuration of the two broker processes; pure. Only options that mosquitto 2.0.11 and 2.0.21 both know.

Control keeps retained state and queues over a restart; bulk keeps nothing. Both speak mutual TLS only, and the
certificate's name is user and client id, so that nobody can take over another's session.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mqtt.broker.bridge import Uplink, render_bridge
from mqtt.contract.topics import TOPICS, Plane

CONFIG_FILE: Final = "mosquitto.conf"
ACL_FILE: Final = "acl"
DATA_FOLDER: Final = "data"
PACKET_ROOM: Final = 4 * 1024
"""What topic, properties and DSSE around the largest payload may take."""

_LIMITS: Final = {
    # More retained topics than any one subscriber matches: what does not fit is dropped and still acknowledged.
    # The whole store is rewritten every 100 changes; what a crash loses is published again by the office.
    Plane.CONTROL: """\
persistence true
persistence_location {folder}/data/
autosave_on_changes true
autosave_interval 100
persistent_client_expiration 14d
max_inflight_messages 20
max_queued_messages 100000
max_queued_bytes 67108864
""",
    # QoS 0 frames count too: a full window of 1 KiB chunks must fit, a booth that does not read must not fill memory.
    Plane.BULK: """\
persistence false
max_inflight_messages 64
max_queued_messages 2048
max_queued_bytes 8388608
""",
}


@dataclass(frozen=True)
class Listener:
    """Where a broker listens; ``address`` None is every interface."""

    port: int
    address: str | None = None


def packet_limit(plane: Plane) -> int:
    """Largest MQTT packet on a plane, bytes: what its largest topic needs."""
    payload = max(topic.limit_bytes for topic in TOPICS if topic.plane is plane)
    return max(payload * 4 // 3 if plane is Plane.CONTROL else payload, 1024) + PACKET_ROOM


def render_config(
    plane: Plane, listener: Listener, folder: Path, account: str | None, uplink: Uplink | None = None
) -> str:
    """Return the configuration of one broker.

    Args:
        plane: Which of the two.
        listener: Port and address.
        folder: Absolute; holds the access list, certificates and data of this broker.
        account: Whom mosquitto becomes when root starts it; None when not started by root.
        uplink: The office's broker, for a broker of an edge.
    """
    bridge = render_bridge(plane, uplink, folder) if uplink else ""
    user = f"user {account}\n" if account else ""
    address = f" {listener.address}" if listener.address else ""
    return f"""\
# {plane}: derived from the contract; changes here are overwritten
{user}per_listener_settings false
allow_anonymous false
acl_file {folder}/{ACL_FILE}
allow_zero_length_clientid false
max_packet_size {packet_limit(plane)}
max_keepalive 120
set_tcp_nodelay true
sys_interval 0
log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp false
{_LIMITS[plane].format(folder=folder)}
listener {listener.port}{address}
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
require_certificate true
use_identity_as_username true
use_username_as_clientid true
tls_version tlsv1.2
{bridge}"""
