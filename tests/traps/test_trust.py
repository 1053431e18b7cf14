"""Traps of TUF over a push line, met by the booth's trust and session."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from appliance.errors import ErrorCode, LinkError, RefusedError
from appliance.sync.messages import Connected, Subscribe
from appliance.trust.verifier import Trust
from mqtt.contract import topics
from mqtt.contract.topics import Plane
from tests.fuzz.signed import NOW
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOW) as found:
        found.identity = found.add_booth("cb-01")  # type: ignore[attr-defined] - a test's own note
        found.publish("essentials", "dic", {"money/vi.md": b"1"})
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "trust"


def test_a_truncated_set_on_disk_is_no_reason_to_believe_an_older_one(office: Office, folder: Path) -> None:
    """Python-tuf takes an unreadable file for none and believes version 4 after 5; our floors do not."""
    older = office.meta().to_bytes()
    office.publish("essentials", "dic", {"money/vi.md": b"2"})
    with Trust(folder, office.roots()[1]) as trust:
        trust.offer_meta(office.meta().to_bytes())
        assert trust.refresh(NOW) is not None
    (folder / "inbox/meta").write_bytes((folder / "inbox/meta").read_bytes()[:100])
    with Trust(folder, office.roots()[1]) as trust:
        trust.offer_meta(older)
        with pytest.raises(RefusedError) as refused:
            trust.refresh(NOW)
    assert refused.value.code is ErrorCode.ROLLBACK


def test_a_root_that_has_not_arrived_does_not_end_the_walk(office: Office, folder: Path) -> None:
    """Not here is not the same as not there: only a root beyond ``root_latest`` does not exist."""
    announced = msgspec.structs.replace(office.meta(), root_latest=2)
    with Trust(folder, office.roots()[1]) as trust:
        trust.offer_meta(announced.to_bytes())
        with pytest.raises(LinkError):
            trust.refresh(NOW)
        trust.offer_meta(office.meta().to_bytes())
        assert trust.refresh(NOW) is not None


def test_a_root_that_nobody_vouches_for_is_not_kept(office: Office, folder: Path) -> None:
    """Else one message of a broken-in broker would make every later set unbelievable."""
    factory = office.roots()[1]
    forged = json.loads(factory)
    forged["signed"]["version"] = 2
    with Trust(folder, factory) as trust:
        with pytest.raises(RefusedError) as refused:
            trust.offer_root(2, json.dumps(forged).encode())
        trust.offer_root(1, b"whatever: it was born with another")
        trust.offer_meta(office.meta().to_bytes())
        assert trust.refresh(NOW) is not None
    assert refused.value.code is ErrorCode.SIGNATURE
    assert not list((folder / "inbox").glob("root.*"))


def test_a_snapshot_that_forgets_a_role_is_refused(office: Office, folder: Path) -> None:
    """The believed snapshot is python-tuf's memory: a role once listed stays listed."""
    with Trust(folder, office.roots()[1]) as trust:
        trust.offer_meta(office.meta().to_bytes())
        assert trust.refresh(NOW) is not None
        with office.changing() as change:
            del change.edit("snapshot").meta["dic.json"]
        trust.offer_meta(office.meta().to_bytes())
        with pytest.raises(RefusedError):
            trust.refresh(NOW + timedelta(minutes=1))
        assert trust.refresh(NOW) is not None, "what was believed stays"


def test_blobs_are_listened_for_by_exact_digest(office: Office, tmp_path: Path) -> None:
    """Brokers cut long retained deliveries short without a word: no wildcard where thousands match."""
    (tmp_path / "booth").mkdir()
    booth = SimulatedBooth(office, tmp_path / "booth", office.identity)  # type: ignore[attr-defined]
    heard: list[str] = []
    send = booth.session.outgoing

    def outgoing(now: float) -> list[object]:
        messages = send(now)
        heard.extend(topic for one in messages if isinstance(one, Subscribe) for topic in one.topics)
        return list(messages)

    booth.session.outgoing = outgoing  # type: ignore[assignment, method-assign]
    booth.connect()
    booth.follow_office()
    assert booth.run(60, until=lambda: booth.shows("essentials/dic/money/vi.md") == b"1")
    inline = [topic for topic in heard if topic.startswith("gb/v1/repo/inline")]
    assert inline
    assert all(topics.INLINE.match(topic) for topic in inline)
    assert not [topic for topic in heard if "#" in topic]


@pytest.mark.parametrize("number", ["cb-01", "0", "9999999", "a"])
def test_a_root_topic_without_a_number_stops_nothing(number: str, office: Office, tmp_path: Path) -> None:
    (tmp_path / "booth").mkdir()
    booth = SimulatedBooth(office, tmp_path / "booth", office.identity)  # type: ignore[attr-defined]
    booth.session.take(Connected(Plane.CONTROL), 0.0)
    booth.inject(topics.ROOT.at(number=number), b"{}")
    booth.inject(topics.META.at(), office.meta().to_bytes())
    assert booth.trust.versions["root"] == 1
