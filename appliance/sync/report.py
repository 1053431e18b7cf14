"""What the booth says of itself: ``reported`` when it has changed, ``info`` and ``conn`` at each birth.

A change is told after a moment of quiet, progress at most every ten seconds, and everything once an hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.identity import Identity
from appliance.sync.messages import Outgoing, Publish
from appliance.trust.time import Belief
from mqtt.contract import topics
from mqtt.contract.commands import Command
from mqtt.contract.documents import Document, encode, schema_of
from mqtt.contract.layers import Layer
from mqtt.contract.names import BootId
from mqtt.contract.notices import Notice
from mqtt.contract.releases import FileList, ReleaseHead
from mqtt.contract.repository import Assignment, MetaSet
from mqtt.contract.state import ClockReport, ConfigReport, Conn, DiskReport, Info, Refusal, Reported, StreamReport
from mqtt.contract.topics import Plane, Topic

QUIET_S: Final = 0.3
PROGRESS_S: Final = 10.0
REPEAT_S: Final = 3600.0

_SCHEMAS: Final[tuple[type[Document], ...]] = (Assignment, Command, FileList, Layer, MetaSet, Notice, ReleaseHead)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """The state of the booth at one moment, as ``reported`` tells it."""

    belief: Belief
    versions: Mapping[str, int]
    content_set: int | None
    streams: Mapping[str, StreamReport]
    errors: tuple[Refusal, ...]
    disk: DiskReport
    configuration: ConfigReport

    @property
    def state(self) -> tuple[object, ...]:
        """What makes two conditions different for the office; progress, time and space alone do not."""
        steps = {name: (one.state, one.shown, one.target) for name, one in self.streams.items()}
        return self.content_set, dict(self.versions), self.errors, self.belief.state, steps, self.configuration


class Reporter:
    """Composes the booth's own documents.

    Args:
        identity: Who we are.
        boot: Id of this start of the agent.
        software: Version of this software.
    """

    def __init__(self, identity: Identity, boot: BootId, software: str) -> None:
        self._identity = identity
        self._boot = boot
        self._software = software
        self._sequence = 0
        self._connection = 0
        self._online = False
        self._told: tuple[object, ...] | None = None
        self._told_at = float("-inf")
        self._changed_at: float | None = None

    def will(self) -> bytes:
        """Return what the broker shall say of us should the next connection break."""
        return self._conn(online=False, connection=self._connection + 1)

    def birth(self, now: float) -> list[Outgoing]:
        """A connection is there: say so, and say everything again."""
        self._connection += 1
        self._online = True
        self._told, self._told_at = None, now
        self._changed_at = now
        return [
            self._publish(topics.CONN, self._conn(online=True, connection=self._connection)),
            self._publish(topics.INFO, encode(self._info())),
        ]

    def death(self) -> None:
        """The connection is gone: reports wait for the next one."""
        self._online = False

    def correct(self, said: Conn) -> list[Outgoing]:
        """Answer a late will of an earlier connection, which would let the office believe that we are gone."""
        if said.online and (said.boot, said.connection) == (self._boot, self._connection):
            return []
        return [self._publish(topics.CONN, self._conn(online=True, connection=self._connection))]

    def touch(self, now: float) -> None:
        """Something may have changed."""
        if self._changed_at is None:
            self._changed_at = now

    def next_deadline(self, *, fetching: bool) -> float | None:
        """When :meth:`report` should be asked at the latest, None while nobody listens."""
        if not self._online:
            return None
        later = self._told_at + (PROGRESS_S if fetching else REPEAT_S)
        return later if self._changed_at is None else min(later, self._changed_at + QUIET_S)

    def report(self, now: float, condition: Condition) -> list[Outgoing]:
        """Return the report, nothing if the office knows it already."""
        self._changed_at = None
        if condition.state == self._told and now < self._told_at + PROGRESS_S:
            return []
        self._told, self._told_at = condition.state, now
        self._sequence += 1
        belief = condition.belief
        report = Reported(
            booth=self._identity.booth,
            boot=self._boot,
            sequence=self._sequence,
            at=belief.now,
            metadata=dict(condition.versions),
            clock=ClockReport(now=belief.now, source=belief.source, trusted=belief.trusted, state=belief.state),
            content_set=condition.content_set,
            streams=dict(condition.streams),
            errors=condition.errors,
            disk=condition.disk,
            configuration=condition.configuration,
        )
        return [self._publish(topics.REPORTED, encode(report))]

    def _publish(self, topic: Topic, payload: bytes) -> Publish:
        address = topic.at(booth=self._identity.booth)
        return Publish(Plane.CONTROL, address, payload, topic.qos, topic.retain, topic.expiry_s)

    def _conn(self, *, online: bool, connection: int) -> bytes:
        return encode(Conn(booth=self._identity.booth, online=online, boot=self._boot, connection=connection))

    def _info(self) -> Info:
        me = self._identity
        return Info(
            booth=me.booth,
            gate=me.gate,
            software=self._software,
            roles=me.roles,
            panels=me.panels,
            languages=me.languages,
            schemas=tuple(schema_of(kind) for kind in _SCHEMAS),
        )
