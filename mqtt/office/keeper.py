"""Keeps child processes alive: starts them, starts a dead one again after a pause, ends all by their ids.

    Keeper ── pidfd of each child ─┐
           ── stop (readable) ─────┴─ select, until told to stop

Children get a pipe as standard input that closes with us, so that they end even if we are killed (``serve`` has
``--attached`` for it).
"""

import logging
import os
import select
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
"""A child that lived this long was well: the next pause is short again."""

Start = Callable[[], "subprocess.Popen[bytes]"]
_log: Final = logging.getLogger(__name__)


class Patience:
    """How long to wait before a child that died is started again: doubling, up to a bound; pure."""

    def __init__(self) -> None:
        self._pause = FIRST_PAUSE_S

    def after(self, lived_s: float) -> float:
        """Return the pause after a life of so many seconds."""
        if lived_s >= STEADY_S:
            self._pause = FIRST_PAUSE_S
        pause = self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE_S)
        return pause


class _Child:
    def __init__(self, name: str, start: Start) -> None:
        self.name = name
        self.start = start
        self.patience = Patience()
        self.process: subprocess.Popen[bytes] | None = None
        self.ending = -1
        self.began = 0.0
        self.due: float | None = 0.0


class Keeper:
    """Keeps processes alive until told to stop.

    Args:
        starts: By name, how to start each one.
        stop: File descriptor that becomes readable when it is time to end.
        clock: Monotonic seconds.
        patience_s: How long a child may take to end by itself.
    """

    def __init__(
        self, starts: Mapping[str, Start], stop: int, clock: Callable[[], float], patience_s: float = 8.0
    ) -> None:
        self._children = [_Child(name, start) for name, start in starts.items()]
        self._stop = stop
        self._clock = clock
        self._patience_s = patience_s

    def run(self) -> None:
        """Start everything and keep it alive; return when stopped, with nothing left running."""
        try:
            while self._turn():
                pass
        finally:
            self._end()

    def _turn(self) -> bool:
        now = self._clock()
        for child in self._children:
            if child.due is not None and child.due <= now:
                self._start(child, now)
        dues = [child.due for child in self._children if child.due is not None]
        alive = {child.ending: child for child in self._children if child.process is not None}
        timeout = max(min(dues) - now, 0) if dues else None
        ready, _, _ = select.select([self._stop, *alive], [], [], timeout)
        for descriptor in ready:
            if descriptor in alive:
                self._died(alive[descriptor])
        return self._stop not in ready

    def _start(self, child: _Child, now: float) -> None:
        child.process = child.start()
        child.ending = os.pidfd_open(child.process.pid)
        child.began, child.due = now, None

    def _died(self, child: _Child) -> None:
        if child.process is None:
            return
        code = self._reap(child)
        pause = child.patience.after(self._clock() - child.began)
        child.due = self._clock() + pause
        _log.error("%s ended with status %d, it starts again in %.1f s", child.name, code, pause)

    def _reap(self, child: _Child) -> int:
        process, child.process = child.process, None
        if process is None:
            return 0
        os.close(child.ending)
        code = process.wait()
        if process.stdin:
            process.stdin.close()
        return code

    def _end(self) -> None:
        alive = [child for child in self._children if child.process is not None]
        for child in alive:
            signal.pidfd_send_signal(child.ending, signal.SIGTERM)
        until = self._clock() + self._patience_s
        for child in alive:
            if not select.select([child.ending], [], [], max(until - self._clock(), 0))[0]:
                _log.error("%s does not end by itself", child.name)
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(child.ending, signal.SIGKILL)
            self._reap(child)
