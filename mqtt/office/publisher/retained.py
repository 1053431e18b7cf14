"""What should lie retained on the control broker, read from the database.

A payload is made when it is sent: thousands of inline blobs are known here by their digest only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from math import ceil

from sqlalchemy import Connection, func, select, tuple_

from mqtt.contract import topics
from mqtt.contract.frames import pack
from mqtt.contract.releases import INLINE_LIMIT
from mqtt.office.database import assignments, aware, blobs, gates, notices, releases
from mqtt.office.objects import Objects
from mqtt.office.publisher.diff import Kind
from mqtt.office.signed import current_meta, roots


@dataclass(frozen=True)
class Retained:
    """One retained message; two with the same mark have the same bytes."""

    topic: str
    kind: Kind
    mark: str
    payload: Callable[[], bytes] = field(compare=False, repr=False)
    ends: datetime | None = None

    def expiry_s(self, now: datetime) -> int | None:
        """Return for how many seconds the broker may keep it, None for ever."""
        return None if self.ends is None else max(1, ceil((self.ends - now).total_seconds()))


def wanted(connection: Connection, objects: Objects, now: datetime) -> dict[str, Retained]:
    """Return every retained message by topic; notices that are over at ``now`` are not wanted.

    Raises:
        ContractError: ``E_CONFIG``; there is no authority here yet, what is on the broker should stay.
    """
    found = [
        *_notices(connection, now),
        *_inline(connection, objects),
        *_roots(connection),
        *_assignments(connection),
        *_meta(connection),
    ]
    return {message.topic: message for message in found}


def _notices(connection: Connection, now: datetime) -> list[Retained]:
    """Every notice that no later one has taken away, at each gate it is for."""
    everywhere = connection.scalars(select(gates.c.gate)).all()
    rows = connection.execute(select(notices).where(notices.c.later.is_(None), notices.c.expires > now)).all()
    return [
        Retained(
            topics.NOTICE.at(gate=gate, id=row.notice),
            Kind.NOTICE,
            sha256(row.envelope).hexdigest(),
            partial(bytes, row.envelope),
            aware(row.expires),
        )
        for row in rows
        for gate in (everywhere if row.gate == "*" else [row.gate])
    ]


def _inline(connection: Connection, objects: Objects) -> list[Retained]:
    """Every small blob of the newest release of each stream."""
    stream = (releases.c.category, releases.c.agency)
    newest = select(*stream, func.max(releases.c.number)).group_by(*stream)
    small = (
        select(blobs.c.sha256)
        .where(
            tuple_(blobs.c.category, blobs.c.agency, blobs.c.number).in_(newest),
            blobs.c.size <= INLINE_LIMIT,
        )
        .distinct()
    )
    return [
        Retained(topics.INLINE.at(digest=digest), Kind.INLINE, digest, partial(_packed, objects, digest))
        for digest in connection.execute(small).scalars()
    ]


def _packed(objects: Objects, digest: str) -> bytes:
    return pack(objects.read(digest))


def _roots(connection: Connection) -> list[Retained]:
    return [_whole(topics.ROOT.at(number=number), Kind.ROOT, body) for number, body in roots(connection).items()]


def _assignments(connection: Connection) -> list[Retained]:
    rows = connection.execute(select(assignments))
    return [_whole(topics.ASSIGN.at(gate=row.gate), Kind.ASSIGN, row.body) for row in rows]


def _meta(connection: Connection) -> list[Retained]:
    return [_whole(topics.META.at(), Kind.META, current_meta(connection).to_bytes())]


def _whole(topic: str, kind: Kind, body: bytes) -> Retained:
    return Retained(topic, kind, sha256(body).hexdigest(), lambda: body)
