"""What is signed now, for readers: the publisher, and whoever asks what a role lists.

The newest version of every role is read in one statement, so a reader sees the state before a change or after it.
"""

from sqlalchemy import Connection, and_, func, select
from tuf.api.metadata import Metadata, TargetFile, Targets

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import MetaSet
from mqtt.office.database import metadata, revision


def current_meta(connection: Connection) -> MetaSet:
    """Return everything but the roots as one atomic set.

    Raises:
        ContractError: ``E_CONFIG``; there is no authority here yet.
    """
    rows = newest_files(connection)
    latest = next((version for role, version, _ in rows if role == "root"), None)
    if latest is None:
        raise ContractError(ErrorCode.CONFIG, "no authority here yet; boothctl authority init makes one")
    return MetaSet(
        root_latest=latest,
        files={_file(role, version): body.decode() for role, version, body in rows if role != "root"},
    )


def roots(connection: Connection) -> dict[int, bytes]:
    """Return every version of the root, byte for byte as signed."""
    rows = connection.execute(select(metadata.c.version, metadata.c.body).where(metadata.c.role == "root"))
    return {row.version: row.body for row in rows.all()}


def listed_target(connection: Connection, role: str, path: str) -> TargetFile | None:
    """Return what the newest version of a role lists under a path, None if it lists nothing there."""
    newest = select(metadata.c.body).where(metadata.c.role == role).order_by(metadata.c.version.desc()).limit(1)
    body = connection.scalar(newest)
    document: Metadata[Targets] | None = Metadata.from_bytes(body) if body else None
    return document.signed.targets.get(path) if document else None


def current_revision(connection: Connection) -> int:
    """Return the number that grows with each change the publisher must send; 0 before there is an authority."""
    return connection.scalar(select(revision.c.number)) or 0


def _file(role: str, version: int) -> str:
    return "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"


def newest_files(connection: Connection) -> list[tuple[str, int, bytes]]:
    """Newest version of each role, in one statement: outside a transaction two could see two states."""
    last = select(metadata.c.role, func.max(metadata.c.version).label("version")).group_by(metadata.c.role).subquery()
    join = and_(metadata.c.role == last.c.role, metadata.c.version == last.c.version)
    rows = connection.execute(select(metadata.c.role, metadata.c.version, metadata.c.body).join(last, join))
    return [(role, version, body) for role, version, body in rows.all()]
