"""Numbers of chunks as flags: a video of 2 GB has 32,000, and a set of them takes a hundred times the room."""

from collections.abc import Iterable, Iterator


class Numbers:
    """A set of numbers below a limit, in ascending order.

    Args:
        limit: All numbers are smaller.
        numbers: Those in it.
    """

    def __init__(self, limit: int, numbers: Iterable[int]) -> None:
        self._flags = bytearray(limit)
        for number in numbers:
            self._flags[number] = 1
        self._count = self._flags.count(1)

    def __contains__(self, number: int) -> bool:
        return number < len(self._flags) and bool(self._flags[number])

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        at = self._flags.find(1)
        while at >= 0:
            yield at
            at = self._flags.find(1, at + 1)

    def descending(self) -> Iterator[int]:
        """The last first."""
        at = self._flags.rfind(1)
        while at >= 0:
            yield at
            at = self._flags.rfind(1, 0, at)

    def add(self, number: int) -> None:
        """Put one in; it may be in already."""
        self._count += not self._flags[number]
        self._flags[number] = 1

    def discard(self, number: int) -> None:
        """Take one out; it need not be in."""
        self._count -= self._flags[number]
        self._flags[number] = 0
