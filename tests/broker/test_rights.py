"""Who is heard and who hears, by delivery on real brokers: for every identity × topic × verb.

Refused subscriptions are acknowledged all the same and refused messages may be too: only what arrives counts.
"""

import ssl
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from mqtt.broker.inventory import Identity, Inventory
from mqtt.broker.process import reload
from mqtt.contract import topics
from mqtt.contract.topics import TOPICS, Party, Plane, Topic

pytestmark = pytest.mark.broker

AT, FAR = "cat-bi", "hai-phong-port"
IDENTITIES = (
    Identity("booth-a", frozenset({Party.BOOTH}), AT),
    Identity("booth-b", frozenset({Party.BOOTH}), FAR),
    Identity("booth-r", frozenset({Party.BOOTH}), AT, revoked=True),
    Identity("booth-c", frozenset({Party.BOOTH, Party.COUNTER}), AT),
    Identity("counter-a", frozenset({Party.COUNTER}), AT),
    Identity("edge-a", frozenset({Party.EDGE}), AT),
    Identity("officer-a", frozenset({Party.OFFICER}), AT),
    Identity("newcomer-a", frozenset({Party.NEWCOMER})),
    Identity("publisher", frozenset({Party.PUBLISHER})),
    Identity("chunks", frozenset({Party.CHUNKS})),
    Identity("collector", frozenset({Party.COLLECTOR})),
)
FREE = {"number": "1", "digest": "0" * 64, "id": "n-1", "name": "identify", "priority": "audit"}
EVERYTHING = "gb/v1/#"


def universe(plane: Plane) -> list[tuple[Topic, dict[str, str], str]]:
    """Every topic of a plane at both gates and for every name."""
    found = []
    names = [identity.name for identity in IDENTITIES]
    for topic in (topic for topic in TOPICS if topic.plane is plane):
        gates = (AT, FAR) if "gate" in topic.placeholders else ("",)
        booths = names if "booth" in topic.placeholders else ("",)
        for gate, booth in product(gates, booths):
            values = FREE | {"gate": gate, "booth": booth}
            mine = {key: values[key] for key in topic.placeholders}
            found.append((topic, mine, topic.at(**mine)))
    return found


def may(identity: Identity, parties: frozenset[Party], values: dict[str, str], *, as_speaker: bool) -> bool:
    """What the contract says, decided topic by topic."""
    if identity.revoked:
        return False
    neighbours = {
        other.name
        for other in IDENTITIES
        if Party.BOOTH in other.parties and other.gate == identity.gate and not other.revoked
    }
    for party in identity.parties & parties:
        office = party in (Party.PUBLISHER, Party.CHUNKS, Party.COLLECTOR)
        here = office or values.get("gate") in (None, identity.gate)
        itself = party in (Party.BOOTH, Party.NEWCOMER) or as_speaker
        booths = {identity.name} if itself else neighbours
        if here and (office or values.get("booth") is None or values["booth"] in booths):
            return True
    return False


FROM_A_GATE = {topics.LOCAL, topics.REPORTED, topics.INFO, topics.CONN, topics.RESULT, topics.EVENTS, topics.WANT}
"""What an edge says at the office: what its bridges carry out."""
TO_A_GATE = {
    topics.META,
    topics.ROOT,
    topics.INLINE,
    topics.ASSIGN,
    topics.NOTICE,
    topics.COMMAND,
    topics.ACK,
    topics.BLOB,
}


def among(parties: frozenset[Party], topic: Topic, bridged: set[Topic]) -> frozenset[Party]:
    return parties | {Party.EDGE} if topic in bridged else parties - {Party.EDGE}


def writable(identity: Identity, plane: Plane) -> set[str]:
    return {
        name
        for topic, values, name in universe(plane)
        if may(identity, among(topic.writers, topic, FROM_A_GATE), values, as_speaker=topic is topics.WANT)
    }


def readable(identity: Identity, plane: Plane) -> set[str]:
    return {
        name
        for topic, values, name in universe(plane)
        if may(identity, among(topic.readers, topic, TO_A_GATE), values, as_speaker=False)
    }


@pytest.fixture(scope="module")
def place(open_folder: Path, make_place: Any) -> Iterator[object]:
    found = make_place(open_folder / "rights", Inventory(IDENTITIES))
    with found.run():
        yield found


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_exactly_what_the_contract_lets_it_say_is_heard(place: Any, identity: Identity, plane: Plane) -> None:
    with place.peer("observer", plane) as observer, place.peer(identity.name, plane) as peer:
        observer.listen(EVERYTHING)
        peer.say([(name, b"x") for _, _, name in universe(plane)])
        observer.listen("gb/v1/marker")

        assert {name for name, _ in observer.heard} == writable(identity, plane)


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_exactly_what_the_contract_lets_it_hear_arrives(place: Any, identity: Identity, plane: Plane) -> None:
    with place.peer("observer", plane) as observer, place.peer(identity.name, plane) as peer:
        peer.listen(EVERYTHING)
        observer.say([(name, b"x") for _, _, name in universe(plane)])
        peer.listen("gb/v1/marker")

        assert {name for name, _ in peer.heard} == readable(identity, plane)


def test_the_matrix_says_what_we_think_it_says() -> None:
    """Spelled out by hand, so that oracle and rules cannot be wrong in the same way."""
    booth, edge, counter, collector = (IDENTITIES[at] for at in (0, 5, 4, 10))

    assert "gb/v1/booth/booth-a/reported" in writable(booth, Plane.CONTROL)
    assert "gb/v1/booth/booth-b/reported" not in writable(booth, Plane.CONTROL)
    assert writable(booth, Plane.BULK) == {"gb/v1/want/cat-bi/booth-a"}
    assert readable(booth, Plane.BULK) == {f"gb/v1/blob/cat-bi/{'0' * 64}", "gb/v1/gate/cat-bi/uplink/bulk"}
    assert writable(edge, Plane.BULK) == {"gb/v1/want/cat-bi/edge-a"}
    assert writable(counter, Plane.CONTROL) == {
        "gb/v1/gate/cat-bi/call/booth-a/answer",
        "gb/v1/gate/cat-bi/call/booth-c/answer",
        "gb/v1/gate/cat-bi/status",
    }
    assert "gb/v1/booth/booth-b/reported" in readable(collector, Plane.CONTROL)
    assert "gb/v1/repo/meta" not in readable(collector, Plane.CONTROL)


def test_retained_messages_obey_the_same_rules(place: Any) -> None:
    names = ["gb/v1/gate/cat-bi/assign", "gb/v1/gate/hai-phong-port/assign", "gb/v1/booth/booth-b/reported"]
    with place.peer("observer") as observer, place.peer("booth-a") as booth:
        observer.say([(name, b"kept") for name in names], retain=True)
        booth.listen(EVERYTHING)
        booth.listen("gb/v1/marker")
        heard = {name for name, _ in booth.heard}
        observer.say([(name, b"") for name in names], retain=True)

    assert heard == {"gb/v1/gate/cat-bi/assign"}


def test_nobody_takes_over_the_session_of_another(place: Any) -> None:
    """The client id is the name in the certificate, whatever a client says."""
    with (
        place.peer("booth-a") as booth,
        place.peer("booth-b", client_id="booth-a") as thief,
        place.peer("observer") as observer,
    ):
        booth.listen("gb/v1/gate/cat-bi/assign")
        thief.listen("gb/v1/gate/cat-bi/assign")
        observer.say([("gb/v1/gate/cat-bi/assign", b"secret")])

        booth.wait_heard("gb/v1/gate/cat-bi/assign")
        assert booth.alive
        assert thief.alive
        thief.listen("gb/v1/marker")
        assert thief.heard == []


@pytest.mark.parametrize("plane", Plane)
def test_without_a_certificate_nobody_comes_in(place: Any, plane: Plane) -> None:
    with pytest.raises((ssl.SSLError, OSError, AssertionError)), place.peer("booth-a", plane, bare=True) as stranger:
        assert stranger.alive


def test_a_certificate_of_another_authority_is_refused(place: Any, open_folder: Path, make_authority: Any) -> None:
    foreign = make_authority(open_folder / "foreign")
    foreign.issue("booth-a")
    own = (place.authority.folder / "ca.pem").read_bytes()
    (foreign.folder / "ca.pem").write_bytes(own)

    with pytest.raises((ssl.SSLError, OSError, AssertionError)), place.peer_of(foreign, "booth-a") as stranger:
        assert stranger.alive


def test_revoking_silences_a_live_session(place: Any) -> None:
    """SIGHUP is enough: no reconnect, no restart."""
    before = place.inventory
    with place.peer("observer") as observer, place.peer("booth-a") as booth:
        observer.listen("gb/v1/booth/booth-a/reported")
        booth.listen("gb/v1/repo/meta")
        booth.say([("gb/v1/booth/booth-a/reported", b"before")])
        observer.say([("gb/v1/repo/meta", b"before")])
        observer.wait_heard("gb/v1/booth/booth-a/reported")
        booth.wait_heard("gb/v1/repo/meta")

        revoked = Identity("booth-a", frozenset({Party.BOOTH}), AT, revoked=True)
        place.inventory = Inventory([revoked, *(one for one in before if one.name != "booth-a")])
        place.write()
        try:
            assert reload(place.folders[Plane.CONTROL].config)
            observer.say([("gb/v1/repo/root/1", b"the broker has taken the signal by the next loop")])
            observer.say([("gb/v1/repo/meta", b"after")])
            booth.say([("gb/v1/booth/booth-a/reported", b"after")])
            observer.listen("gb/v1/marker")

            assert b"after" not in {payload for _, payload in observer.heard}
            assert b"after" not in {payload for _, payload in booth.heard}
        finally:
            place.inventory = before
            place.write()
            reload(place.folders[Plane.CONTROL].config)
