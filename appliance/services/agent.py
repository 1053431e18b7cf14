"""``booth agent``: link, trust, transfer, store and the switch; the only writer of ``content/`` and ``trust/``."""

import fcntl
import logging
import signal
import time
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final
from uuid import uuid4

import msgspec
from securesystemslib.signer import Signer

from appliance import identity
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import ErrorCode, SetupError
from appliance.lib import clock, facts, files
from appliance.outbox.file import clocks, path_of, prepare
from appliance.sync.drain import Drain
from appliance.sync.journal import Journal
from appliance.sync.link import Link, tls_context
from appliance.sync.messages import Connected, Disconnected, Incoming
from appliance.sync.report import Reporter
from appliance.sync.session import Session
from appliance.trust.time import TrustedTime, clocks_here
from appliance.trust.verifier import Trust
from mqtt.contract.envelopes import signer_of
from mqtt.contract.errors import ContractError
from mqtt.contract.topics import Plane

CLOCK_EVERY_S: Final = 30.0
"""How often the other processes are told the time."""

_log = logging.getLogger(__name__)


class LinkFact(msgspec.Struct, frozen=True, kw_only=True):
    """``link.json``: which brokers can be reached, and since when (``CLOCK_BOOTTIME``, nanoseconds)."""

    control: bool
    bulk: bool
    since: int


def run(state: Path, runtime: Path) -> None:
    """Follow the office until SIGTERM or SIGINT.

    Args:
        state: ``/var/lib/booth``.
        runtime: ``/run/booth``; ``link.json`` and ``clock.json`` are written there.

    Raises:
        SetupError: ``E_CONFIG``; the installer must provision this device, or another agent runs already.
    """
    me = identity.read(state)
    files.make_folder(runtime)
    events: SimpleQueue[Incoming | None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(None))
    with ExitStack() as stack:
        _alone(stack, state)
        trust = stack.enter_context(Trust(state / "trust", _factory_root(state)))
        trusted_time = TrustedTime(state / "trust", runtime / "clock.json", clocks_here(me.clock))
        trusted_time.state()
        reporter = Reporter(me, uuid4().hex, version("gatebooth"))
        outbox = prepare(path_of(state), clocks(runtime / "clock.json"))
        journal = Journal(outbox)
        journal.started(version("gatebooth"))
        drain = Drain(me.booth, outbox, _device_key(state), lambda: trust.delegated(f"ack/{me.booth}"))
        session = Session(me, trust, Store(Layout(state / "content")), trusted_time, reporter, drain, journal)
        stack.callback(session.close)
        context = tls_context(state / identity.FOLDER, clock.Clock(runtime / "clock.json").read)
        link = Link(me, context, events.put, reporter.will)
        session.start(time.monotonic())
        link.start()
        stack.callback(link.close)
        _loop(events, session, link, trusted_time, runtime / "link.json")


def _loop(
    events: "SimpleQueue[Incoming | None]", session: Session, link: Link, trusted_time: TrustedTime, link_fact: Path
) -> None:
    up = dict.fromkeys(Plane, False)
    facts.write(link_fact, _link(up))
    clock_at = time.monotonic() + CLOCK_EVERY_S
    while True:
        deadline = min(clock_at, session.next_deadline() or clock_at)
        try:
            event = events.get(timeout=max(0.0, deadline - time.monotonic()))
            if event is None:
                return
            _note(event, up, link_fact)
            session.take(event, time.monotonic())
        except Empty:
            session.tick(time.monotonic())
        except Exception:  # noqa: BLE001 - the loop outlives whatever one message brings
            _log.exception("one event was left aside")
        for message in session.outgoing(time.monotonic()):
            number = link.send(message)
            if number is not None:
                session.sent(message, number)
        if time.monotonic() >= clock_at:
            trusted_time.state()
            clock_at = time.monotonic() + CLOCK_EVERY_S


def _note(event: Incoming, up: dict[Plane, bool], fact: Path) -> None:
    match event:
        case Connected(plane):
            _log.info("%s broker is there", plane)
            up[plane] = True
        case Disconnected(plane, reason):
            _log.warning("%s broker is out of reach: %s", plane, reason)
            up[plane] = False
        case _:
            return
    facts.write(fact, _link(up))


def _link(up: dict[Plane, bool]) -> LinkFact:
    return LinkFact(control=up[Plane.CONTROL], bulk=up[Plane.BULK], since=clock.boottime_ns())


def _device_key(state: Path) -> Signer:
    path = state / identity.FOLDER / "key.pem"
    try:
        return signer_of(path.read_bytes())
    except OSError as error:
        raise SetupError(ErrorCode.CONFIG, f"{path.name}: {error.strerror}") from error
    except ContractError as error:
        raise SetupError(ErrorCode.CONFIG, f"{path.name}: {error.detail}") from error


def _factory_root(state: Path) -> bytes:
    path = state / identity.FOLDER / "root.json"
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(ErrorCode.CONFIG, f"{path.name}: {error.strerror}") from error


def _alone(stack: ExitStack, state: Path) -> None:
    lock = stack.enter_context((state / "agent.lock").open("wb"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SetupError(ErrorCode.CONFIG, "another agent runs on this booth") from error
