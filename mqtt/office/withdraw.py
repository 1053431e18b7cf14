"""Takes a published release back: what came before it is published again under a new number that revokes it.

41 ✓   42 ✗ withdrawn        ─►  43 = what 41 said, and "42 never again"
"""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, select

from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead, release_target
from mqtt.contract.repository import Stream
from mqtt.office.database import blobs, releases
from mqtt.office.home import Home
from mqtt.office.objects import Objects
from mqtt.office.publish import hand_over, require_supplier
from mqtt.office.repository import changing


def withdraw_release(  # noqa: PLR0913 - what, by whom, when
    home: Home,
    engine: Engine,
    stream: Stream,
    now: datetime,
    *,
    officers: Collection[str] = (),
    number: int | None = None,
) -> ReleaseHead:
    """Take a release of a stream back; returns the head that has taken its place.

    Args:
        home: Of the office.
        engine: Its database.
        stream: Whose release.
        now: Moment of signing.
        officers: Who signs.
        number: Which release; None is the newest. An older one is only revoked.

    Raises:
        ContractError: ``E_UNKNOWN``, there is no such release, or nothing before it to be shown instead: publish
            something else. ``E_OFFICER``, ``E_THRESHOLD``, ``E_KEY``. Nothing has changed.
    """
    with changing(home, engine, now, officers=officers) as change:
        require_supplier(change, stream.category, stream.agency)
        change.require_officer(stream.agency, officers)
        heads = _heads(change.connection, stream)
        newest = max(heads, default=0)
        wanted = newest if number is None else number
        if wanted not in heads:
            raise ContractError(ErrorCode.UNKNOWN, f"release {wanted} of {stream.name}")
        revoked = {*heads[newest].revoked, wanted}
        sound = [one for one in heads if one not in revoked and one >= heads[newest].min_release]
        if not sound:
            raise ContractError(ErrorCode.UNKNOWN, f"{stream.name} has nothing before release {wanted}")
        before = heads[max(sound)]
        head = msgspec.structs.replace(before, number=newest + 1, issued=change.now, revoked=tuple(sorted(revoked)))
        body = encode(head)
        stored = Objects(home.objects).put(body)
        parts = _parts(change.connection, before) | {stored.sha256: stored.size}
        change.list_target(stream.agency, release_target(stream.category, stream.agency), body)
        hand_over(change, head, body, parts)
    return head


def _heads(connection: Connection, stream: Stream) -> dict[int, ReleaseHead]:
    of_stream = select(releases).where(releases.c.category == stream.category, releases.c.agency == stream.agency)
    return {row.number: decode(ReleaseHead, row.head, HEAD_LIMIT) for row in connection.execute(of_stream)}


def _parts(connection: Connection, head: ReleaseHead) -> dict[str, int]:
    query = select(blobs.c.sha256, blobs.c.size).where(
        blobs.c.category == head.category, blobs.c.agency == head.agency, blobs.c.number == head.number
    )
    return {row.sha256: row.size for row in connection.execute(query)}
