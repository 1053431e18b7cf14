"""Texts of the access lists, without a broker."""

from pathlib import Path

import pytest

from mqtt.broker.acl import render_acl
from mqtt.broker.config import Listener, packet_limit, render_config
from mqtt.broker.inventory import Identity, Inventory
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import TOPICS, Party, Plane


def booth(name: str, gate: str = "cat-bi", *extra: Party, revoked: bool = False) -> Identity:
    return Identity(name, frozenset({Party.BOOTH, *extra}), gate, revoked)


def block(text: str, name: str) -> set[str]:
    lines = next(part for part in text.split("\n\n") if part.startswith(f"user {name}\n")).splitlines()
    return {line.strip() for line in lines[1:]}


def test_a_booth_writes_its_own_state_and_no_other() -> None:
    lines = block(render_acl(Plane.CONTROL, Inventory([booth("cb-01"), booth("cb-02")])), "cb-01")

    assert "topic write gb/v1/booth/cb-01/reported" in lines
    assert "topic readwrite gb/v1/booth/cb-01/conn" in lines
    assert "topic read gb/v1/gate/cat-bi/assign" in lines
    assert not any("cb-02" in line for line in lines)


def test_a_revoked_booth_has_one_rule_and_leaves_the_rules_of_its_edge() -> None:
    edge = Identity("edge-cb", frozenset({Party.EDGE}), "cat-bi")
    text = render_acl(Plane.CONTROL, Inventory([booth("cb-01", revoked=True), booth("cb-02"), edge]))

    assert block(text, "cb-01") == {"topic deny gb/v1/#"}
    assert "topic write gb/v1/booth/cb-02/reported" in block(text, "edge-cb")
    assert not any("cb-01" in line for line in block(text, "edge-cb"))


def test_an_edge_asks_for_chunks_as_itself() -> None:
    edge = Identity("edge-cb", frozenset({Party.EDGE}), "cat-bi")
    lines = block(render_acl(Plane.BULK, Inventory([booth("cb-01"), edge])), "edge-cb")

    assert lines == {"topic write gb/v1/want/cat-bi/edge-cb", "topic read gb/v1/blob/cat-bi/+"}


def test_a_counter_answers_the_booths_of_its_gate() -> None:
    known = Inventory([booth("cb-01"), booth("hp-01", "hai-phong-port"), booth("desk", "cat-bi", Party.COUNTER)])
    lines = block(render_acl(Plane.CONTROL, known), "desk")

    assert "topic write gb/v1/gate/cat-bi/call/cb-01/answer" in lines
    assert not any("hai-phong-port" in line or "hp-01" in line for line in lines)


@pytest.mark.parametrize("plane", Plane)
def test_no_rule_is_wide(plane: Plane) -> None:
    """A ``#`` may stand in a deny only, and each plane has its own topics only."""
    known = Inventory(
        [
            booth("cb-01"),
            booth("cb-09", revoked=True),
            *(Identity(party.value, frozenset({party})) for party in (Party.PUBLISHER, Party.CHUNKS, Party.COLLECTOR)),
        ]
    )

    for line in render_acl(plane, known).splitlines():
        if line.startswith("topic ") and not line.startswith("topic deny "):
            name = line.split()[2]
            assert "#" not in name
            assert any(topic.plane is plane and name.count("/") == topic.filter().count("/") for topic in TOPICS)


@pytest.mark.parametrize("name", ["", "a", "cb 01", "cb\ntopic readwrite #", "#", "cb/01", "CB-01", "cb-01\n"])
def test_a_name_that_would_change_the_list_is_refused(name: str) -> None:
    with pytest.raises(ContractError) as caught:
        booth(name)
    assert caught.value.code is ErrorCode.MALFORMED


def test_a_booth_called_like_a_process_of_the_office_is_refused() -> None:
    with pytest.raises(ContractError) as caught:
        Inventory([booth("publisher"), Identity("publisher", frozenset({Party.PUBLISHER}))])
    assert caught.value.code is ErrorCode.DUPLICATE


def test_the_largest_message_of_each_plane_fits_its_packets(tmp_path: Path) -> None:
    for plane in Plane:
        largest = max(topic.limit_bytes for topic in TOPICS if topic.plane is plane)
        assert largest < packet_limit(plane) <= 1024 * 1024
        assert f"max_packet_size {packet_limit(plane)}\n" in render_config(plane, Listener(1), tmp_path, None)
