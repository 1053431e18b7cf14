"""What the office signs, judged by the booth's own verifier: believed when it is right, else refused with a code."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, TargetFile

from appliance.errors import ErrorCode, RefusedError
from mqtt.contract.repository import MetaSet
from mqtt.office.keys import Keyring
from tests.office.conftest import NOW, BoothTrust
from tests.practice_office import Office

FILES = {"money/vi.md": b"# Money"}


def _newest(office: Office, role: str) -> tuple[str, Metadata[Any]]:
    """File name and content of a role in the set the office sends."""
    name = next(name for name in office.meta().files if name == f"{role}.json" or name.split(".")[1] == role)
    return name, Metadata.from_bytes(office.meta().files[name].encode())


def _code(
    booth: BoothTrust, *, after: timedelta = timedelta(), stream: tuple[str, str] = ("essentials", "dic")
) -> ErrorCode:
    with pytest.raises(RefusedError) as caught:
        booth.view(NOW + after).release(*stream)
    return caught.value.code


def test_a_booth_believes_a_published_release(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    booth.receive()
    signed = booth.view().release("essentials", "dic")
    head = office.head("essentials", "dic")
    assert signed
    assert head
    assert signed.matches(office.object(signed.sha256))
    assert (head.number, head.stream) == (1, "essentials/dic")


def test_a_booth_believes_its_assignment(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    office.add_booth("cb-01")
    booth.receive()
    signed = booth.view().assignment("cat-bi")
    body = office.assign("cat-bi")
    assert signed
    assert body
    assert signed.matches(body)


def test_a_booth_hears_when_it_was_signed_and_in_which_epoch_of_clocks(office: Office, booth: BoothTrust) -> None:
    """The signed time is what an offline booth knows of the present."""
    booth.receive()
    assert (booth.view().issued, booth.view().epoch) == (NOW, 0)
    office.fixed_now = NOW + timedelta(hours=3)
    office.publish("essentials", "dic", FILES)
    booth.receive()
    assert booth.view().issued == NOW + timedelta(hours=3)


def test_a_stream_nobody_has_published_is_none_and_no_error(office: Office, booth: BoothTrust) -> None:  # noqa: ARG001 - booth needs it
    booth.receive()
    assert booth.view().release("essentials", "police") is None


def test_a_booth_born_with_an_old_root_follows_to_the_newest(office: Office, booth: BoothTrust) -> None:
    with office.changing() as change:
        change.edit("root")
    office.publish("essentials", "dic", FILES)
    booth.receive()
    assert sorted(office.roots()) == [1, 2]
    assert booth.view().release("essentials", "dic")
    assert booth.trust.versions["root"] == 2


def test_another_agencys_signature_is_refused_by_name(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    name, metadata = _newest(office, "dic")
    dic = metadata.signed
    with office.changing() as change:
        delegation = change.delegation("police")
        keys = change.read("targets").delegations.keys
    assert delegation
    (police,) = Keyring(office.home.keys).signers("police", delegation, keys)
    dic.targets = {"essentials/dic/release.json": TargetFile(3, {"sha256": sha256(b"bad").hexdigest()}, "x")}
    metadata.sign(police)
    booth.receive({name: metadata.to_bytes().decode()})
    assert _code(booth) is ErrorCode.AUTHORITY


def test_an_agency_that_lists_a_foreign_path_is_refused(office: Office, booth: BoothTrust) -> None:
    """Its own signature does not let the police speak for the department, also if the office plays along."""
    office.publish("essentials", "police", FILES)
    with office.changing() as change:
        change.edit("police").targets["essentials/dic/release.json"] = TargetFile(3, {"sha256": "0" * 64}, "x")
    booth.receive()
    assert _code(booth, stream=("essentials", "police")) is ErrorCode.AUTHORITY
    assert booth.view().release("essentials", "dic") is None


def test_a_stranger_s_signature_is_refused(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    name, metadata = _newest(office, "dic")
    metadata.sign(CryptoSigner.generate_ed25519())
    booth.receive({name: metadata.to_bytes().decode()})
    assert _code(booth) is ErrorCode.SIGNATURE


def test_fewer_signatures_than_the_threshold_are_refused(office: Office, booth: BoothTrust) -> None:
    """Foreign Affairs signs with two of three."""
    office.publish("sovereignty", "foreign-affairs", FILES)
    name, metadata = _newest(office, "foreign-affairs")
    assert len(metadata.signatures) == 2
    metadata.signatures.popitem()
    booth.receive({name: metadata.to_bytes().decode()})
    assert _code(booth, stream=("sovereignty", "foreign-affairs")) is ErrorCode.THRESHOLD


def test_altered_content_is_refused(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    name, metadata = _newest(office, "dic")
    document = json.loads(metadata.to_bytes())
    document["signed"]["targets"]["essentials/dic/release.json"]["length"] += 1
    booth.receive({name: json.dumps(document)})
    assert _code(booth) is ErrorCode.SIGNATURE


def test_an_altered_snapshot_is_refused(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    name, metadata = _newest(office, "snapshot")
    booth.receive({name: metadata.to_bytes().decode().replace('"version":1', '"version":3', 1)})
    assert _code(booth) in {ErrorCode.DIGEST, ErrorCode.SIGNATURE}


def test_a_signed_time_that_was_altered_is_refused(office: Office, booth: BoothTrust) -> None:
    """Otherwise whoever holds the line could set the clocks of all booths."""
    text = office.meta().files["timestamp.json"]
    booth.receive({"timestamp.json": text.replace("2026-12-01T08:00:00Z", "2027-12-01T08:00:00Z")})
    assert _code(booth) is ErrorCode.SIGNATURE


def test_an_older_state_of_the_office_is_refused(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    old = office.meta()
    office.publish("essentials", "dic", {"money/vi.md": b"# New"})
    booth.receive()
    booth.view()
    booth.trust.offer_meta(old.to_bytes())
    assert _code(booth) is ErrorCode.ROLLBACK


def test_what_has_expired_is_refused_at_the_time_the_booth_trusts(office: Office, booth: BoothTrust) -> None:
    """Covers python-tuf's private ``reference_time``: the verifier's clock decides, not the machine's.

    This test runs years before and after the dates in it and must come out the same.
    """
    office.publish("essentials", "dic", FILES)
    booth.receive()
    assert booth.view(NOW + timedelta(days=6)).release("essentials", "dic")
    assert _code(booth, after=timedelta(days=8)) is ErrorCode.EXPIRED
    assert booth.view(NOW - timedelta(days=3650)).release("essentials", "dic")


def test_an_agency_on_holiday_stops_only_its_own_stream(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    office.fixed_now = NOW + timedelta(days=170)
    office.publish("essentials", "police", FILES)
    office.fixed_now = NOW + timedelta(days=182)
    with office.changing() as change:
        change.edit("timestamp")
        change.edit("snapshot")
    booth.receive()
    view = booth.view()
    assert view.release("essentials", "police")
    assert _code(booth, after=timedelta(days=182)) is ErrorCode.EXPIRED


def test_a_quiet_office_tells_the_time_every_few_hours(office: Office, booth: BoothTrust) -> None:
    """Booths that are offline for long live on the newest signed time."""
    office.fixed_now = NOW + timedelta(hours=5)
    before = office.revision()
    assert office.renew() == ()
    office.fixed_now = NOW + timedelta(hours=6)
    assert office.renew() == ("timestamp",)
    assert office.revision() == before + 1
    booth.receive()
    assert booth.view().issued == NOW + timedelta(hours=6)


def test_renewing_leaves_out_those_whose_keys_are_elsewhere(office: Office) -> None:
    (office.home.keys / "dic-1.pem").unlink()
    (office.home.keys / "foreign-affairs-1.pem").unlink()
    (office.home.keys / "foreign-affairs-3.pem").unlink()
    office.fixed_now = NOW + timedelta(days=100)
    renewed = office.renew()
    assert "police" in renewed
    assert not {"dic", "foreign-affairs"} & set(renewed)


def test_renewing_brings_an_expired_office_back(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES)
    office.fixed_now = NOW + timedelta(days=200)
    booth.receive()
    with pytest.raises(RefusedError):
        booth.view()
    assert set(office.renew()) >= {"dic", "police", "snapshot", "timestamp", "assignments"}
    booth.receive()
    assert booth.view().release("essentials", "dic")
    assert office.renew() == ()


@pytest.mark.parametrize("spoilt", ["", "{}", "[]", '{"signed"'])
def test_truncated_metadata_is_refused(office: Office, booth: BoothTrust, spoilt: str) -> None:
    office.publish("essentials", "dic", FILES)
    booth.receive({_newest(office, "dic")[0]: spoilt})
    assert _code(booth) is ErrorCode.MALFORMED


def test_territory_without_foreign_affairs_has_no_cosignature(office: Office, booth: BoothTrust) -> None:
    """The keys of Foreign Affairs are elsewhere: the release is published and booths answer ``E_COSIGN``."""
    for key in office.home.keys.glob("foreign-affairs-?.pem"):
        key.rename(office.home.root / key.name)
    office.publish("essentials", "dic", FILES, territory=True)
    booth.receive()
    assert booth.view().cosignature("essentials", "dic") is None
    for key in office.home.root.glob("foreign-affairs-?.pem"):
        key.rename(office.home.keys / key.name)
    assert office.cosign("essentials", "dic", number=1) == 1
    booth.receive()
    view = booth.view()
    assert view.cosignature("essentials", "dic") is not None
    assert view.cosignature("essentials", "dic").sha256 == view.release("essentials", "dic").sha256  # type: ignore[union-attr]


def test_territory_is_cosigned_at_once_where_both_keys_are(office: Office, booth: BoothTrust) -> None:
    office.publish("essentials", "dic", FILES, territory=True)
    booth.receive()
    view = booth.view()
    signed, agreed = view.release("essentials", "dic"), view.cosignature("essentials", "dic")
    assert signed
    assert agreed
    assert (signed.sha256, agreed.role) == (agreed.sha256, "foreign-affairs")


def test_a_cosignature_is_for_one_release_only(office: Office, booth: BoothTrust) -> None:
    """Agreeing to one map is not agreeing to the next."""
    office.publish("essentials", "dic", FILES, territory=True)
    for key in office.home.keys.glob("foreign-affairs-?.pem"):
        key.unlink()
    office.publish("essentials", "dic", {"map.md": b"another"}, territory=True)
    booth.receive()
    view = booth.view()
    signed, agreed = view.release("essentials", "dic"), view.cosignature("essentials", "dic")
    assert signed
    assert agreed
    assert signed.sha256 != agreed.sha256


def test_foreign_affairs_publishes_its_own_territory_with_one_version(office: Office, booth: BoothTrust) -> None:
    office.publish("sovereignty", "foreign-affairs", FILES, territory=True)
    booth.receive()
    view = booth.view()
    assert view.release("sovereignty", "foreign-affairs")
    assert view.cosignature("sovereignty", "foreign-affairs")
    assert "2.foreign-affairs.json" in office.meta().files


def test_the_set_holds_exactly_what_its_snapshot_lists(office: Office) -> None:
    office.add_booth("cb-01")
    office.publish("essentials", "dic", FILES)
    meta = MetaSet.parse(office.meta().to_bytes())
    _, snapshot = _newest(office, "snapshot")
    listed = {f"{info.version}.{name}" for name, info in snapshot.signed.meta.items()}
    assert set(meta.files) == {*listed, "timestamp.json", f"{snapshot.signed.version}.snapshot.json"}
