"""The preparation as a process: the agent never waits for it, and whatever becomes of it is an answer."""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.prepare.verdict import Verdict
from appliance.services.preparer import Preparer, judged
from appliance.sync.messages import Prepare, Prepared
from tests.prepare.conftest import SCREEN, Bench

AT = """import os, signal, sys; print('{"type":"at","item":"city/dic/a/b.png"}', flush=True); """
OK = """print('{"type":"verdict"}', flush=True); """

Start = Callable[..., "SimpleQueue[Prepared]"]


@pytest.fixture
def start(bench: Bench) -> Iterator[Start]:
    """Start a preparation, the real one or this Python in its place; its answers."""
    running: list[Preparer] = []

    def begin(number: int, code: str | None = None, limit_s: float = 60.0) -> "SimpleQueue[Prepared]":
        answers: SimpleQueue[Prepared] = SimpleQueue()
        program = (sys.executable, "-c", code) if code else (sys.executable, "-m", "appliance", "prepare")
        state = bench.layout.root.parent
        preparer = Preparer(state, SCREEN, "1", answers.put, limit_s=limit_s, program=program)
        running.append(preparer)
        preparer.start(Prepare(number))
        return answers

    yield begin
    for preparer in running:
        preparer.close()


def test_a_set_is_prepared_by_a_process_of_its_own(bench: Bench, draw: Callable[..., bytes], start: Start) -> None:
    number = bench.stage({"a.png": draw()}, "a.png")
    before = bench.tree()
    assert start(number).get(timeout=60) == Prepared(number)
    assert len(list(bench.layout.derived_of(number).rglob("*.png"))) == 1
    assert bench.tree() == before, "it writes nowhere else"


def test_a_process_names_what_cannot_be_shown(bench: Bench, start: Start) -> None:
    number = bench.stage({"a.png": b"x"})
    answer = start(number).get(timeout=60)
    assert isinstance(answer.error, RefusedError)
    assert (answer.set, answer.error.code, answer.stream) == (number, ErrorCode.PREPARE, "programme/dic")
    assert "programme/dic/a.png" in answer.error.detail


@pytest.mark.parametrize(
    "death",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "signal.pause()",
        "sys.exit(3)",
        "",
        OK + "sys.exit(1)",
        "os.close(1); signal.pause()",
        "print('x' * 1_000_000)",
    ],
    ids=["killed", "late", "error", "silent", "ok-then-error", "deaf", "babbling"],
)
def test_a_process_that_dies_late_or_without_a_word_names_where_it_was(start: Start, death: str) -> None:
    """It may be the device's fault: to be tried again."""
    answer = start(5, AT + death, limit_s=2.0).get(timeout=30)
    assert isinstance(answer.error, DeviceError)
    assert (answer.set, answer.error.code, answer.stream) == (5, ErrorCode.PREPARE, "city/dic")
    assert "city/dic/a/b.png" in answer.error.detail


def test_a_process_cannot_take_the_memory_of_the_booth(start: Start) -> None:
    code = "from appliance.services.prepare import confine; confine(); " + AT + "bytearray(2 << 30); " + OK
    answer = start(5, code).get(timeout=60)
    assert isinstance(answer.error, DeviceError)


def test_a_process_has_no_network_and_none_of_our_environment(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener on this very machine is out of its reach."""
    monkeypatch.setenv("BOOTH_SECRET", "x")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = f"""
import os, socket
from appliance.services.prepare import confine
confine()
assert "BOOTH_SECRET" not in os.environ
try:
    socket.create_connection(("127.0.0.1", {port}), 2)
except OSError:
    {OK}
"""
        answer = start(5, code).get(timeout=60)
    assert answer == Prepared(5)


def test_what_a_preparation_started_ends_with_it(start: Start, tmp_path: Path) -> None:
    """A decoder must not outlive the preparation that died before it."""
    file = tmp_path / "pid"
    code = f"""
import os, pathlib, signal, subprocess
decoder = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
pathlib.Path({str(file)!r}).write_text(str(decoder.pid))
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert start(5, code).get(timeout=30).error is not None
    with suppress(ProcessLookupError):  # gone already
        decoder = os.pidfd_open(int(file.read_text()))
        try:
            ended, _, _ = select.select([decoder], [], [], 20)
        finally:
            os.close(decoder)
        assert ended


def test_an_agent_that_ends_ends_its_preparation_and_hears_nothing_of_it(bench: Bench) -> None:
    answers: SimpleQueue[Prepared] = SimpleQueue()
    program = (sys.executable, "-c", AT + "signal.pause()")
    with Preparer(bench.layout.root.parent, None, "1", answers.put, program=program) as preparer:
        preparer.start(Prepare(5))
        child = preparer._child
    assert child is not None
    assert child.returncode == -signal.SIGKILL
    assert answers.empty()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change user")
def test_an_agent_that_may_change_user_gives_the_preparation_one_of_its_own(bench: Bench) -> None:
    """It owns what it makes, and nothing else."""
    number = bench.stage({"a.md": b"x"})
    answers: SimpleQueue[Prepared] = SimpleQueue()
    code = """print('{"type":"verdict"}' if os.getuid() and os.getgid() and os.getgroups() == [] else 'root')"""
    program = ("/usr/bin/python3", "-c", "import os; " + code)
    with Preparer(bench.layout.root.parent, None, "1", answers.put, program=program, user="nobody") as preparer:
        preparer.start(Prepare(number))
        assert answers.get(timeout=30) == Prepared(number)
    assert bench.layout.derived_of(number).stat().st_uid != 0
    assert bench.layout.derived.stat().st_uid == 0


def test_a_program_that_cannot_be_started_is_an_answer_too(bench: Bench) -> None:
    answers: SimpleQueue[Prepared] = SimpleQueue()
    with Preparer(bench.layout.root.parent, None, "1", answers.put, program=("/no/such/program",)) as preparer:
        preparer.start(Prepare(5))
    assert isinstance(answers.get(timeout=1).error, DeviceError)


_VERDICTS = st.none() | st.builds(
    Verdict, code=st.none() | st.sampled_from(ErrorCode), item=st.none() | st.just("city/dic/a/b.png")
)


@given(_VERDICTS, st.none() | st.just("law/police/x/y.png"), st.integers(-15, 3))
def test_only_a_whole_good_word_shows_a_set_and_only_a_whole_bad_one_refuses_a_release(
    verdict: Verdict | None, item: str | None, status: int
) -> None:
    answer = judged(5, verdict, item, status)
    whole = verdict is not None and status == 0
    assert (answer.error is None) == (whole and verdict is not None and verdict.code is None)
    assert isinstance(answer.error, RefusedError) == (
        whole and verdict is not None and verdict.code is ErrorCode.PREPARE
    )
