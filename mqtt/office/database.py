"""The office's state: one database, from which everything on the brokers can be published again.

SQLite by default, PostgreSQL by URL.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Engine,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)

tables = MetaData()

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
    Column("size", Integer, nullable=False),
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

    tables.create_all(engine)
    return engine
