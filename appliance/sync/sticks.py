"""Sticks as a source beside the wire: what to read from which, and how each plugging in ends. Pure.

    StickFound ─► trust ─► streams ─► fetch wants ─► ReadStick ─► StickPiece ─► fetch ─► … ─► nothing is wanted

The wire takes the missing chunks of a blob from the front, a stick from the back: they meet. Each piece is verified
like one from the wire, so a stick that was pulled out has given what it has given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from appliance.sticks import ReadStick, UsbFact, UsbState
from appliance.sync.fetch import Fetch
from mqtt.contract.errors import ErrorCode

CREDIT_BYTES: Final = 2 * 1024 * 1024
"""At most this much is on its way from a stick to the store at one moment: it bounds memory."""
PARTS: Final = 64
"""At most so many parts; small files are many."""
REFILL: Final = PARTS // 4
"""Ask for more when no more than this is on its way."""


@dataclass
class Plugged:
    """One plugging in.

    Attributes:
        set_before: Content set when it was plugged in.
        refusal: Why its metadata is not believed.
        asked: Lengths (bytes) on their way, by digest and chunk.
        lacking: Blobs it cannot give.
        done: Bytes it has given.
    """

    id: str
    set_before: int | None
    refusal: ErrorCode | None = None
    is_source: bool = True
    asked: dict[str, dict[int, int]] = field(default_factory=dict)
    lacking: dict[str, ErrorCode] = field(default_factory=dict)
    done: int = 0

    @property
    def flying(self) -> int:
        """Bytes on their way from it."""
        return sum(sum(parts.values()) for parts in self.asked.values())

    @property
    def parts(self) -> int:
        """Parts on their way from it."""
        return sum(map(len, self.asked.values()))


class Sticks:
    """The sticks that are plugged in.

    Args:
        fetch: Knows what is wanted.
        boottime_ns: Moment of a fact.
    """

    def __init__(self, fetch: Fetch, boottime_ns: Callable[[], int]) -> None:
        self._fetch = fetch
        self._boottime_ns = boottime_ns
        self._plugged: dict[str, Plugged] = {}
        self.fact: UsbFact | None = None
        """What people are told; of the stick that something happened to last."""

    def plug(self, stick: str, content_set: int | None) -> Plugged:
        """A stick is there."""
        self._plugged[stick] = plugged = Plugged(stick, content_set)
        self._tell(plugged, UsbState.IMPORTING)
        return plugged

    def unplug(self, stick: str) -> None:
        """A stick is gone; what it has given stays, and so does what was said of one that had given all."""
        plugged = self._plugged.pop(stick, None)
        if plugged is not None and plugged.is_source:
            self._tell(plugged, UsbState.REMOVED)

    def give_up(self, plugged: Plugged) -> None:
        """Read nothing more from a stick that is refused."""
        plugged.is_source = False
        plugged.asked.clear()
        self._tell(plugged, UsbState.REFUSED, plugged.refusal)

    def piece(self, stick: str, digest: str, number: int) -> Plugged | None:
        """Take note that a piece came; None for one that nobody waits for."""
        plugged = self._plugged.get(stick)
        if plugged is None or plugged.asked.get(digest, {}).pop(number, None) is None:
            return None
        if not plugged.asked[digest]:
            del plugged.asked[digest]
        return plugged

    def lacks(self, stick: str, digest: str, code: ErrorCode) -> None:
        """A stick cannot give a blob."""
        if plugged := self._plugged.get(stick):
            plugged.asked.pop(digest, None)
            plugged.lacking[digest] = code

    def requests(self) -> list[ReadStick]:
        """Return what to read now; a blob is read from one stick at a time."""
        wanted: list[ReadStick] = []
        for plugged in self._plugged.values():
            if not plugged.is_source or plugged.parts > REFILL:
                continue
            taken = {digest for other in self._plugged.values() if other is not plugged for digest in other.asked}
            for blob in self._fetch.blobs:
                limit, credit = PARTS - plugged.parts, CREDIT_BYTES - plugged.flying
                if limit <= 0 or credit <= 0:
                    break
                if blob.sha256 in plugged.lacking or blob.sha256 in taken:
                    continue
                asked = plugged.asked.get(blob.sha256, {})
                if parts := self._fetch.missing(blob.sha256, limit, credit, asked.keys()):
                    plugged.asked[blob.sha256] = asked | {part.number: part.length for part in parts}
                    wanted.append(ReadStick(plugged.id, blob.sha256, blob.size, parts))
            self._progress(plugged)
        return wanted

    def ended(self, content_set: int | None, refused: ErrorCode | None) -> list[tuple[Plugged, ErrorCode | None]]:
        """Return the sticks that have just given all they can, with the code of what kept them from more.

        Args:
            content_set: That is shown now.
            refused: Why a stream does not go on, None if none is held up.
        """
        ends = []
        for plugged in self._plugged.values():
            if (
                not plugged.is_source
                or plugged.asked
                or not all(map(plugged.lacking.__contains__, self._fetch.digests))
            ):
                continue
            plugged.is_source = False
            lacking = next((code for digest, code in plugged.lacking.items() if self._fetch.wants(digest)), None)
            changed = content_set != plugged.set_before
            helped = changed or (plugged.done > 0 and lacking is None and refused is None)
            code = None if helped else plugged.refusal or lacking or refused
            state = UsbState.REFUSED if code else UsbState.DONE if changed else UsbState.CURRENT
            self._tell(plugged, state, code)
            ends.append((plugged, code))
        return ends

    def _progress(self, plugged: Plugged) -> None:
        if plugged.is_source and self.fact and self.fact.stick == plugged.id:
            self._tell(plugged, UsbState.IMPORTING)

    def _tell(self, plugged: Plugged, state: UsbState, code: ErrorCode | None = None) -> None:
        left = sum(self._fetch.missing_bytes(blob.sha256) for blob in self._fetch.blobs)
        known = self.fact
        same = known is not None and (known.stick, known.state) == (plugged.id, state)
        since = known.since if known and same else self._boottime_ns()
        total = plugged.done + (left if state is UsbState.IMPORTING else 0)
        self.fact = UsbFact(stick=plugged.id, state=state, done=plugged.done, total=total, code=code, since=since)
