"""The regulation at work: officers, steps of approval, revocation, other keys, the root ceremony."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from appliance.errors import RefusedError
from appliance.trust.verifier import Trust
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import NoticeText, Urgency
from mqtt.contract.repository import EPOCH_FIELD, Stream
from mqtt.office import proposals
from mqtt.office.audit import entries
from mqtt.office.authority import AUTHORITY_FILE, parse_authority, read_authority
from mqtt.office.cli import cli
from mqtt.office.database import approvals
from mqtt.office.explain import explain
from mqtt.office.home import Home
from mqtt.office.keys import Keyring
from mqtt.office.notices.compose import Parts, compose
from mqtt.office.notices.raising import raise_notice
from mqtt.office.publish import publish_release
from mqtt.office.requests import Given, signed
from mqtt.office.terms import Duty
from mqtt.office.withdraw import withdraw_release
from provisioning.ceremony import rotate_top
from provisioning.regulation import apply_regulation, revoke_officer, rotate_officer, rotate_role
from tests.practice_office import REGULATION, Office

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
OFFICERS = """
[officers]
lan = { name = "Trần Thị Lan", agency = "police", duties = ["author"] }
minh = { name = "Lê Văn Minh", agency = "police", duties = ["reviewer", "publisher"] }
hoa = { name = "Phạm Thị Hoa", agency = "police", duties = ["publisher", "notices"] }
nam = { name = "Vũ Đức Nam", agency = "police", duties = ["publisher"], until = 2026-12-01T00:00:00+07:00 }
son = { name = "Đỗ Ngọc Sơn", agency = "police", duties = ["notices"] }
an = { name = "Bùi An", agency = "dic", duties = ["operations"] }
"""
NAMED = (
    REGULATION.replace("essentials = {}", 'essentials = { approval = ["author", "reviewer", "publisher"] }')
    .replace(
        'categories = ["essentials", "clarifications"]', 'categories = ["essentials", "clarifications"]\nthreshold = 2'
    )
    .replace("[agencies.police]", "[agencies.police]\nkeys = 2")
    .replace('categories = ["essentials", "city", "programme"]', 'categories = ["city", "programme"]')
    + OFFICERS
)
POLICE = Stream(category="essentials", agency="police")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOW, regulation=NAMED) as office:
        yield office


def propose(office: Office, text: bytes = b"one") -> str:
    built = office.build("essentials", "police", {"a/item.json": text})
    return proposals.propose(office.home, office.engine, built, "lan", office.now)


def approve(office: Office, name: str, officer: str = "minh") -> None:
    proposals.approve(office.home, office.engine, name, officer, office.now)


def sign(office: Office, name: str, officer: str) -> int | None:
    return proposals.sign(office.home, office.engine, name, officer, office.now)


def code_of(act: object, *arguments: object) -> ErrorCode:
    with pytest.raises(ContractError) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


def believed(office: Office, folder: Path) -> int | None:
    """Number of the release that a booth with an empty disk would believe."""
    with Trust(folder, office.roots()[1]) as trust:
        for number, body in office.roots().items():
            trust.offer_root(number, body)
        trust.offer_set(office.meta())
        view = trust.refresh(office.now)
        signed = view.release("essentials", "police") if view else None
        head = office.head("essentials", "police")
    return head.number if signed and head else None


def test_a_release_takes_its_steps_and_booths_believe_it_after_the_last_signature(
    office: Office, tmp_path: Path
) -> None:
    name = propose(office)
    approve(office, name)
    assert sign(office, name, "hoa") is None, "the agency's threshold is two"
    assert believed(office, tmp_path / "early") is None
    assert sign(office, name, "nam") == 1
    assert believed(office, tmp_path / "booth") == 1
    assert not proposals.listed(office.home, office.engine, office.now)


def test_a_step_cannot_be_left_out(office: Office) -> None:
    assert code_of(sign, office, propose(office), "hoa") is ErrorCode.APPROVAL


def test_one_person_takes_one_step(office: Office) -> None:
    """Minh may review and may publish; not both for the same release, and nobody counts twice."""
    name = propose(office)
    approve(office, name)
    assert code_of(sign, office, name, "minh") is ErrorCode.SAME_PERSON
    sign(office, name, "hoa")
    assert code_of(sign, office, name, "hoa") is ErrorCode.SAME_PERSON


@pytest.mark.parametrize(
    ("officer", "step"), [("an", approve), ("lan", approve), ("hoa", approve), ("nobody", approve), ("lan", sign)]
)
def test_only_who_is_appointed_for_a_step_takes_it(office: Office, officer: str, step: object) -> None:
    assert code_of(step, office, propose(office), officer) is ErrorCode.OFFICER


def test_an_approval_is_bound_to_what_was_looked_at(office: Office) -> None:
    """One for another release, put into the database by hand, counts for nothing."""
    first = propose(office)
    approve(office, first)
    proposals.withdraw(office.home, office.engine, first, "lan", office.now)
    second = propose(office, b"two")
    with office.engine.begin() as connection:
        row = connection.execute(select(approvals).where(approvals.c.step == "reviewer")).one()
        connection.execute(approvals.insert().values({**row._mapping, "proposal": second}))
    assert code_of(sign, office, second, "hoa") is ErrorCode.APPROVAL


def test_an_appointment_ends_by_itself(office: Office) -> None:
    name = propose(office)
    approve(office, name)
    office.fixed_now = datetime(2026, 12, 1, tzinfo=UTC)
    assert code_of(sign, office, name, "nam") is ErrorCode.OFFICER


def test_a_second_proposal_waits_for_the_first_and_a_withdrawn_one_makes_room(office: Office) -> None:
    name = propose(office)
    assert code_of(propose, office, b"two") is ErrorCode.EXISTS
    proposals.withdraw(office.home, office.engine, name, "hoa", office.now)
    assert propose(office, b"two")
    assert code_of(approve, office, name) is ErrorCode.UNKNOWN


def test_who_signs_must_be_said_where_keys_have_names(office: Office) -> None:
    built = office.build("clarifications", "police", {"a/item.json": b"one"})
    assert code_of(publish_release, office.home, office.engine, built, office.now) is ErrorCode.OFFICER
    assert code_of(publish_release, office.home, office.engine, built, office.now, ("hoa",)) is ErrorCode.THRESHOLD
    assert publish_release(office.home, office.engine, built, office.now, ("hoa", "nam")) == 1


def notice(office: Office, officer: str) -> None:
    texts = {language: NoticeText(headline="x" * 5) for language in ("vi", "en")}
    parts = Parts(gate="cat-bi", kind="security", texts=texts, urgency=Urgency.URGENT)
    made = compose(parts, read_authority(office.home.authority), office.now, f"{officer}")
    raise_notice(office.home, office.engine, made, office.now, (officer,))


def test_a_revoked_officer_signs_nothing_more(office: Office) -> None:
    notice(office, "son")
    applied = revoke_officer(office.home, office.engine, "son", office.now)
    assert applied.roles == ("police-duty",)
    assert code_of(notice, office, "son") is ErrorCode.OFFICER
    notice(office, "hoa")


def test_the_last_officer_of_a_duty_is_not_revoked_before_another_is_appointed(office: Office) -> None:
    before = (office.home.authority / AUTHORITY_FILE).read_bytes()
    revoke_officer(office.home, office.engine, "son", office.now)
    assert code_of(revoke_officer, office.home, office.engine, "hoa", office.now) is ErrorCode.CONFIG
    assert (office.home.authority / AUTHORITY_FILE).read_bytes() != before


def test_another_key_of_an_officer_counts_and_the_one_before_does_not(office: Office, tmp_path: Path) -> None:
    before = Keyring(office.home.keys).officer("hoa")
    rotate_officer(office.home, office.engine, "hoa", office.now)
    after = Keyring(office.home.keys).officer("hoa")
    assert before is not None
    assert after is not None
    assert before.keyid != after.keyid
    name = propose(office)
    approve(office, name)
    sign(office, name, "hoa")
    assert sign(office, name, "nam") == 1
    assert believed(office, tmp_path / "booth") == 1


def test_keys_without_names_are_replaced_and_what_they_have_signed_is_signed_again(tmp_path: Path) -> None:
    with Office(tmp_path, now=NOW) as office:
        office.publish("essentials", "police", {"a/item.json": b"one"})
        assert rotate_role(office.home, office.engine, "police", office.now).roles == ("police",)
        assert believed(office, tmp_path / "booth") == 1


def test_a_gate_and_an_agency_that_are_new_in_the_file_come_into_force(office: Office) -> None:
    text = NAMED.replace(
        "[gates.cat-bi]", '[gates.do-son]\nkind = "waterway"\nvi = "Đồ Sơn"\nen = "Đồ Sơn"\n\n[gates.cat-bi]'
    )
    text = text.replace('order = ["', 'order = ["port", "').replace(
        "[agencies.police]", '[agencies.port]\nvi = "Cảng"\nen = "Port"\ncategories = ["city"]\n\n[agencies.police]'
    )
    applied = apply_regulation(office.home, office.engine, text.encode(), office.now)
    assert applied.gates == ("do-son",)
    assert "port" in applied.roles
    assert office.publish("city", "port", {"a/item.json": b"one"}) == 1
    assert apply_regulation(office.home, office.engine, text.encode(), office.now).roles == ()


def test_an_agency_that_loses_a_category_lists_nothing_of_it_any_more(tmp_path: Path) -> None:
    with Office(tmp_path, now=NOW) as office:
        office.publish("essentials", "police", {"a/item.json": b"one"})
        office.publish("clarifications", "police", {"a/item.json": b"one"})
        text = REGULATION.replace('categories = ["essentials", "clarifications"]', 'categories = ["essentials"]')
        apply_regulation(office.home, office.engine, text.encode(), office.now)
        assert believed(office, tmp_path / "booth") == 1, "the rest of what the role has signed stays good"


def test_a_booth_follows_the_root_ceremony_and_floors_begin_anew(tmp_path: Path) -> None:
    """Somebody had the timestamp's key and published an enormous version; then root replaces the keys."""
    with Office(tmp_path, now=NOW) as office, Trust(tmp_path / "booth", office.roots()[1]) as trust:
        office.publish("essentials", "police", {"a/item.json": b"one"})
        shutil.copytree(office.home.root, tmp_path / "thief")
        thief = Office.of(Home(tmp_path / "thief"))
        thief.fixed_now = NOW
        with thief.changing() as change:
            change.edit("timestamp").version = 5_000_000
        trust.offer_set(thief.meta())
        thief.engine.dispose()
        assert trust.refresh(NOW)
        high = trust.versions["timestamp"]
        office.publish("city", "dic", {"a/item.json": b"one"})
        trust.offer_set(office.meta())
        with pytest.raises(RefusedError, match="E_ROLLBACK"):
            trust.refresh(NOW)

        version = rotate_top(
            office.home, office.engine, ("root", "timestamp", "snapshot", "targets"), office.now, new_clock_epoch=True
        )
        assert version == 2
        trust.offer_root(2, office.roots()[2])
        trust.offer_set(office.meta())
        view = trust.refresh(NOW)
        assert view is not None
        assert view.epoch == 1
        assert view.release("essentials", "police")
        assert high > 5_000_000
        assert EPOCH_FIELD in office.roots()[2].decode()


def test_a_withdrawn_release_is_replaced_by_the_one_before_it(tmp_path: Path) -> None:
    with Office(tmp_path, now=NOW) as office:
        office.publish("essentials", "police", {"a/item.json": b"one"})
        assert code_of(withdraw_release, office.home, office.engine, POLICE, office.now) is ErrorCode.UNKNOWN
        office.publish("essentials", "police", {"a/item.json": b"two"})
        first = office.build("essentials", "police", {"a/item.json": b"one"}).head.list.sha256
        head = withdraw_release(office.home, office.engine, POLICE, office.now)
        assert (head.number, head.revoked, head.list.sha256) == (3, (2,), first)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ('duties = ["author"]', 'duties = ["boss"]'),
        ('agency = "dic", duties = ["operations"]', 'agency = "army", duties = ["operations"]'),
        ('agency = "dic", duties = ["operations"]', 'agency = "foreign-affairs", duties = ["notices"]'),
        ('["author", "reviewer", "publisher"]', '["publisher", "author"]'),
        ('duties = ["reviewer", "publisher"]', 'duties = ["publisher"]'),
        ('"police", duties = ["publisher", "notices"]', '"police", duties = ["notices"]'),
        ("[officers]", "[officers]\nghost = { name = 'x', agency = 'police', duties = ['author'], gate = 'moon' }"),
    ],
)
def test_a_regulation_that_nobody_could_follow_is_refused(change: str, key: str) -> None:
    text = NAMED.replace(change, key, 1)
    if '["notices"]' in key and "police" in key:
        text = text.replace('duties = ["publisher"], until', 'duties = ["author"], until')
    assert text != NAMED
    assert code_of(parse_authority, text.encode()) is ErrorCode.CONFIG


@pytest.mark.parametrize(
    ("who", "what", "may"),
    [
        ("police", "essentials", True),
        ("police", "city", False),
        ("police", "essentials/dic", False),
        ("lan", "essentials/police", True),
        ("son", "essentials/police", False),
        ("son", "notice cat-bi/security", True),
        ("nam", "notice cat-bi/security", False),
        ("police", "notice cat-bi/weather", False),
        ("an", "command reboot", True),
        ("hoa", "command reboot", False),
        ("an", "config network.brokers", True),
    ],
)
def test_the_regulation_explains_itself(who: str, what: str, may: bool) -> None:  # noqa: FBT001 - a column
    answer = explain(parse_authority(NAMED.encode()), who, what, NOW)
    assert answer.may is may
    assert answer.because


def test_an_ended_appointment_is_explained_too() -> None:
    answer = explain(parse_authority(NAMED.encode()), "nam", "essentials", NOW + timedelta(days=30))
    assert (answer.may, Duty.PUBLISHER.value in answer.because[0]) == (False, False)


def test_one_signature_of_two_is_told_from_none_at_the_booth(office: Office, tmp_path: Path) -> None:
    """Somebody has put a half-signed file of the agency into the office's database."""
    built = office.build("clarifications", "police", {"a/item.json": b"one"})
    publish_release(office.home, office.engine, built, office.now, ("hoa", "nam"))
    meta = office.meta()
    name = next(one for one in meta.files if one.endswith(".police.json"))
    half, none = (json.loads(meta.files[name]) for _ in range(2))
    del half["signatures"][0]
    none["signatures"] = []
    for document, code in ((half, ErrorCode.THRESHOLD), (none, ErrorCode.SIGNATURE)):
        spoilt = msgspec.structs.replace(meta, files={**meta.files, name: json.dumps(document)})
        with Trust(tmp_path / code.value, office.roots()[1]) as trust:
            trust.offer_set(spoilt)
            view = trust.refresh(office.now)
            assert view is not None
            with pytest.raises(RefusedError) as refused:
                view.release("clarifications", "police")
            assert refused.value.code is code


def test_an_appointment_that_has_run_out_leaves_the_delegations_when_the_regulation_is_applied(office: Office) -> None:
    office.fixed_now = datetime(2026, 12, 2, tzinfo=UTC)
    applied = apply_regulation(office.home, office.engine, NAMED.encode(), office.now)
    assert applied.roles == ("police",)
    with pytest.raises(ContractError) as refused:
        revoke_officer(office.home, office.engine, "minh", office.now)
    assert refused.value.code in {ErrorCode.CONFIG, ErrorCode.OFFICER}


def test_an_officer_signs_on_a_machine_of_their_own(office: Office, tmp_path: Path) -> None:
    """The private keys are not at the office; files go to and fro, and what is not exactly this is refused."""
    name, other = propose(office), tmp_path / "elsewhere"
    other.mkdir()
    for officer in ("minh", "hoa", "nam"):
        (office.home.keys / f"officer-{officer}.pem").rename(other / f"officer-{officer}.pem")
        shutil.copy(office.home.keys / f"officer-{officer}.json", other)

    def given(officer: str, step: Duty) -> Given:
        asked = proposals.request(office.home, office.engine, name, officer, step, office.now)
        assert asked.release.number == 1
        return signed(asked, Keyring(other, (officer,)).signer_of(officer))

    assert code_of(approve, office, name) is ErrorCode.KEY
    reviewed = given("minh", Duty.REVIEWER)
    proposals.approve(office.home, office.engine, name, "minh", office.now, reviewed)
    first = given("hoa", Duty.PUBLISHER)
    swapped = Given(envelope=first.envelope, keyid=first.keyid, sig=first.sig[:-2] + "00")
    for wrong, code in ((reviewed, ErrorCode.SIGNATURE), (swapped, ErrorCode.SIGNATURE)):
        with pytest.raises(ContractError) as refused:
            proposals.sign(office.home, office.engine, name, "hoa", office.now, wrong)
        assert refused.value.code is code
    assert proposals.sign(office.home, office.engine, name, "hoa", office.now, first) is None
    second = given("nam", Duty.PUBLISHER)
    assert proposals.sign(office.home, office.engine, name, "nam", office.now, second) == 1
    assert believed(office, tmp_path / "booth") == 1


def test_the_same_by_commands_with_a_kit(tmp_path: Path) -> None:
    """As the officer sees it: a kit, a file that comes, a file that goes back."""
    with Office(tmp_path, regulation=NAMED) as office:
        name = propose(office)
        env = {"GATEBOOTH_HOME": str(office.home.root)}

        def run(*words: str, exit_code: int = 0) -> str:
            done = CliRunner().invoke(cli, list(words), env=env)
            assert done.exit_code == exit_code, done.output
            return done.output

        kits = {officer: tmp_path / officer for officer in ("minh", "hoa", "nam")}
        for officer, kit in kits.items():
            run("signer", "kit", officer)
            shutil.move(office.home.root / "officers" / officer, kit)
            (office.home.keys / f"officer-{officer}.pem").unlink()
        for command, officer in (("approve", "minh"), ("sign", "hoa"), ("sign", "nam")):
            asked = tmp_path / f"{command}-{officer}.json"
            run(command, name, "--as", officer, "--request", str(asked), "--dry-run")
            assert not asked.exists(), "a rehearsal writes nothing, beside the office neither"
            run(command, name, "--as", officer, "--request", str(asked))
            run("signer", "sign", str(asked), "--kit", str(kits[officer]), "--yes")
            run(command, name, "--as", officer, "--signed", f"{asked}.signed")
        stranger = tmp_path / "sign-nam.json"
        assert "E_OFFICER" in run("signer", "sign", str(stranger), "--kit", str(kits["hoa"]), "--yes", exit_code=1)
        assert office.head("essentials", "police") is not None
        acts = [entry.act.value for entry in entries(office.home)]
        assert acts.count("signature-requested") == 3
        assert acts[-1] == "signed"
