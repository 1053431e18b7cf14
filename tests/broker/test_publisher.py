"""The publisher on a real broker, heard by a real booth."""

import signal
from hashlib import sha256
from typing import Any

import pytest

from mqtt.contract import topics
from mqtt.contract.frames import unpack
from mqtt.contract.releases import INLINE_LIMIT
from mqtt.contract.repository import MetaSet
from mqtt.contract.topics import Plane

pytestmark = pytest.mark.broker

META = topics.META.at()
ASSIGN = topics.ASSIGN.at(gate="cat-bi")
EVERYTHING = "gb/v1/#"


def inline(digest: str) -> str:
    return topics.INLINE.at(digest=digest)


def names(peer: Any) -> list[str]:
    return [name for name, payload in peer.heard if payload]


def kept(office: Any) -> dict[str, bytes]:
    """What a booth that comes now finds."""
    with office.peer("cb-02") as late:
        late.listen(EVERYTHING)
        late.listen("gb/v1/marker")
        return dict(late.heard)


def test_a_booth_finds_everything_and_blobs_came_before_the_metadata(office: Any) -> None:
    small, page = office.release(1, b"list", b"page" * 100, bytes(INLINE_LIMIT + 1))[:2]
    office.assign("cat-bi", b"{}")
    office.assign("hai-phong-port", b"{}")
    office.sign(1)
    with office.brokers(), office.peer("cb-01") as booth:
        booth.listen(EVERYTHING)
        with office.serve("publisher"):
            booth.wait_heard(META)

    assert set(names(booth)) == {inline(small), inline(page), topics.ROOT.at(number=1), ASSIGN, META}
    assert names(booth)[-1] == META
    found = dict(booth.heard)
    assert unpack(found[inline(page)], INLINE_LIMIT).data == b"page" * 100
    meta = MetaSet.parse(found[META])
    assert meta.root_latest == 1
    assert set(meta.files) == {"timestamp.json", "1.snapshot.json", "1.targets.json"}


def test_a_change_sends_what_changed_and_takes_back_what_is_not_wanted(office: Any) -> None:
    stays, leaves = office.release(1, b"stays", b"leaves")
    office.assign("cat-bi", b"{}")
    office.sign(1)
    with office.brokers(), office.serve("publisher"), office.peer("cb-01") as booth:
        booth.listen(EVERYTHING)
        booth.wait_heard(META)
        booth.heard.clear()

        (new,) = set(office.release(2, b"stays", b"new")) - {stays}
        office.sign(2)
        office.changed()
        booth.wait(lambda: (inline(leaves), b"") in booth.heard)

        assert set(names(booth)) == {inline(new), META, topics.ROOT.at(number=2)}
        found = kept(office)
        assert inline(leaves) not in found
        assert {inline(stays), inline(new)} <= set(found)


def test_a_change_is_on_the_broker_within_half_a_second(office: Any) -> None:
    office.sign(1)
    with office.brokers(), office.serve("publisher"), office.peer("cb-01") as booth:
        booth.listen(ASSIGN, META)
        booth.wait_heard(META)

        office.assign("cat-bi", b"{}")
        office.changed()

        booth.wait_heard(ASSIGN, 0.5)


def test_a_broker_that_lost_its_memory_fills_by_itself(office: Any) -> None:
    (page,) = office.release(1, b"page")
    office.sign(1)
    with office.serve("publisher"):
        with office.brokers(), office.peer("cb-01") as booth:
            booth.listen(META)
            booth.wait_heard(META)
        office.wipe()
        with office.brokers(), office.peer("cb-01") as booth:
            booth.listen(META, inline(page))
            booth.wait_heard(META, 15)
            booth.wait_heard(inline(page))


def test_a_control_broker_that_is_killed_still_knows_or_learns_everything(office: Any) -> None:
    office.release(1, *(f"page {number}".encode() for number in range(150)))
    office.sign(1)
    with office.serve("publisher"):
        with office.brokers() as brokers:
            with office.peer("cb-01") as booth:
                booth.listen(META)
                booth.wait_heard(META)
            brokers.processes[Plane.CONTROL].kill()
            brokers.processes[Plane.CONTROL].wait()
        with office.brokers(), office.peer("cb-01") as booth:
            booth.listen(EVERYTHING)
            booth.wait(lambda: len(set(names(booth))) >= 152, 15)


def test_killed_in_the_middle_it_ends_up_right(office: Any, eventually: Any) -> None:
    """What the first life has put there and nobody wants any more is known and taken back by the second."""
    pages = [f"page {number}".encode() for number in range(2000)]
    office.release(1, *pages)
    office.sign(1)
    with office.brokers():
        with office.peer("cb-01") as booth, office.serve("publisher") as process:
            booth.listen(EVERYTHING)
            booth.wait(lambda: len(booth.heard) > 100)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert META not in names(booth)
        office.release(2, b"the only page")
        with office.peer("cb-01") as booth, office.serve("publisher"):
            booth.listen(META)
            booth.wait_heard(META)
            eventually(lambda: "revision 1 is on the broker" in office.log("publisher"), 30)
            wanted = {inline(sha256(b"the only page").hexdigest()), META, topics.ROOT.at(number=1)}
            assert set(kept(office)) == wanted
