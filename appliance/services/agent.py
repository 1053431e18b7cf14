"""``booth agent``: link, trust, transfer, store and the switch; the only writer of ``content/`` and ``trust/``."""

import fcntl
import logging
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final
from uuid import uuid4

import msgspec
from securesystemslib.signer import Signer

from appliance import identity
from appliance.commands.taken import FOLDER as COMMANDS
from appliance.commands.taken import TakenFolder
from appliance.config.files import ConfigFiles
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import ErrorCode, SetupError
from appliance.lib import clock, facts, files, health
from appliance.lib.facts import Watch
from appliance.lib.health import HealthFact
from appliance.notices.folder import FOLDER, Folder
from appliance.outbox.file import clocks, path_of, prepare
from appliance.outbox.queue import Outbox
from appliance.prepare.task import Size
from appliance.services.doer import Doer
from appliance.services.lines import Lines
from appliance.services.preparer import Preparer
from appliance.sticks import USB_FACT, ReadStick, UsbFact
from appliance.sync.again import RETRY_S
from appliance.sync.commands import Commands
from appliance.sync.configured import Configured
from appliance.sync.link import KEEPALIVE_S, Link, tls_context
from appliance.sync.messages import Connected, Disconnected, Do, Evidence, Incoming, Outgoing, Prepare, UseBrokers
from appliance.sync.notices import Notices
from appliance.sync.orders import Orders
from appliance.sync.owed import Owed
from appliance.sync.report import Reporter
from appliance.sync.session import Session
from appliance.trust.time import TrustedTime, clocks_here
from appliance.trust.verifier import Trust
from appliance.usb.dock import Dock
from mqtt.contract.configuration import Broker
from mqtt.contract.envelopes import signer_of
from mqtt.contract.errors import ContractError
from mqtt.contract.topics import Plane

CLOCK_EVERY_S: Final = 30.0
"""How often the other processes are told the time."""
STICKS: Final = "sticks"
"""Folder under ``/run/booth`` where the image mounts sticks, one folder each."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long the agent waits for what may come back by itself, in seconds.

    Attributes:
        keepalive_s: A broker silent for twice as long is gone.
        retry_s: A full disk is tried again after this.
    """

    keepalive_s: int = KEEPALIVE_S
    retry_s: float = RETRY_S


class LinkFact(msgspec.Struct, frozen=True, kw_only=True):
    """``link.json``: which brokers can be reached, and since when (``CLOCK_BOOTTIME``, nanoseconds)."""

    control: bool
    bulk: bool
    since: int


@dataclass(frozen=True)
class Stated:
    """A process has stated something of its health."""

    process: str


Event = Incoming | Stated | None


def run(state: Path, runtime: Path, patience: Patience | None = None, logs: Path | None = None) -> None:
    """Follow the office until SIGTERM or SIGINT.

    Args:
        state: ``/var/lib/booth``.
        runtime: ``/run/booth``; ``link.json`` and ``clock.json`` are written there.
        patience: None for what is right at a gate.
        logs: Folder with ``{unit}.log``, for a practice; None asks the journal.

    Raises:
        SetupError: ``E_CONFIG``; the installer must provision this device, or another agent runs already.
    """
    patience = patience or Patience()
    me = identity.read(state)
    files.make_folder(runtime)
    events: SimpleQueue[Event] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(None))
    with ExitStack() as stack:
        _alone(stack, state)
        trust = stack.enter_context(Trust(state / "trust", _factory_root(state), runtime / "trust"))
        trusted_time = TrustedTime(state / "trust", runtime / "clock.json", clocks_here(me.clock))
        trusted_time.state()
        software = version("gatebooth")
        reporter = Reporter(me, uuid4().hex, software)
        store = Store(Layout(state / "content"), software)
        read_clocks = clocks(runtime / "clock.json")

        @cache  # an outbox that could not be made is tried again by the next who asks
        def open_outbox() -> Outbox:
            return prepare(path_of(state), read_clocks)

        owed = Owed(me.booth, open_outbox, read_clocks, _device_key(state), trust, software)
        configured = Configured(me, ConfigFiles(state), trust.delegated, trusted_time)
        configured.begin()
        commands = Commands(me.booth, TakenFolder(state / COMMANDS), trust.delegated, trusted_time)
        notices = Notices(me.gate, Folder(state / FOLDER), trust.delegated, trusted_time, owed.happened)
        session = Session(
            me,
            trust,
            store,
            trusted_time,
            reporter,
            owed,
            Orders(notices, configured, commands),
            retry_s=patience.retry_s,
        )
        stack.callback(session.close)
        screen = me.panel("screen")
        size = Size(screen.width_px, screen.height_px) if screen else None
        preparer = stack.enter_context(Preparer(state, size, software, events.put))
        context = tls_context(state / identity.FOLDER, clock.Clock(runtime / "clock.json").read)

        def make_link(brokers: tuple[Broker, ...], post: Callable[[Incoming], None]) -> Link:
            here = msgspec.structs.replace(me, brokers=brokers)
            return Link(here, context, post, reporter.will, keepalive_s=patience.keepalive_s)

        lines = Lines(make_link, events.put)
        doer = Doer(runtime, events.put, logs=logs)
        session.start(time.monotonic())
        lines.use(UseBrokers(configured.configuration.network.brokers))
        stack.callback(lines.close)
        stack.enter_context(_watch_health(runtime, events.put))
        dock = stack.enter_context(Dock(files.make_folder(runtime / STICKS), events.put))
        _loop(events, session, _Doors(lines, doer, preparer, dock, trusted_time, runtime))


@dataclass(frozen=True)
class _Doors:
    """What the loop acts through."""

    lines: Lines
    doer: Doer
    preparer: Preparer
    dock: Dock
    trusted_time: TrustedTime
    runtime: Path

    def send(self, message: Outgoing) -> int | None:
        if isinstance(message, Prepare):
            self.preparer.start(message)
        elif isinstance(message, ReadStick):
            self.dock.read(message)
        elif isinstance(message, Do):
            self.doer.start(message.command)
        elif isinstance(message, UseBrokers):
            self.lines.use(message)
        else:
            return self.lines.send(message)
        return None

    def evidence(self, process: str) -> Evidence | None:
        said = facts.read(health.path_of(self.runtime, process), HealthFact)
        if said is None or said.checking:
            return None
        return Evidence(process, said.set, said.holds, said.stream, said.detail, said.quarantined)


def _watch_health(runtime: Path, post: Callable[[Stated], None]) -> Watch:
    paths = [health.path_of(runtime, process) for process in health.PROCESSES]
    files.make_folder(runtime / health.FOLDER)
    for process in health.PROCESSES:
        post(Stated(process))
    return Watch(paths, lambda name: post(Stated(name.removesuffix(".json"))))


def _loop(events: SimpleQueue[Event], session: Session, doors: _Doors) -> None:
    up = dict.fromkeys(Plane, False)
    link_fact = doors.runtime / "link.json"
    facts.write(link_fact, _link(up))
    usb = UsbFile(doors.runtime / USB_FACT)
    clock_at = time.monotonic() + CLOCK_EVERY_S
    while True:
        deadline = min(clock_at, session.next_deadline() or clock_at)
        try:
            event = events.get(timeout=max(0.0, deadline - time.monotonic()))
            if event is None:
                return
            incoming = doors.evidence(event.process) if isinstance(event, Stated) else event
            if incoming is not None:
                _note(incoming, up, link_fact)
                session.take(incoming, time.monotonic())
        except Empty:
            session.tick(time.monotonic())
        except Exception:  # noqa: BLE001 - the loop outlives whatever one message brings
            _log.exception("one event was left aside")
        for message in session.outgoing(time.monotonic()):
            number = doors.send(message)
            if number is not None:
                session.sent(message, number)
        usb.follow(session.usb)
        if time.monotonic() >= clock_at:
            doors.trusted_time.state()
            clock_at = time.monotonic() + CLOCK_EVERY_S


class UsbFile:
    """Keeps ``usb.json`` at what the session says, a percent at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: tuple[object, ...] | None = None

    def follow(self, fact: UsbFact | None) -> None:
        """State the fact when people would see a difference."""
        seen = (fact.stick, fact.state, fact.code, fact.percent) if fact else None
        if fact is not None and seen != self._told:
            facts.write(self._path, fact)
            self._told = seen


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
