"""Signs a built release and hands it over: one transaction from the agency's signature to the assignment.

Built ─► number ─► {agency}: {category}/{agency}/release.json
               └─► foreign-affairs: territory/{category}/{agency}.json     when territory is declared
               └─► rows of releases and blobs ─► assignments ─► snapshot ─► timestamp
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import COSIGNER, HEAD_LIMIT, ReleaseHead, cosign_target, release_target
from mqtt.contract.repository import Stream
from mqtt.office.assign import reassign
from mqtt.office.change import Change
from mqtt.office.content.build import Built
from mqtt.office.database import blobs, releases
from mqtt.office.home import Home
from mqtt.office.objects import Objects
from mqtt.office.repository import changing
from mqtt.office.signed import listed_target


def publish_release(home: Home, engine: Engine, built: Built, now: datetime, officers: Collection[str] = ()) -> int:
    """Sign a release with its agency's keys and hand it over.

    A release that declares territory gets Foreign Affairs' signature as well when enough of its keys are on this
    machine; otherwise booths refuse it (``E_COSIGN``) until :func:`cosign` was run where they are.

    Args:
        home: Where keys and objects lie.
        engine: The office's database.
        built: From :func:`~mqtt.office.content.build.build_release`. When somebody else has published this number
            meanwhile, the release gets the next one.
        now: Moment of publishing, with zone.
        officers: Who signs; none lets every key on this machine sign, where keys have no names.

    Returns:
        The number of the release.

    Raises:
        ContractError: ``E_AUTHORITY`` (before anything is signed), ``E_OFFICER``, ``E_THRESHOLD``, ``E_KEY``,
            ``E_MISSING``, ``E_SIZE``, ``E_CLOCK`` or ``E_CONFIG``. Nothing was published.
    """
    with changing(home, engine, now, officers=officers) as change:
        require_supplier(change, built.head.category, built.head.agency)
        change.require_officer(built.head.agency, officers)
        require_objects(Objects(home.objects), built.blobs)
        head, body, parts = numbered(change.connection, built, Objects(home.objects))
        change.list_target(head.agency, release_target(head.category, head.agency), body)
        hand_over(change, head, body, parts)
    return head.number


def hand_over(change: Change, head: ReleaseHead, body: bytes, parts: Mapping[str, int]) -> None:
    """Keep a release that its agency signs in this change, and assign it; co-signed where those keys are here."""
    if head.territory and change.can_sign(COSIGNER):
        change.list_target(COSIGNER, cosign_target(head.category, head.agency), body)
    _store(change, head, body, parts)
    reassign(change)


def cosign(  # noqa: PLR0913, PLR0917 - what, by whom, when
    home: Home,
    engine: Engine,
    stream: Stream,
    now: datetime,
    number: int | None = None,
    officers: Collection[str] = (),
) -> int:
    """Put Foreign Affairs' signature under the newest release head of a stream.

    Args:
        home: Where keys lie.
        engine: The office's database.
        stream: Which agency's part of which category.
        now: Moment of signing, with zone.
        number: The release that was reviewed; None takes the newest.
        officers: Who signs for Foreign Affairs.

    Returns:
        The number of the release that is now co-signed.

    Raises:
        ContractError: ``E_UNKNOWN``, nothing of that stream is published; ``E_COSIGN``, the newest release is another
            than the one reviewed; ``E_KEY``.
    """
    with changing(home, engine, now, officers=officers) as change:
        change.require_officer(COSIGNER, officers)
        body = newest_head_bytes(change.connection, stream.category, stream.agency)
        if body is None:
            raise ContractError(ErrorCode.UNKNOWN, f"no release of {stream.name}")
        head = decode(ReleaseHead, body, HEAD_LIMIT)
        if number is not None and number != head.number:
            raise ContractError(ErrorCode.COSIGN, f"the newest release of {head.stream} is {head.number}, not {number}")
        change.list_target(COSIGNER, cosign_target(head.category, head.agency), body)
    return head.number


def awaits_cosignature(connection: Connection, category: str, agency: str) -> bool:
    """Whether booths refuse the newest release of a stream because Foreign Affairs has not signed it yet."""
    body = newest_head_bytes(connection, category, agency)
    if body is None or not decode(ReleaseHead, body, HEAD_LIMIT).territory:
        return False
    target = listed_target(connection, COSIGNER, cosign_target(category, agency))
    return target is None or target.hashes.get("sha256") != sha256(body).hexdigest()


def require_supplier(change: Change, category: str, agency: str) -> None:
    """Refuse an agency that the regulation in force does not let publish in a category.

    Raises:
        ContractError: ``E_AUTHORITY``.
    """
    delegation = change.delegation(agency)
    if delegation is None or supply_pattern(category, agency) not in (delegation.paths or ()):
        raise ContractError(ErrorCode.AUTHORITY, f"{agency} may not publish in {category}")


def supply_pattern(category: str, agency: str) -> str:
    """Path pattern of what an agency may sign in a category; the depth is fixed."""
    return f"{category}/{agency}/*"


def newest_head_bytes(connection: Connection, category: str, agency: str) -> bytes | None:
    """Return the newest head of a stream as signed, None before the first."""
    of_stream = select(releases.c.head).where(releases.c.category == category, releases.c.agency == agency)
    return connection.scalar(of_stream.order_by(releases.c.number.desc()).limit(1))


def numbered(connection: Connection, built: Built, objects: Objects) -> tuple[ReleaseHead, bytes, dict[str, int]]:
    """Return the head with a number nobody has, its bytes, and the blobs of the release by digest."""
    body = newest_head_bytes(connection, built.head.category, built.head.agency)
    newest = decode(ReleaseHead, body, HEAD_LIMIT) if body else None
    if newest is None or newest.number < built.head.number:
        return built.head, built.head_bytes, dict(built.blobs)
    head = msgspec.structs.replace(
        built.head,
        number=newest.number + 1,
        min_release=max(built.head.min_release, newest.min_release),
        revoked=tuple(sorted({*built.head.revoked, *newest.revoked})),
    )
    renumbered = encode(head)
    if len(renumbered) > HEAD_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"release head of {len(renumbered)} bytes, at most {HEAD_LIMIT}")
    stored = objects.put(renumbered)
    before = sha256(built.head_bytes).hexdigest()
    parts = {digest: size for digest, size in built.blobs.items() if digest != before}
    return head, renumbered, {**parts, stored.sha256: stored.size}


def require_objects(objects: Objects, parts: Mapping[str, int]) -> None:
    """Never sign what the office could not hand out.

    Raises:
        ContractError: ``E_MISSING``.
    """
    for digest, size in parts.items():
        if not objects.has(digest) or objects.path(digest).stat().st_size != size:
            raise ContractError(ErrorCode.MISSING, f"object {digest} of {size} bytes")


def _store(change: Change, head: ReleaseHead, body: bytes, parts: Mapping[str, int]) -> None:
    key = {"category": head.category, "agency": head.agency, "number": head.number}
    change.connection.execute(insert(releases).values(**key, head=body, published=change.now))
    rows = [{**key, "sha256": digest, "size": size} for digest, size in parts.items()]
    change.connection.execute(insert(blobs), rows)
