"""The office's state: one database, from which everything on the brokers can be published again.

SQLite by default, PostgreSQL by URL.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

tables = MetaData()
_CREATING: Final = 0x6762

metadata = Table(
    "metadata", tables,
    Column("role", String(48), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
"""Every version of every signed TUF file."""

gates = Table(
    "gates", tables,
    Column("gate", String(48), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("names", JSON, nullable=False),
)  # fmt: skip

booths = Table(
    "booths", tables,
    Column("booth", String(48), primary_key=True),
    Column("gate", String(48), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
    Column("added", DateTime(timezone=True), nullable=False),
)  # fmt: skip

edges = Table(
    "edges", tables,
    Column("gate", String(48), primary_key=True),
    Column("host", String(253), nullable=False),
    Column("control_port", Integer, nullable=False),
    Column("bulk_port", Integer, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
    Column("added", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Gates with brokers and a chunk cache of their own, and where booths reach them."""

releases = Table(
    "releases", tables,
    Column("category", String(48), primary_key=True),
    Column("agency", String(48), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("head", LargeBinary, nullable=False),
    Column("published", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Release heads as signed, byte for byte."""

blobs = Table(
    "blobs", tables,
    Column("category", String(48), primary_key=True),
    Column("agency", String(48), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["category", "agency", "number"], ["releases.category", "releases.agency", "releases.number"]
    ),
)  # fmt: skip
"""Every blob a release needs, its head, list and indexes included; the bytes lie in ``objects/``."""
Index("blobs_by_digest", blobs.c.sha256)

assignments = Table(
    "assignments", tables,
    Column("gate", String(48), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
"""The newest assignment of each gate, byte for byte as listed in TUF."""

published = Table("published", tables, Column("topic", String(200), primary_key=True))
"""Retained topics we have put on the control broker, so that a restart can take back what is no longer wanted."""

reports = Table(
    "reports", tables,
    Column("booth", String(48), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("received", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Newest ``reported``, ``info`` and ``conn`` of each booth."""

certificates = Table(
    "certificates", tables,
    Column("booth", String(48), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
"""Certificate of each booth, PEM, as issued: its batches are signed by that key."""

records = Table(
    "records", tables,
    Column("booth", String(48), primary_key=True),
    Column("stream", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("priority", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("clock_trusted", Boolean, nullable=False),
    Column("body", JSON, nullable=False),
    Column("received", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Rows of the booths' outboxes, each once."""

gaps = Table(
    "gaps", tables,
    Column("booth", String(48), primary_key=True),
    Column("stream", String(36), primary_key=True),
    Column("priority", String(16), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(200), nullable=False),
    Column("received", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Rows of one priority that a booth had to give up."""

asks = Table("asks", tables, Column("booth", String(48), primary_key=True))
"""Booths to be asked for what they keep, once, with their next batch: this database was restored."""

layers = Table(
    "layers", tables,
    Column("scope", String(8), primary_key=True),
    Column("name", String(48), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("opened", JSON, nullable=False),
    Column("sealed", LargeBinary),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rollout", JSON),
)  # fmt: skip
"""Revisions of the configuration: text, open values, and the envelope with protected keys that counts with them."""

commands = Table(
    "commands", tables,
    Column("command", String(64), primary_key=True),
    Column("booth", String(48), nullable=False),
    Column("name", String(16), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("sent", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False),
    Column("result", LargeBinary),
    Column("received", DateTime(timezone=True)),
    Column("done", Boolean, nullable=False, default=False),
)  # fmt: skip
"""Orders to booths as signed, each with the newest the booth has said of it; ``done``: nothing more will come."""

proposals = Table(
    "proposals", tables,
    Column("proposal", String(120), primary_key=True),
    Column("category", String(48), nullable=False),
    Column("agency", String(48), nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("draft", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Releases on their way through the steps of approval; ``draft`` is the agency's file with the signatures so far."""

approvals = Table(
    "approvals", tables,
    Column("proposal", String(120), primary_key=True),
    Column("step", String(16), primary_key=True),
    Column("officer", String(48), primary_key=True),
    Column("envelope", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
"""Who has taken which step, each signed with the officer's own key."""

notices = Table(
    "notices", tables,
    Column("notice", String(64), primary_key=True),
    Column("gate", String(48), nullable=False),
    Column("sent", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("way", String(16), nullable=False),
    Column("later", String(64)),
)  # fmt: skip
"""Every notice as signed. ``way``: raised at the ``office`` or, with the office cut off, at a gate (``local``);
``later`` is the notice that has updated or cancelled it."""

audit_head = Table(
    "audit_head", tables,
    Column("only", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)  # fmt: skip
"""One row: the last line of the audit log."""

revision = Table(
    "revision", tables, Column("only", Integer, primary_key=True), Column("number", Integer, nullable=False)
)
"""One row that grows with every change the publisher must send out."""


def open_database(url: str) -> Engine:
    """Open (and create where needed) the office's database."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _durable(connection, _record) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the driver's own type
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
                connection.execute(f"PRAGMA {pragma}")

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # several services may be the first at the same moment
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
        tables.create_all(connection)
    return engine


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that leaves a row alone which is here already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def aware(moment: datetime) -> datetime:
    """Return a moment from here with its zone: SQLite forgets it, and we write UTC only."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
