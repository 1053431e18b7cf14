"""Issuing the edge of a gate."""

import tomllib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from appliance import identity
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import Party
from mqtt.office.brokers import inventory
from mqtt.office.edge.place import residents
from mqtt.office.edge.settings import Address, read_edge
from provisioning.edge.issue import CLIENTS, NewEdge, add_edge
from tests.practice_office import Office

HERE = Address(host="10.1.2.3", control_port=1883, bulk_port=1884)


def add(office: Office, gate: str = "cat-bi") -> tuple[Path, tuple[str, ...]]:
    return add_edge(office.home, office.engine, NewEdge(gate=gate, here=HERE), office.now)


def brokers(folder: Path) -> list[str]:
    state = folder.parent
    folder.rename(state / "identity")
    return [broker.host for broker in identity.read(state).brokers]


def test_a_booth_at_a_gate_with_an_edge_knows_the_edge_first_and_then_the_office(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        add(office)
        assert brokers(office.add_booth("cb-01")) == ["10.1.2.3", "127.0.0.1"]


def test_a_booth_elsewhere_knows_the_office_only(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        add(office)
        assert brokers(office.add_booth("hp-01", "hai-phong-port")) == ["127.0.0.1"]


def test_booths_that_were_there_before_are_told_of_the_edge(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        folder = office.add_booth("cb-01")
        office.add_booth("hp-01", "hai-phong-port")
        before = tomllib.loads((folder / "identity.toml").read_text("utf-8"))
        _, told = add(office)
        assert told == ("cb-01",)
        after = tomllib.loads((folder / "identity.toml").read_text("utf-8"))
        assert [one["host"] for one in after.pop("brokers")] == ["10.1.2.3", before.pop("brokers")[0]["host"]]
        assert after == before


def test_each_process_of_an_edge_has_a_key_of_its_own_and_one_name(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        folder, _ = add(office)
        keys, names = set(), set()
        for client in CLIENTS:
            certificate = x509.load_pem_x509_certificate((folder / f"tls/{client}.pem").read_bytes())
            names.add(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
            keys.add((folder / f"tls/{client}.key").read_bytes())
            assert (folder / f"tls/{client}.key").stat().st_mode & 0o077 == 0

    assert names == {"edge-cat-bi"}
    assert len(keys) == len(CLIENTS)


def test_the_office_lets_the_edge_in_and_the_edge_its_booths(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        folder, _ = add(office)
        with office.engine.connect() as connection:
            known = {one.name: one for one in inventory(connection)}
        office.add_booth("cb-02")
        assigned = residents(read_edge(folder), office.assignment("cat-bi"))
        issued = residents(read_edge(folder), None)

    assert known["edge-cat-bi"].parties == {Party.EDGE}
    assert [one.name for one in issued] == ["cb-01", "edge-cat-bi"]
    assert [one.name for one in assigned] == ["cb-01", "cb-02", "edge-cat-bi"]


def test_an_unknown_gate_gets_no_edge(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        with pytest.raises(ContractError) as caught:
            add(office, "nowhere")
        assert caught.value.code is ErrorCode.UNKNOWN
        assert not (office.home.root / "edges").exists()
