"""Who may say and hear what, derived from the table of topics and the inventory; pure.

    topics × inventory  →  user cb-01
                           topic write gb/v1/booth/cb-01/reported
                           topic read gb/v1/gate/cat-bi/assign

``{gate}`` is bound to where an identity stands. ``{booth}`` is bound to its own name where it speaks or is spoken to
as itself; for a counter or an edge it stands for each booth of the gate. The office's own processes and all other
placeholders get a one-level ``+``; there is never a ``#`` but in the deny that revokes.

At the office an edge is its bridges: it hears what crosses to its gate and says what crosses from there, for the booths
of its gate. At the edge it is the chunk cache.
"""

from enum import Enum
from typing import Final

from mqtt.broker.bridge import Way, way_of
from mqtt.broker.inventory import Identity, Inventory
from mqtt.contract.topics import PREFIX, TOPICS, WANT, Party, Plane, Topic

_AS_ITSELF: Final = frozenset({Party.BOOTH, Party.NEWCOMER})
_OF_ITS_GATE: Final = frozenset({Party.COUNTER, Party.EDGE, Party.OFFICER})


class Place(Enum):
    """Whose broker it is."""

    OFFICE = "office"
    EDGE = "edge"


def render_acl(plane: Plane, inventory: Inventory, place: Place = Place.OFFICE) -> str:
    """Return the access list of one broker in mosquitto's form."""
    blocks = [f"# {plane}: derived from the table of topics and the inventory; changes here are overwritten"]
    for identity in inventory:
        lines = [f"user {identity.name}", *_rules(identity, plane, inventory, place)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _rules(identity: Identity, plane: Plane, inventory: Inventory, place: Place) -> list[str]:
    if identity.revoked:
        return [f"topic deny {PREFIX}#"]
    rules: list[str] = []
    for topic in TOPICS:
        if topic.plane is plane:
            writers, readers = _parties(topic, place)
            writes = _filters(topic, writers, identity, inventory, speaks=True)
            reads = _filters(topic, readers, identity, inventory, speaks=False)
            rules += [f"topic {_verb(name, writes, reads)} {name}" for name in sorted(writes | reads)]
    return rules


def _parties(topic: Topic, place: Place) -> tuple[frozenset[Party], frozenset[Party]]:
    """Who writes and who reads a topic at a place: at the office, an edge does what its bridges do."""
    if place is Place.EDGE:
        return topic.writers, topic.readers
    edge, way = frozenset({Party.EDGE}), way_of(topic)
    writers = topic.writers | edge if way is Way.OUT else topic.writers - edge
    return writers, topic.readers | edge if way is Way.IN else topic.readers - edge


def _verb(name: str, writes: set[str], reads: set[str]) -> str:
    return "readwrite" if name in writes & reads else "write" if name in writes else "read"


def _filters(
    topic: Topic, allowed: frozenset[Party], identity: Identity, inventory: Inventory, *, speaks: bool
) -> set[str]:
    found: set[str] = set()
    for party in allowed & identity.parties:
        bound = {"gate": identity.gate} if identity.gate is not None else {}
        for booth in _booths(topic, party, identity, inventory, speaks=speaks):
            found.add(topic.filter(**bound, **({"booth": booth} if booth else {})))
    return found


def _booths(
    topic: Topic, party: Party, identity: Identity, inventory: Inventory, *, speaks: bool
) -> tuple[str | None, ...]:
    """What ``{booth}`` may be: itself for who speaks of itself, each booth of the gate for who speaks for them."""
    if "booth" not in topic.placeholders:
        return (None,)
    if party in _AS_ITSELF or (speaks and topic is WANT):
        return (identity.name,)
    return inventory.booths_at(identity.gate) if party in _OF_ITS_GATE else (None,)
