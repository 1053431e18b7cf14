"""Children are started again and ended by their ids: real processes, no waiting for pauses."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from mqtt.office import keeper
from mqtt.office.keeper import Keeper, Patience

Kept = Callable[[Callable[[], "subprocess.Popen[bytes]"]], Callable[[], None]]
SLEEPER = (sys.executable, "-c", "import sys; sys.stdin.read()")


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Run a keeper in a thread; tell it to stop at the end."""
    readable, writable = os.pipe()
    threads: list[threading.Thread] = []

    def run(start: Callable[[], "subprocess.Popen[bytes]"]) -> Callable[[], None]:
        thread = threading.Thread(target=Keeper({"child": start}, readable, time.monotonic).run)
        thread.start()
        threads.append(thread)

        def stop() -> None:
            os.write(writable, b".")
            thread.join(10)

        return stop

    yield run
    os.write(writable, b".")
    for thread in threads:
        thread.join(10)
    os.close(readable)
    os.close(writable)


def test_a_child_that_is_killed_starts_again_and_none_is_left_at_the_end(kept: Kept) -> None:
    started: list[subprocess.Popen[bytes]] = []
    again = threading.Event()

    def start() -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(SLEEPER, stdin=subprocess.PIPE))
        if len(started) == 1:
            started[0].send_signal(signal.SIGKILL)
        else:
            again.set()
        return started[-1]

    stop = kept(start)
    assert again.wait(10)
    stop()

    assert [process.returncode for process in started] == [-signal.SIGKILL, -signal.SIGTERM]


def test_a_child_that_keeps_dying_is_started_ever_more_rarely() -> None:
    patience = Patience()

    pauses = [patience.after(0) for _ in range(10)]

    assert pauses[0] == keeper.FIRST_PAUSE_S
    assert pauses == sorted(pauses)
    assert pauses[-1] == keeper.LONGEST_PAUSE_S


def test_a_child_that_lived_well_starts_again_soon() -> None:
    patience = Patience()
    for _ in range(10):
        patience.after(0)

    assert patience.after(keeper.STEADY_S) == keeper.FIRST_PAUSE_S


def test_a_child_that_lives_and_does_not_answer_is_killed_and_starts_again() -> None:
    """One that is slow once is left alone."""
    readable, writable = os.pipe()
    started: list[subprocess.Popen[bytes]] = []
    again = threading.Event()
    said = iter([False, True, False, False])

    def start() -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(SLEEPER, stdin=subprocess.PIPE))
        if len(started) > 1:
            again.set()
        return started[-1]

    kept = Keeper(
        {"child": start}, readable, time.monotonic, answers={"child": lambda: next(said, True)}, look_s=0.01
    )  # fmt: skip
    thread = threading.Thread(target=kept.run)
    thread.start()
    try:
        assert again.wait(10)
        assert started[0].returncode == -signal.SIGKILL
        assert next(said, None) is None
    finally:
        os.write(writable, b".")
        thread.join(10)
        os.close(readable)
        os.close(writable)
