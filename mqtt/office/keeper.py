"""Keeps child processes alive: starts them, starts a dead one again after a pause, ends all by their ids.

One that lives and does not answer is dead too (mosquitto 2.0.11 has been seen to spin for ever behind a cut bridge).

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
LOOK_S: Final = 60.0
"""How often a child that can answer is asked."""
SILENT: Final = 2
"""After so many questions without an answer it is killed."""

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
    def __init__(self, name: str, start: Start, answers: Callable[[], bool] | None) -> None:
        self.name = name
        self.start = start
        self.answers = answers
        self.silent = 0
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
        answers: By name, whether a child answers; takes seconds at most. Those left out are believed to.
        look_s: How often they are asked.
    """

    def __init__(  # noqa: PLR0913 - the last one is for impatient tests only
        self,
        starts: Mapping[str, Start],
        stop: int,
        clock: Callable[[], float],
        patience_s: float = 8.0,
        *,
        answers: Mapping[str, Callable[[], bool]] | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        asked = answers or {}
        self._children = [_Child(name, start, asked.get(name)) for name, start in starts.items()]
        self._look_s = look_s
        self._look_at = clock() + look_s
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
        if now >= self._look_at:
            self._look()
            self._look_at = self._clock() + self._look_s
        dues = [self._look_at, *(child.due for child in self._children if child.due is not None)]
        alive = {child.ending: child for child in self._children if child.process is not None}
        timeout = max(min(dues) - now, 0)
        ready, _, _ = select.select([self._stop, *alive], [], [], timeout)
        for descriptor in ready:
            if descriptor in alive:
                self._died(alive[descriptor])
        return self._stop not in ready

    def _start(self, child: _Child, now: float) -> None:
        child.process = child.start()
        child.ending = os.pidfd_open(child.process.pid)
        child.began, child.due = now, None

    def _look(self) -> None:
        for child in self._children:
            if child.answers is None or child.process is None:
                continue
            child.silent = 0 if child.answers() else child.silent + 1
            if child.silent >= SILENT:
                _log.error("%s lives and does not answer", child.name)
                child.silent = 0
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(child.ending, signal.SIGKILL)

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
