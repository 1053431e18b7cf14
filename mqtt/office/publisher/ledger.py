"""What the publisher remembers over a restart: the topics it may have left something at, and the revision to watch.

A topic is written down before anything is sent to it and struck out after the broker has taken it back, so a crash in
between leaves one to take back again, never one that nobody knows of.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from mqtt.office.database import aware, commands, published, revision
from mqtt.office.objects import Objects
from mqtt.office.publisher.retained import Retained, wanted


@dataclass(frozen=True)
class Order:
    """A command to be sent until the booth answers; doing it twice is the booth's not to do."""

    command: str
    booth: str
    name: str
    envelope: bytes
    expires: datetime


@dataclass(frozen=True)
class Chore:
    """Something to be done every so many seconds; may raise ``ContractError``: then it is tried again."""

    name: str
    every_s: float
    do: Callable[[], object]


class Ledger:
    """The publisher's view of the database.

    Args:
        engine: The office's database.
        objects: The bytes.
        chores: What else is to be done now and then.
        now: Current time, with zone.
    """

    def __init__(
        self, engine: Engine, objects: Objects, chores: tuple[Chore, ...], now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._objects = objects
        self.chores = chores
        self.now = now

    def revision(self) -> int:
        """Return the number that grows with every change; 0 before the first."""
        with self._engine.connect() as connection:
            return connection.execute(select(revision.c.number)).scalar() or 0

    def wanted(self) -> dict[str, Retained]:
        """Return what should be retained.

        Raises:
            ContractError: ``E_CONFIG``; leave the broker as it is.
        """
        with self._engine.connect() as connection:
            return wanted(connection, self._objects, self.now())

    def orders(self) -> list[Order]:
        """Return the commands that have not come to an end and are not over: a booth may have gone down with one."""
        with self._engine.connect() as connection:
            waiting = select(commands).where(commands.c.done.is_(False), commands.c.expires > self.now())
            return [
                Order(row.command, row.booth, row.name, bytes(row.envelope), aware(row.expires))
                for row in connection.execute(waiting.order_by(commands.c.sent)).all()
            ]

    def known(self) -> set[str]:
        """Return the topics that may hold something of ours."""
        with self._engine.connect() as connection:
            return set(connection.execute(select(published.c.topic)).scalars())

    def write_down(self, topics: Iterable[str]) -> None:
        """Remember topics before something is sent to them."""
        new = sorted(set(topics) - self.known())
        if new:
            with self._engine.begin() as connection:
                connection.execute(insert(published), [{"topic": topic} for topic in new])

    def strike_out(self, topics: Iterable[str]) -> None:
        """Forget topics that the broker has taken back."""
        with self._engine.begin() as connection:
            for topic in topics:
                connection.execute(delete(published).where(published.c.topic == topic))
