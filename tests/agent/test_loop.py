"""Laws of the agent's loop: one event at a time, none of which ends it; what other processes read is true."""

import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import pytest

from appliance import identity
from appliance.commands.taken import FOLDER as COMMANDS
from appliance.commands.taken import TakenFolder
from appliance.config.files import ConfigFiles
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.lib import facts, files
from appliance.notices.folder import FOLDER, Folder
from appliance.outbox.file import clocks, path_of, prepare
from appliance.services import agent
from appliance.services.doer import Doer
from appliance.services.lines import Lines
from appliance.services.preparer import Preparer
from appliance.sync.commands import Commands
from appliance.sync.configured import Configured
from appliance.sync.messages import Arrived, Connected, Disconnected
from appliance.sync.notices import Notices
from appliance.sync.orders import Orders
from appliance.sync.owed import Owed
from appliance.sync.report import Reporter
from appliance.sync.session import Session
from appliance.trust.time import TrustedTime, clocks_here
from appliance.trust.verifier import Trust
from appliance.usb.dock import Dock
from mqtt.contract import topics
from mqtt.contract.envelopes import signer_of
from mqtt.contract.topics import Plane
from tests.practice_office import Office

END: Final = None


def _no_link(*_: Any) -> Any:
    raise AssertionError("nobody is called")


class Parts:
    """Everything the loop is given, real, the link not started: nothing listens, nothing is sent."""

    def __init__(self, state: Path, runtime: Path) -> None:
        me = identity.read(state)
        runtime.mkdir()
        self.office_says: SimpleQueue[agent.Event] = SimpleQueue()
        self.trust = Trust(state / "trust", (state / "identity/root.json").read_bytes())
        self.store = Store(Layout(state / "content"))
        self.time = TrustedTime(state / "trust", runtime / "clock.json", clocks_here("system"))
        reporter = Reporter(me, "boot-one", "1")
        fact = runtime / "clock.json"
        outbox = prepare(path_of(state), clocks(fact))
        signer = signer_of((state / "identity/key.pem").read_bytes())
        owed = Owed(me.booth, lambda: outbox, clocks(fact), signer, self.trust, "1")
        configured = Configured(me, ConfigFiles(state), self.trust.delegated, self.time)
        configured.begin()
        commands = Commands(me.booth, TakenFolder(state / COMMANDS), self.trust.delegated, self.time)
        notices = Notices(me.gate, Folder(state / FOLDER), self.trust.delegated, self.time, owed.happened)
        self.session = Session(
            me, self.trust, self.store, self.time, reporter, owed, Orders(notices, configured, commands)
        )
        self.lines = Lines(_no_link, self.office_says.put)
        self.fact = runtime / "link.json"
        preparer = Preparer(state, None, "1", self.office_says.put)
        dock = Dock(files.make_folder(runtime / agent.STICKS), self.office_says.put)
        self.doors = agent._Doors(self.lines, Doer(runtime, self.office_says.put), preparer, dock, self.time, runtime)

    def run(self, *events: Any) -> agent.LinkFact:
        """Let the loop take these events and then end; returns the fact it left."""
        for event in (*events, END):
            self.office_says.put(event)
        agent._loop(self.office_says, self.session, self.doors)
        fact = facts.read(self.fact, agent.LinkFact)
        assert fact is not None
        return fact


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as made:
        yield made


@pytest.fixture
def parts(office: Office, tmp_path: Path) -> Iterator[Parts]:
    state = tmp_path / "state"
    state.mkdir()
    (state / "identity").symlink_to(office.add_booth("cb-01"))
    made = Parts(state, tmp_path / "run")
    yield made
    made.session.close()
    made.trust.close()


def test_the_link_s_fact_follows_each_plane(parts: Parts) -> None:
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    fact = parts.run(Connected(Plane.CONTROL), Connected(Plane.BULK), Disconnected(Plane.CONTROL, "gone"))
    assert (fact.control, fact.bulk) == (False, True)
    assert before <= fact.since <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def test_before_the_first_connection_the_fact_says_that_there_is_none(parts: Parts) -> None:
    """What an agent that died has left behind is not believed."""
    facts.write(parts.fact, agent.LinkFact(control=True, bulk=True, since=1))
    fact = parts.run()
    assert (fact.control, fact.bulk) == (False, False)
    assert fact.since > 1


def test_an_event_that_breaks_something_is_left_aside_and_the_next_one_is_taken(
    parts: Parts, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """The one broad catch: the log names it, the booth goes on."""
    broken = Arrived(Plane.CONTROL, topics.META.at(), None)  # type: ignore[arg-type]
    metadata = Arrived(Plane.CONTROL, topics.META.at(), office.meta().to_bytes())
    parts.run(Connected(Plane.CONTROL), broken, metadata)
    assert caplog.text.count("one event was left aside") == 1
    assert parts.trust.versions["timestamp"] >= 1


def test_the_first_end_ends_it_whatever_waits_behind(parts: Parts) -> None:
    parts.office_says.put(END)
    fact = parts.run(Connected(Plane.BULK))
    assert not fact.bulk
