"""Starts ``booth prepare`` beside the agent, one at a time, and posts how it ended: the agent's loop never waits.

Prepare ──► child (own group, own user if the agent may) ──► lines ──► Prepared ──► the agent's queue
└ too long, killed, no verdict ──► E_PREPARE naming the item it was at
"""

import logging
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread, Timer
from typing import Final, Self

from appliance.content.layout import Layout
from appliance.errors import BoothError, DeviceError, ErrorCode, RefusedError
from appliance.prepare.task import Size
from appliance.prepare.verdict import LINE_LIMIT, At, Verdict, of_line, stream_of
from appliance.sync.messages import Prepare, Prepared

USER: Final = "booth-prepare"
"""Owner of ``derived/``; used when the agent may change user and this one exists."""
LIMIT_S: Final = 1800.0
"""A thousand new pictures on the smallest booth take a few minutes."""

_log = logging.getLogger(__name__)


class Preparer:
    """Runs preparations; use as a context manager, which ends the one that runs.

    Args:
        state: ``/var/lib/booth``.
        screen: Pixels of the public screen, None without one.
        software: Version of the booth's software.
        post: Takes :class:`Prepared`, from a thread of this; must return at once.
        limit_s: Seconds after which a preparation is ended.
        program: What is started; the set's number and options follow.
        user: Whom it runs as, when the agent may change user and there is such a one.
    """

    def __init__(  # noqa: PLR0913 - everything a preparation needs, wired once
        self,
        state: Path,
        screen: Size | None,
        software: str,
        post: Callable[[Prepared], None],
        *,
        limit_s: float = LIMIT_S,
        program: Sequence[str] = (sys.executable, "-m", "appliance", "prepare"),
        user: str = USER,
    ) -> None:
        self._state = state
        self._options = (
            "--state",
            str(state.resolve()),
            "--software",
            software,
            *(("--screen", str(screen)) if screen else ()),
        )
        self._post = post
        self._limit_s = limit_s
        self._program = tuple(program)
        self._user = user
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(self, asked: Prepare) -> None:
        """Begin; the answer is posted, also when it cannot even be started."""
        self._end()
        command = (*self._program, str(asked.set), *self._options)
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "PYTHONPATH") if name in os.environ}
        owner = self._owner(asked.set)
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=environment,
                cwd="/",
                start_new_session=True,
                umask=0o022,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )
        except OSError as error:
            self._post(Prepared(asked.set, DeviceError(ErrorCode.PREPARE, f"not started: {error.strerror}")))
            return
        self._thread = Thread(target=self._attend, args=(asked, self._child), name="prepare", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End what runs; nothing more is posted."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        if self._child is not None and self._thread is not None and self._thread.is_alive():
            _kill(self._child)
        if self._thread is not None:
            self._thread.join()
        self._child = self._thread = None

    def _owner(self, number: int) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            user = pwd.getpwnam(self._user)
        except KeyError:
            return None
        os.chown(Layout(self._state / "content").derived_of(number), user.pw_uid, user.pw_gid)
        return user

    def _attend(self, asked: Prepare, child: "subprocess.Popen[bytes]") -> None:
        late = Timer(self._limit_s, _kill, (child,))
        late.start()
        item: str | None = None
        verdict: Verdict | None = None
        assert child.stdout is not None  # noqa: S101 - it was asked for
        with child.stdout as lines:
            while line := lines.readline(LINE_LIMIT + 1):
                match of_line(line):
                    case At(item=item):
                        pass
                    case Verdict() as verdict:
                        pass
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        late.cancel()
        _kill(child)
        status = child.wait()
        if not self._closed:
            self._post(judged(asked.set, verdict, item, status))


def judged(number: int, verdict: Verdict | None, item: str | None, status: int) -> Prepared:
    """Make an answer of what a child said and how it ended; pure.

    Args:
        number: Of the set.
        verdict: Its last word, None if it died without.
        item: The item it was at.
        status: Exit status, negative for a signal.
    """
    if verdict is None or status != 0:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        detail = f"{item or 'the set'}: the preparation ended with {how}"
        return Prepared(number, DeviceError(ErrorCode.PREPARE, detail), stream_of(item))
    if verdict.code is None:
        return Prepared(number)
    kind: type[BoothError] = RefusedError if verdict.code is ErrorCode.PREPARE else DeviceError
    detail = f"{verdict.item}: {verdict.detail}" if verdict.item else verdict.detail
    return Prepared(number, kind(verdict.code, detail), stream_of(verdict.item))


def _kill(child: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
