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
from provisioning.edge.issue import CLIENTS, NewEdge, add_edge, remove_edge
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


def test_an_edge_that_is_removed_has_no_rights_and_its_booths_know_the_office_only(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        folder = office.add_booth("cb-01")
        add(office)

        assert remove_edge(office.home, office.engine, "cat-bi") == ("cb-01",)

        with office.database() as connection:
            edge = next(one for one in inventory(connection) if one.name == "edge-cat-bi")
        assert edge.revoked
        assert brokers(folder) == ["127.0.0.1"]
        with pytest.raises(ContractError) as caught:
            remove_edge(office.home, office.engine, "cat-bi")
        assert caught.value.code is ErrorCode.UNKNOWN


def test_another_edge_after_a_removed_one_is_issued_on_purpose_only(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        add(office)
        remove_edge(office.home, office.engine, "cat-bi")
        with pytest.raises(ContractError) as caught:
            add(office)
        assert caught.value.code is ErrorCode.EXISTS

        add_edge(office.home, office.engine, NewEdge(gate="cat-bi", here=HERE, anyway=True), office.now)

        with office.database() as connection:
            assert not any(one.revoked for one in inventory(connection))
