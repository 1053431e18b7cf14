"""How a booth asks for pieces of a blob: ranges of chunk numbers and the bytes it can take."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import Sha256, SizeBytes

WANT_LIMIT: Final = 16 * 1024
RANGES_LIMIT: Final = 256

ChunkNumber = Annotated[int, Meta(ge=0, le=2**31)]


class Range(msgspec.Struct, frozen=True, array_like=True):
    """Chunks ``first`` to ``last``, both included."""

    first: ChunkNumber
    last: ChunkNumber

    def __post_init__(self) -> None:
        if self.last < self.first:
            message = f"range {self.first}..{self.last} runs backwards"
            raise ValueError(message)


class Want(Document, frozen=True, kw_only=True, tag="want/1"):
    """A request, answered by frames on ``blob/{gate}/{digest}``.

    Attributes:
        blob: Digest of the blob.
        size: Its size in bytes.
        index: Digest of its chunk index; None for a blob that travels in one piece.
        ranges: Chunks still missing here, in the order wanted.
        credit: Bytes the booth can take now; the sender stops there.
    """

    blob: Sha256
    size: SizeBytes
    index: Sha256 | None
    ranges: Annotated[tuple[Range, ...], Meta(min_length=1, max_length=RANGES_LIMIT)]
    credit: SizeBytes


def ranges_of(numbers: list[int]) -> tuple[Range, ...]:
    """Fold ascending chunk numbers into ranges, at most :data:`RANGES_LIMIT` of them."""
    ranges: list[Range] = []
    for number in numbers:
        if ranges and number == ranges[-1].last + 1:
            ranges[-1] = Range(ranges[-1].first, number)
        elif len(ranges) == RANGES_LIMIT:
            break
        else:
            ranges.append(Range(number, number))
    return tuple(ranges)
