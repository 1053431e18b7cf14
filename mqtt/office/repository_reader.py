"""The read side of the signed metadata: the newest set that vouches for itself, and every root.

newest timestamp ─► the snapshot it names ─► the version of every role that the snapshot names
"""

import json
from typing import Any, Final

from sqlalchemy import Connection, func, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import MetaSet
from mqtt.office.database import metadata

_META: Final = ".json"


def current_meta(connection: Connection) -> MetaSet | None:
    """Return what ``repo/meta`` carries, None before anything was signed.

    Raises:
        ContractError: ``E_MISSING``; the newest timestamp vouches for a file that is not in the database.
    """
    numbers = select(func.max(metadata.c.version)).where(metadata.c.role == "timestamp")
    newest = connection.execute(numbers).scalar()
    latest_root = connection.execute(select(func.max(metadata.c.version)).where(metadata.c.role == "root")).scalar()
    if newest is None or latest_root is None:
        return None
    timestamp = _body(connection, "timestamp", newest)
    snapshot_version = _signed(timestamp)["meta"]["snapshot.json"]["version"]
    snapshot = _body(connection, "snapshot", snapshot_version)
    files = {"timestamp.json": timestamp, f"{snapshot_version}.snapshot.json": snapshot}
    for name, entry in _signed(snapshot)["meta"].items():
        files[f"{entry['version']}.{name}"] = _body(connection, name.removesuffix(_META), entry["version"])
    return MetaSet(root_latest=latest_root, files={name: body.decode() for name, body in files.items()})


def roots(connection: Connection) -> dict[int, bytes]:
    """Return every version of the root, by number."""
    rows = connection.execute(select(metadata.c.version, metadata.c.body).where(metadata.c.role == "root"))
    return {row.version: row.body for row in rows}


def _body(connection: Connection, role: str, version: int) -> bytes:
    wanted = select(metadata.c.body).where(metadata.c.role == role, metadata.c.version == version)
    body: bytes | None = connection.execute(wanted).scalar()
    if body is None:
        raise ContractError(ErrorCode.MISSING, f"{version}.{role}.json is vouched for and not in the database")
    return body


def _signed(body: bytes) -> dict[str, Any]:
    signed: dict[str, Any] = json.loads(body)["signed"]
    return signed
