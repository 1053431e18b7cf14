"""Every booth of a gate shows every stream that is for the gate; a new assignment is signed only when it says more."""

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from tests.practice_office import Office

FILES = {"a.md": b"a"}


def _streams(office: Office, gate: str, booth: str) -> list[str]:
    return [stream.name for stream in office.assignment(gate).streams_of(booth)]


def test_a_booth_gets_what_is_published_for_its_gate(office: Office) -> None:
    office.publish("essentials", "dic", FILES)
    office.publish("city", "dic", FILES, gates=("hai-phong-port",))
    office.add_booth("cb-01", "cat-bi")
    office.add_booth("hp-01", "hai-phong-port")
    assert _streams(office, "cat-bi", "cb-01") == ["essentials/dic"]
    assert _streams(office, "hai-phong-port", "hp-01") == ["city/dic", "essentials/dic"]


def test_a_stream_reaches_the_booths_that_were_there_before(office: Office) -> None:
    office.add_booth("cb-01")
    assert _streams(office, "cat-bi", "cb-01") == []
    office.publish("essentials", "police", FILES)
    office.publish("essentials", "dic", FILES)
    assert _streams(office, "cat-bi", "cb-01") == ["essentials/dic", "essentials/police"]
    assert office.assignment("cat-bi").order == ("dic", "foreign-affairs", "police")


def test_a_stream_leaves_when_its_newest_release_is_for_other_gates(office: Office) -> None:
    office.add_booth("cb-01")
    office.publish("essentials", "dic", FILES)
    office.publish("essentials", "dic", FILES, gates=("hai-phong-port",))
    assert _streams(office, "cat-bi", "cb-01") == []


def test_the_same_assignment_is_not_signed_again(office: Office) -> None:
    office.add_booth("cb-01")
    office.publish("essentials", "dic", FILES)
    before = office.assign("cat-bi")
    office.publish("essentials", "dic", {"a.md": b"edit"})
    assert office.assign("cat-bi") == before
    assert "4.assignments.json" not in office.meta().files


def test_a_revoked_booth_gets_nothing_more(office: Office) -> None:
    office.publish("essentials", "dic", FILES)
    office.add_booth("cb-01")
    office.add_booth("cb-02")
    before = office.revision()
    assert office.revoke("cb-01") is True
    assert (_streams(office, "cat-bi", "cb-01"), _streams(office, "cat-bi", "cb-02")) == ([], ["essentials/dic"])
    assert office.revision() == before + 1
    assert office.revoke("cb-01") is False
    assert office.revision() == before + 1


def test_revoking_a_stranger_is_an_error(office: Office) -> None:
    with pytest.raises(ContractError) as caught:
        office.revoke("nobody")
    assert caught.value.code is ErrorCode.UNKNOWN
