"""How the brokers of a gate's edge are bridged to the office's: derived from the table of topics; pure.

    office ── repo/meta, gate/{g}/assign, booth/+/ack, blob/{g}/+ … ──► edge ──► booths      what the office says
    office ◄── booth/+/reported, gate/{g}/local/+, want/{g}/edge-{g} … ── edge               what a gate says to it

Each topic goes one way or not at all, so that nothing can go round. Sessions are clean at both ends: a bridge keeps
nothing while the line is cut. What is retained is sent again afterwards, everything else is acknowledged end to end.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from mqtt.contract.topics import TOPICS, UPLINKS, WANT, Party, Plane, Topic

OFFICE: Final = frozenset({Party.PUBLISHER, Party.CHUNKS, Party.COLLECTOR})
"""Parties that speak at the office's brokers."""
EDGE_PREFIX: Final = "edge-"
"""The name of a gate's edge is this and the gate."""
RESTART_S: Final = (1, 30)
"""Shortest and longest pause between attempts; mosquitto draws with jitter between them."""


class Way(StrEnum):
    """Which way a topic crosses, seen from the edge; mosquitto's words."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True)
class Uplink:
    """The office's broker of one plane, as an edge reaches it."""

    gate: str
    host: str
    port: int


def edge_name(gate: str) -> str:
    """Return the name of a gate's edge: in its certificates, in access lists, in its requests."""
    return EDGE_PREFIX + gate


def bridge_name(gate: str, plane: Plane) -> str:
    """Return the local name of a bridge: another than that of any client of the edge's brokers."""
    return f"{edge_name(gate)}.{plane}"


def way_of(topic: Topic) -> Way | None:
    """Return which way a topic crosses the line to a gate, None if it stays where it is."""
    if Party.EDGE in topic.readers and topic.writers <= OFFICE:
        return Way.IN
    if topic.readers & OFFICE and Party.EDGE in topic.readers | topic.writers:
        return Way.OUT
    return None


def crossing(topic: Topic, gate: str) -> str:
    """Return the filter under which a topic crosses: the gate is bound, and who asks for chunks is the edge itself."""
    return topic.filter(gate=gate, **({"booth": edge_name(gate)} if topic is WANT else {}))


def render_bridge(plane: Plane, uplink: Uplink, folder: Path) -> str:
    """Return what the edge's broker of one plane needs besides its own configuration.

    Args:
        plane: Which of the two.
        uplink: Where the office's broker of that plane listens.
        folder: Absolute; holds ``ca.pem``, ``bridge.pem`` and ``bridge.key``.
    """
    topics = [
        f"topic {crossing(topic, uplink.gate)} {way} {topic.qos}"
        for topic in TOPICS
        if topic.plane is plane and (way := way_of(topic))
    ]
    return f"""
connection {bridge_name(uplink.gate, plane)}
address {uplink.host}:{uplink.port}
bridge_protocol_version mqttv50
remote_clientid {edge_name(uplink.gate)}
local_clientid {bridge_name(uplink.gate, plane)}
bridge_cafile {folder}/ca.pem
bridge_certfile {folder}/bridge.pem
bridge_keyfile {folder}/bridge.key
bridge_tls_version tlsv1.2
cleansession true
local_cleansession true
start_type automatic
restart_timeout {RESTART_S[0]} {RESTART_S[1]}
keepalive_interval 30
try_private true
notifications true
notifications_local_only true
notification_topic {UPLINKS[plane].at(gate=uplink.gate)}
bridge_attempt_unsubscribe false
{chr(10).join(topics)}
"""
