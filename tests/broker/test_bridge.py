"""What crosses the line between office and edge, and that nothing can go round."""

from pathlib import Path

from mqtt.broker.acl import Place, render_acl
from mqtt.broker.bridge import Uplink, Way, bridge_name, edge_name, render_bridge, way_of
from mqtt.broker.inventory import Identity, Inventory
from mqtt.contract import topics
from mqtt.contract.topics import TOPICS, Party, Plane

UPLINK = Uplink("cat-bi", "office.example", 8883)


def lines(plane: Plane) -> list[str]:
    return render_bridge(plane, UPLINK, Path("/edge")).splitlines()


def crossings(plane: Plane) -> dict[str, str]:
    rows = [line.split() for line in lines(plane) if line.startswith("topic ")]
    found = {name: way for _, name, way, _ in rows}
    assert len(found) == len(rows), "no topic twice"
    return found


def test_exactly_these_topics_cross_and_each_in_one_direction() -> None:
    """By hand: so that the rule and the table cannot be wrong in the same way."""
    assert crossings(Plane.CONTROL) == {
        "gb/v1/repo/meta": "in",
        "gb/v1/repo/root/+": "in",
        "gb/v1/repo/inline/+": "in",
        "gb/v1/gate/cat-bi/assign": "in",
        "gb/v1/gate/cat-bi/notice/+": "in",
        "gb/v1/booth/+/cmd/+": "in",
        "gb/v1/booth/+/ack": "in",
        "gb/v1/gate/cat-bi/local/+": "out",
        "gb/v1/booth/+/reported": "out",
        "gb/v1/booth/+/info": "out",
        "gb/v1/booth/+/conn": "out",
        "gb/v1/booth/+/res/+": "out",
        "gb/v1/booth/+/evt/+": "out",
    }
    assert crossings(Plane.BULK) == {"gb/v1/want/cat-bi/edge-cat-bi": "out", "gb/v1/blob/cat-bi/+": "in"}


def test_no_message_that_went_one_way_fits_a_filter_of_the_other() -> None:
    """A loop needs a topic that goes both ways."""
    values = {"gate": "cat-bi", "booth": "edge-cat-bi", "number": "1", "digest": "0" * 64, "id": "n", "name": "x",
              "priority": "p"}  # fmt: skip
    for topic in TOPICS:
        name = topic.at(**{key: values[key] for key in topic.placeholders})
        ways = {way_of(other) for other in TOPICS if other.match(name) is not None}
        assert len(ways) == 1


def test_desk_and_enrolment_stay_where_they_are() -> None:
    for topic in (topics.CALL, topics.ANSWER, topics.STATUS, topics.CSR, topics.CERT):
        assert way_of(topic) is None


def test_the_request_of_a_booth_never_crosses() -> None:
    assert topics.WANT.filter(gate="cat-bi") not in crossings(Plane.BULK)
    assert way_of(topics.WANT) is Way.OUT


def test_the_names_of_bridges_are_nobody_elses() -> None:
    names = {bridge_name("cat-bi", plane) for plane in Plane}
    assert len(names) == 2
    assert edge_name("cat-bi") not in names
    for plane in Plane:
        assert f"local_clientid {bridge_name('cat-bi', plane)}" in lines(plane)
        assert "remote_clientid edge-cat-bi" in lines(plane)


def test_a_bridge_keeps_nothing_and_speaks_tls() -> None:
    for plane in Plane:
        for line in ("cleansession true", "bridge_certfile /edge/bridge.pem", "address office.example:8883",
                     "notifications_local_only true", "bridge_protocol_version mqttv50"):  # fmt: skip
            assert line in lines(plane)


def test_an_edge_at_the_office_may_do_what_its_bridges_do_and_nothing_else() -> None:
    booths = [
        Identity("cb-01", frozenset({Party.BOOTH}), "cat-bi"),
        Identity("hp-01", frozenset({Party.BOOTH}), "port"),
    ]
    edge = Identity("edge-cat-bi", frozenset({Party.EDGE}), "cat-bi")
    for plane in Plane:
        blocks = render_acl(plane, Inventory([*booths, edge])).split("\n\n")
        rules = next(block for block in blocks if block.startswith("user edge-cat-bi")).splitlines()[1:]
        verbs = {"in": "read", "out": "write"}
        expected = {
            f"topic {verbs[way]} {name.replace('booth/+', 'booth/cb-01')}" for name, way in crossings(plane).items()
        }
        assert set(rules) == expected


def test_at_the_edge_the_cache_answers_its_gate_only() -> None:
    cache = Identity("edge-cat-bi", frozenset({Party.CHUNKS, Party.EDGE}), "cat-bi")
    acl = render_acl(Plane.BULK, Inventory([cache]), Place.EDGE)

    assert "topic read gb/v1/want/cat-bi/+" in acl
    assert "topic readwrite gb/v1/blob/cat-bi/+" in acl
    assert "topic write gb/v1/want/cat-bi/edge-cat-bi" in acl
    assert "hai-phong" not in acl
    assert "gb/v1/blob/+" not in acl
