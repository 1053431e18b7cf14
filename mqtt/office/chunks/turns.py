"""Whose piece is next; pure. Time in seconds comes as an argument.

    gate, booth ─► lane: small blobs first, then the pieces of large ones, in the order asked
    lanes take turns, a piece each; equal pieces asked by booths of one gate are one piece

A piece that was sent a moment ago is on its way to everyone who listened by then: to a neighbour who had asked for
anything of that blob before it was sent. Only he is not answered again; the one it was sent for has lost it.
A gate may have a rate limit: then its large pieces wait, small ones never do.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mqtt.bulk.limit import Limit
from mqtt.contract.chunks import CHUNK_LIMIT

LANE_LIMIT: Final = 2 * 1024 * 1024 + CHUNK_LIMIT
"""Bytes one booth may have waiting: twice its widest window."""
LEAST_COST: Final = 1024
"""What the smallest piece counts as, so that a flood of requests for nothing is bounded too."""
LISTENERS_KEPT: Final = 65536


@dataclass(frozen=True)
class Piece:
    """A chunk of a published blob, or the news that a blob is not here (no digest).

    ``index`` tells how the blob was cut; equal numbers of different cuts are different pieces.
    """

    blob: str
    index: str | None
    number: int
    offset: int = 0
    length: int = 0
    digest: bytes | None = None

    @property
    def cost(self) -> int:
        """What it counts as among what a booth has waiting, bytes."""
        return max(self.length, LEAST_COST)


@dataclass
class _Lane:
    gate: str
    small: deque[Piece] = field(default_factory=deque)
    large: deque[Piece] = field(default_factory=deque)
    queued: int = 0

    def put(self, piece: Piece) -> None:
        (self.small if piece.index is None else self.large).append(piece)
        self.queued += piece.cost

    def take(self) -> Piece:
        piece = (self.small or self.large).popleft()
        self.queued -= piece.cost
        return piece


@dataclass(frozen=True)
class _Copy:
    at: float
    owners: frozenset[str]


_Key = tuple[str, Piece]


class Turns:
    """All pieces that are still to be sent.

    Args:
        hold_off_s: How long a copy counts as on its way.
        lane_limit: Bytes one booth may have waiting here; what goes beyond is left out, it will ask again.
        listening_s: How long a booth counts as listening to a blob after it last asked for some of it.
        gate_rate: Bytes per second of large pieces for one gate; None for no limit.
    """

    def __init__(
        self,
        hold_off_s: float,
        lane_limit: int = LANE_LIMIT,
        listening_s: float = 60.0,
        gate_rate: float | None = None,
    ) -> None:
        self._gate_rate = gate_rate
        self._limits: dict[str, Limit] = {}
        self._hold_off_s = hold_off_s
        self._lane_limit = lane_limit
        self._listening_s = listening_s
        self._lanes: OrderedDict[tuple[str, str], _Lane] = OrderedDict()
        self._owners: dict[_Key, set[str]] = {}
        self._copies: OrderedDict[_Key, _Copy] = OrderedDict()
        self._listening: OrderedDict[tuple[str, str, str], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._owners)

    def clear(self) -> None:
        """Forget everything: the line was lost, and booths ask again."""
        self._lanes.clear()
        self._owners.clear()
        self._copies.clear()
        self._listening.clear()

    def ask(self, now: float, gate: str, booth: str, pieces: Iterable[Piece]) -> int:
        """Queue pieces for a booth; return how many were not already queued or on their way."""
        self._forget(now)
        lane = self._lanes.get((gate, booth)) or _Lane(gate)
        added = 0
        for piece in pieces:
            since = self._listens(now, gate, booth, piece.blob)
            key = (gate, piece)
            if (owners := self._owners.get(key)) is not None:
                owners.add(booth)
            elif not self._on_its_way(key, booth, since) and lane.queued + piece.cost <= self._lane_limit:
                self._owners[key] = {booth}
                lane.put(piece)
                added += 1
        if added:
            self._lanes[gate, booth] = lane
        return added

    def next(self, now: float) -> tuple[str, Piece] | None:
        """Return the gate and the piece to send now, None if there is nothing to do, or its gate has had its share."""
        for key, lane in self._lanes.items():
            gate = key[0]
            if lane.small or self._limit(gate).room(now) > 0:
                break
        else:
            return None
        piece = lane.take()
        if piece.index is not None:
            self._limit(gate).take(now, piece.length)
        if lane.small or lane.large:
            self._lanes.move_to_end(key)
        else:
            del self._lanes[key]
        owners = self._owners.pop((gate, piece))
        self._note(now, gate, piece, frozenset(owners))
        return gate, piece

    def opens(self) -> float | None:
        """Return when :meth:`next` may have something again that a limit holds back now; None if nothing is."""
        times = [self._limit(gate).opens() for gate, _ in self._lanes]
        return min((time for time in times if time is not None), default=None)

    def passed(self, now: float, gate: str, piece: Piece) -> None:
        """Note a copy that somebody else has sent to the whole gate: whoever listened by then is not answered again."""
        self._forget(now)
        self._note(now, gate, piece, frozenset())

    def _note(self, now: float, gate: str, piece: Piece, owners: frozenset[str]) -> None:
        self._copies[gate, piece] = _Copy(now, owners)
        self._copies.move_to_end((gate, piece))

    def _limit(self, gate: str) -> Limit:
        return self._limits.setdefault(gate, Limit(self._gate_rate))

    def _listens(self, now: float, gate: str, booth: str, blob: str) -> float:
        """Note that a booth listens to a blob; return since when."""
        key = (gate, booth, blob)
        since, _ = self._listening.get(key, (now, now))
        self._listening[key] = (since, now)
        self._listening.move_to_end(key)
        return since

    def _on_its_way(self, key: _Key, booth: str, since: float) -> bool:
        copy = self._copies.get(key)
        return copy is not None and booth not in copy.owners and since <= copy.at

    def _forget(self, now: float) -> None:
        while self._copies and now - next(iter(self._copies.values())).at >= self._hold_off_s:
            self._copies.popitem(last=False)
        while self._listening and (
            len(self._listening) > LISTENERS_KEPT or now - next(iter(self._listening.values()))[1] >= self._listening_s
        ):
            self._listening.popitem(last=False)
