"""The durable queue: any process appends, the agent takes portions and marks them acknowledged.

    append ─► rows (owed) ─► portion ─► the office ─► acknowledged ─► rows (kept) ─► gone after 7 days or 50 MB
                 └─ no room ─► gaps (owed) ─────────────┘

Every call is one transaction on a connection of its own, so that threads and processes need no further lock and a
file that was set aside is let go at once. WAL and ``synchronous=FULL``: what :meth:`Outbox.append` returned stays.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.errors import DeviceError, ErrorCode
from appliance.outbox.policy import OVERFLOW, ROW_BYTES, TOO_OLD, Caps, Held, overflowing
from appliance.outbox.rows import Entry, Moment, Portion
from mqtt.contract.records import Gap, Priority, Record

BODY_LIMIT: Final = 16 * 1024
"""Longest body of a record, bytes of JSON."""
GAPS_AT_ONCE: Final = 64
BUSY_S: Final = 10.0

_RECORD_BYTES: Final = 160
"""JSON of a record around its body, at most."""


class Outbox:
    """The outbox file; made by :func:`appliance.outbox.file.prepare`.

    Args:
        path: ``outbox/outbox.db`` on the data partition.
        read_clocks: Stamps each row.
        caps: How much is kept.

    Raises (all methods): DeviceError ``E_DISK``; full, read-only or not there. Nothing was changed; try again later.
    """

    def __init__(self, path: Path, read_clocks: Callable[[], Moment], caps: Caps | None = None) -> None:
        self._path = path
        self._read_clocks = read_clocks
        self._caps = caps or Caps()

    @property
    def stream(self) -> str:
        """UUID born with the file."""
        with self._transaction() as db:
            return str(db.execute("SELECT stream FROM about").fetchone()[0])

    @property
    def newest(self) -> int:
        """Number of the row that was written last, 0 before the first."""
        with self._transaction() as db:
            found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'rows'").fetchone()
        return int(found[0]) if found else 0

    def append(self, kind: str, body: dict[str, Any], priority: Priority, at: Moment | None = None) -> int:
        """Keep one record; see :meth:`append_all`. Returns its number."""
        return self.append_all([Entry(kind, body, priority, at)])[0]

    def append_all(self, entries: Iterable[Entry]) -> list[int]:
        """Keep records until the office has them, all or none; durable when this returns.

        Returns:
            Their numbers.

        Raises:
            ValueError: A kind is malformed or a body too long; the caller is broken.
        """
        now = self._read_clocks()
        columns = [_columns(entry, entry.at or now) for entry in entries]
        numbers = []
        with self._transaction() as db:
            for one in columns:
                inserted = db.execute(
                    "INSERT INTO rows (priority, kind, at, clock_trusted, boot, boottime_ns, body, size)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    one,
                )
                numbers.append(int(inserted.lastrowid or 0))
            for priority in {one[0] for one in columns}:
                _use(db, priority, sum(one[-1] for one in columns if one[0] is priority))
                self._make_room(db, priority)
        return numbers

    def portion(self, priority: Priority, after: int, limit_bytes: int) -> Portion | None:
        """Return the oldest owed rows of a priority above ``after``, and all gaps; None when nothing is owed.

        Rows written under an untrusted clock in this boot are dated now, if the clock has become trustworthy since.
        Gaps come with ``after=0`` only: whoever goes on from a number has told them already.
        """
        now = self._read_clocks()
        with self._transaction() as db:
            stream = str(db.execute("SELECT stream FROM about").fetchone()[0])
            found = db.execute(
                "SELECT seq, kind, at, clock_trusted, boot, boottime_ns, body FROM rows"
                " WHERE priority = ? AND acknowledged_at IS NULL AND seq > ? ORDER BY seq",
                (priority, after),
            )
            records: list[Record] = []
            for row in found:
                limit_bytes -= len(row[6]) + _RECORD_BYTES
                if records and limit_bytes < 0:
                    break
                records.append(_record(row, now))
            gaps = db.execute(
                "SELECT id, first, last, reason FROM gaps WHERE priority = ? AND acknowledged_at IS NULL"
                " ORDER BY first LIMIT ?",
                (priority, GAPS_AT_ONCE if after == 0 else 0),
            ).fetchall()
        if not records and not gaps:
            return None
        told = tuple(Gap(first=first, last=last, reason=reason) for _, first, last, reason in gaps)
        marks = tuple((number, last) for number, _, last, _ in gaps)
        return Portion(stream, priority, tuple(records), told, marks)

    def acknowledged(self, portion: Portion) -> None:
        """The office has these rows for good: owe them no longer, keep them for a while."""
        at = self._read_clocks().at.timestamp()
        with self._transaction() as db:
            if db.execute("SELECT stream FROM about").fetchone()[0] != portion.stream:
                return
            for record in portion.records:
                freed = db.execute(
                    "UPDATE rows SET acknowledged_at = ? WHERE seq = ? AND acknowledged_at IS NULL RETURNING size",
                    (at, record.sequence),
                ).fetchone()
                if freed:
                    _use(db, portion.priority, -freed[0])
            db.executemany(
                "UPDATE gaps SET acknowledged_at = ? WHERE id = ? AND last = ?",
                [(at, number, last) for number, last in portion.gap_marks],
            )

    def owe_again(self, stream: str, through: int) -> int:
        """A restored office has this stream up to a number only: owe it every kept row above; returns how many.

        They take no room from what has never been acknowledged: what is kept is bounded already.
        """
        with self._transaction() as db:
            if db.execute("SELECT stream FROM about").fetchone()[0] != stream:
                return 0
            again = db.execute(
                "UPDATE rows SET acknowledged_at = NULL, size = 0 WHERE seq > ? AND acknowledged_at IS NOT NULL",
                (through,),
            ).rowcount
            db.execute("UPDATE gaps SET acknowledged_at = NULL WHERE last > ?", (through,))
        return again

    def tidy(self) -> None:
        """Let go of what was acknowledged long ago, and of what is owed for too long; to be called now and then."""
        now = self._read_clocks()
        caps = self._caps
        with self._transaction() as db:
            before = (now.at - caps.kept_age).timestamp()
            if now.trusted:
                db.execute("DELETE FROM rows WHERE acknowledged_at < ?", (before,))
                db.execute("DELETE FROM gaps WHERE acknowledged_at < ?", (before,))
                for priority, room in caps.rooms.items():
                    old = db.execute(
                        "SELECT seq FROM rows WHERE priority = ? AND acknowledged_at IS NULL AND clock_trusted"
                        " AND at < ? ORDER BY seq",
                        (priority, (now.at - room.age).timestamp()),
                    ).fetchall()
                    _give_up(db, priority, [number for (number,) in old], TOO_OLD)
            db.execute(
                "DELETE FROM rows WHERE seq IN (SELECT seq FROM (SELECT seq, SUM(size) OVER (ORDER BY seq DESC) AS held"
                " FROM rows WHERE acknowledged_at IS NOT NULL) WHERE held > ?)",
                (caps.kept_bytes,),
            )

    def _make_room(self, db: sqlite3.Connection, priority: Priority) -> None:
        room = self._caps.rooms[priority]
        used = db.execute("SELECT bytes FROM usage WHERE priority = ?", (priority,)).fetchone()[0]
        if used > room.limit_bytes:
            held = db.execute(
                "SELECT seq, size FROM rows WHERE priority = ? AND acknowledged_at IS NULL ORDER BY seq", (priority,)
            )
            _give_up(db, priority, overflowing(used, room, (Held(*row) for row in held)), OVERFLOW)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(uri, timeout=BUSY_S, isolation_level=None, uri=True)) as db:
                db.execute("PRAGMA synchronous = FULL")
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise DeviceError(ErrorCode.DISK, f"outbox: {error}") from error


def _record(row: tuple[Any, ...], now: Moment) -> Record:
    number, kind, at, trusted, boot, boottime_ns, body = row
    moment = datetime.fromtimestamp(at, UTC)
    if not trusted and now.trusted and boot == now.boot:
        moment, trusted = now.at - timedelta(microseconds=(now.boottime_ns - boottime_ns) // 1000), True
    return Record(
        sequence=number, kind=kind, at=moment, clock_trusted=bool(trusted), body=msgspec.json.decode(body, type=dict)
    )


def _use(db: sqlite3.Connection, priority: str, size: int) -> None:
    db.execute("UPDATE usage SET bytes = bytes + ? WHERE priority = ?", (size, priority))


def _columns(entry: Entry, at: Moment) -> tuple[Any, ...]:
    record = Record(sequence=0, kind=entry.kind, at=at.at, clock_trusted=at.trusted, body=entry.body)
    msgspec.convert(msgspec.to_builtins(record), Record)
    data = msgspec.json.encode(entry.body)
    if len(data) > BODY_LIMIT:
        raise ValueError(f"record {entry.kind} of {len(data)} bytes, at most {BODY_LIMIT}")
    when = (at.at.timestamp(), at.trusted, at.boot, at.boottime_ns)
    return (entry.priority, entry.kind, *when, data, len(data) + ROW_BYTES)


def _give_up(db: sqlite3.Connection, priority: Priority, numbers: list[int], reason: str) -> None:
    """Delete owed rows, and say so: numbers that follow each other in their priority make one gap."""
    for number in numbers:
        size = db.execute("DELETE FROM rows WHERE seq = ? RETURNING size", (number,)).fetchone()[0]
        _use(db, priority, -size)
    for first, last in _runs(db, priority, numbers):
        grown = db.execute(
            "UPDATE gaps SET last = :last WHERE id = (SELECT id FROM gaps WHERE priority = :priority"
            " AND acknowledged_at IS NULL AND reason = :reason AND last < :first AND NOT EXISTS"
            " (SELECT 1 FROM rows WHERE priority = :priority AND seq > gaps.last AND seq < :first)"
            " ORDER BY last DESC LIMIT 1)",
            {"last": last, "first": first, "priority": priority, "reason": reason},
        )
        if not grown.rowcount:
            row = (priority, first, last, reason)
            db.execute("INSERT INTO gaps (priority, first, last, reason) VALUES (?, ?, ?, ?)", row)


def _runs(db: sqlite3.Connection, priority: Priority, numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Fold numbers that are gone into runs without a row of the same priority between them."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        between = "SELECT 1 FROM rows WHERE priority = ? AND seq > ? AND seq < ? LIMIT 1"
        if runs and not db.execute(between, (priority, runs[-1][1], number)).fetchone():
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
