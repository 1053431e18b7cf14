"""A line between two places, in userspace: rate, delay, cuts, black holes, slicing. TCP in, TCP out.

    client ─► [queue: rate, delay] ─► server        both directions alike, all connections share one rate
           ◄─ [queue: rate, delay] ◄─

What it does not model: packet loss and retransmission, headers of TCP and IP, and jitter. Bytes that wait are held
back by not reading, so TCP's own buffers at both ends lengthen the queue as they do before a slow modem.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

PIECE_BYTES: Final = 16 * 1024
PACKET_BYTES: Final = 1500
HOLE_S: Final = 0.02
"""How often a swallowed end is looked at again."""
T = TypeVar("T")


@dataclass(frozen=True)
class Quality:
    """What the line is like.

    Attributes:
        rate: Bytes per second each way, None for no limit.
        delay_s: Each way; half the round trip.
        queue_bytes: What may wait in front of the line before the sender is held back.
        slice_bytes: Deliver at most so many bytes at once, None for as they come.
    """

    rate: float | None = None
    delay_s: float = 0.0
    queue_bytes: int = 128 * 1024
    slice_bytes: int | None = None


class _Way:
    """One direction, shared by all connections."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self.carried = 0

    def depart(self, now: float, size: int, rate: float | None, *, first: bool = False) -> float:
        """When the last of ``size`` bytes has left onto the line; ``first`` waits for the packet on its way only."""
        self.carried += size
        takes = size / rate if rate else 0.0
        waited = max(self.free_at, now)
        self.free_at = waited + takes
        if first and rate:
            return min(waited, now + PACKET_BYTES / rate) + takes
        return self.free_at


class Line:
    """The proxy; use as a context manager. It runs in a thread of its own; every method may be called from any.

    Args:
        target: Port on loopback that is reached through the line.
        quality: What the line is like at first.
        beside: Another line that is the same wire: both share its rate, first come, first served.
        first: What little goes here overtakes what waits elsewhere, as flow queueing (RFC 8290) lets a sparse flow.
    """

    def __init__(
        self, target: int, quality: Quality | None = None, *, beside: Self | None = None, first: bool = False
    ) -> None:
        self._first = first
        self.quality = quality or Quality()
        self.port = 0
        self.target = target
        self._up, self._down = (beside._up, beside._down) if beside else (_Way(), _Way())
        self._hole = False
        self._is_down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"line-{target}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._call(self._open())
        return self

    def __exit__(self, *exc: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def carried(self) -> tuple[int, int]:
        """Bytes carried so far: to the target, and from it."""
        return self._up.carried, self._down.carried

    def cut(self) -> None:
        """Break every connection and refuse new ones, until :meth:`mend`."""
        self._is_down = True
        self._call(self._break())

    def glitch(self) -> None:
        """Break every connection; new ones are taken at once."""
        self._call(self._break())

    def mend(self) -> None:
        """Take connections again, carry bytes again."""
        self._is_down = self._hole = False

    def black_hole(self) -> None:
        """Swallow every byte from now on and keep connections open, as a dead modem does, until :meth:`mend`."""
        self._hole = True

    def _call(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(30)

    async def _open(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        self.mend()
        await self._break()
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=5.0)

    async def _break(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_down:
            writer.transport.abort()
            return
        self._writers.add(writer)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(far_writer)
            ways = (self._carry(reader, far_writer, self._up), self._carry(far_reader, writer, self._down))
            await asyncio.gather(*ways)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for one in (writer, far_writer):
                if one is not None:
                    self._writers.discard(one)
                    one.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way) -> None:
        """Read, let each piece depart at the line's rate, and write it when it has arrived."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        room = _Room()

        async def deliver() -> None:
            while True:
                at, data = await waiting.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                for piece in _sliced(data, self.quality.slice_bytes):
                    writer.write(piece)
                    await writer.drain()
                room.give(len(data))
                if not data:
                    with suppress(OSError):
                        writer.write_eof()
                    return

        delivering = asyncio.create_task(deliver())
        delivering.add_done_callback(lambda task: task.cancelled() or task.exception())  # a broken line is no news
        try:
            while not delivering.done():
                data = await reader.read(PIECE_BYTES)
                if self._hole:
                    await asyncio.sleep(0 if data else HOLE_S)  # the end is swallowed as well, until the line is mended
                    continue
                left = way.depart(time.monotonic(), len(data), self.quality.rate, first=self._first)
                waiting.put_nowait((left + self.quality.delay_s, data))
                if not data:
                    break
                in_flight = (self.quality.rate or 1e9) * self.quality.delay_s
                await room.take(len(data), int(self.quality.queue_bytes + in_flight))
            await delivering
        finally:
            delivering.cancel()


class _Room:
    """Bytes between reading and delivery, so that the reader waits when there are too many."""

    def __init__(self) -> None:
        self._held = 0
        self._changed = asyncio.Event()

    async def take(self, size: int, most: int) -> None:
        self._held += size
        while self._held > most:
            self._changed.clear()
            await self._changed.wait()

    def give(self, size: int) -> None:
        self._held -= size
        self._changed.set()


def _sliced(data: bytes, size: int | None) -> list[bytes]:
    return [data] if size is None else [data[at : at + size] for at in range(0, len(data), size)]
