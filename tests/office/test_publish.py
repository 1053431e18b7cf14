"""Publishing is one step: number, signatures, rows and assignments together, or nothing."""

import threading
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from sqlalchemy import select

from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import COSIGNER, HEAD_LIMIT, ReleaseHead, cosign_target
from mqtt.office.database import blobs, open_database, releases
from mqtt.office.files import PRIVATE, create
from mqtt.office.publish import publish_release
from mqtt.office.signed import listed_target
from tests.office.conftest import NOW, BoothTrust
from tests.practice_office import Office

FILES = {"money/vi.md": b"# Money"}


def _refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        act()
    return caught.value.code


def _state(office: Office) -> tuple[object, ...]:
    with office.engine.connect() as connection:
        rows = connection.execute(select(releases.c.category, releases.c.agency, releases.c.number)).all()
        parts = connection.execute(select(blobs.c.sha256, blobs.c.number)).all()
    return (
        office.revision(),
        office.meta(),
        office.assign("cat-bi"),
        sorted(map(tuple, rows)),
        sorted(map(tuple, parts)),
    )


def test_a_release_brings_its_rows_and_one_revision(office: Office) -> None:
    before = office.revision()
    built = office.build("essentials", "dic", FILES)
    assert publish_release(office.home, office.engine, built, NOW) == 1
    assert office.revision() == before + 1
    with office.engine.connect() as connection:
        rows = connection.execute(select(blobs.c.sha256, blobs.c.size)).all()
        head = connection.scalar(select(releases.c.head))
    assert {row.sha256: row.size for row in rows} == built.blobs
    assert head == built.head_bytes
    assert all(len(office.object(row.sha256)) == row.size for row in rows)


@pytest.mark.parametrize(
    ("category", "agency"),
    [("clarifications", "dic"), ("essentials", "foreign-affairs"), ("territory", "foreign-affairs"),
     ("essentials", "customs"), ("assign", "assignments"), ("essentials", "operations")],
)  # fmt: skip
def test_an_agency_publishes_only_what_the_regulation_lets_it(office: Office, category: str, agency: str) -> None:
    before = _state(office)
    assert _refused(lambda: office.publish(category, agency, FILES)) is ErrorCode.AUTHORITY
    assert _state(office) == before


def test_authority_is_asked_before_keys(office: Office) -> None:
    """Whoever may not say it must not learn which keys are here."""
    for key in office.home.keys.iterdir():
        key.unlink()
    assert _refused(lambda: office.publish("clarifications", "dic", FILES)) is ErrorCode.AUTHORITY


@pytest.mark.parametrize("role", ["dic", "assignments", "snapshot", "timestamp"])
def test_a_missing_key_leaves_everything_as_it_was(office: Office, role: str) -> None:
    office.add_booth("cb-01")
    before = _state(office)
    (office.home.keys / f"{role}-1.pem").unlink()
    assert _refused(lambda: office.publish("essentials", "dic", FILES)) is ErrorCode.KEY
    assert _state(office) == before


def test_a_key_that_others_may_read_is_not_used(office: Office) -> None:
    before = _state(office)
    (office.home.keys / "dic-1.pem").chmod(0o640)
    assert _refused(lambda: office.publish("essentials", "dic", FILES)) is ErrorCode.KEY
    assert _state(office) == before


def test_a_cosigner_s_open_key_stops_the_release_instead_of_dropping_the_signature(office: Office) -> None:
    (office.home.keys / "foreign-affairs-2.pem").chmod(0o604)
    assert _refused(lambda: office.publish("essentials", "dic", FILES, territory=True)) is ErrorCode.KEY


def test_nothing_is_signed_that_the_office_cannot_hand_out(office: Office) -> None:
    built = office.build("essentials", "dic", FILES)
    before = _state(office)
    office.objects.path(sha256(b"# Money").hexdigest()).write_bytes(b"# Mon")
    assert _refused(lambda: publish_release(office.home, office.engine, built, NOW)) is ErrorCode.MISSING
    office.objects.path(sha256(b"# Money").hexdigest()).unlink()
    assert _refused(lambda: publish_release(office.home, office.engine, built, NOW)) is ErrorCode.MISSING
    assert _state(office) == before


def test_a_number_that_is_taken_meanwhile_becomes_the_next(office: Office) -> None:
    """Two builds knew the same newest release; both are published, and what was revoked stays revoked."""
    first = office.build("essentials", "dic", {"a.md": b"a"}, number=2, min_release=2, revoked=(1,))
    second = office.build("essentials", "dic", {"b.md": b"b"}, number=1)
    assert publish_release(office.home, office.engine, first, NOW) == 2
    assert publish_release(office.home, office.engine, second, NOW) == 3
    head = office.head("essentials", "dic")
    assert head
    assert (head.number, head.min_release, head.revoked, head.list) == (3, 2, (1,), second.head.list)
    with office.engine.connect() as connection:
        parts = set(connection.scalars(select(blobs.c.sha256).where(blobs.c.number == 3)).all())
    assert sha256(second.head_bytes).hexdigest() not in parts
    assert all(office.objects.has(part) for part in parts)


def test_publishers_at_the_same_time_get_numbers_of_their_own(office: Office) -> None:
    """Each as a process has it: an engine of its own, a build made before anyone has published."""
    office.add_booth("cb-01")
    before = office.revision()
    built = [office.build("essentials", "dic", {"a.md": f"{turn}".encode()}) for turn in range(8)]
    numbers: list[int] = []
    start = threading.Barrier(len(built))

    def publish(one: Any) -> None:
        engine = open_database(office.home.database_url)
        start.wait()
        numbers.append(publish_release(office.home, engine, one, NOW))
        engine.dispose()

    threads = [threading.Thread(target=publish, args=(one,)) for one in built]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 9))
    assert office.revision() == before + 8
    with office.engine.connect() as connection:
        heads = [decode(ReleaseHead, head, HEAD_LIMIT) for head in connection.scalars(select(releases.c.head)).all()]
    assert {head.number for head in heads} == set(numbers)
    assert len({head.list.sha256 for head in heads}) == 8


def test_a_reader_never_sees_half_a_change(office: Office) -> None:
    """Snapshot, timestamp and roles of one reading always belong together."""
    torn: list[object] = []
    done = threading.Event()

    def read() -> None:
        engine = open_database(office.home.database_url)
        while not done.is_set():
            files = office.meta().files
            stamp = office_version(files["timestamp.json"], "snapshot.json")
            names = {name for name in files if name.endswith(".snapshot.json")}
            if names != {f"{stamp}.snapshot.json"}:
                torn.append(names)
            listed = office_version(files[f"{stamp}.snapshot.json"], "dic.json")
            if f"{listed}.dic.json" not in files:
                torn.append(listed)
        engine.dispose()

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(10):
        office.publish("essentials", "dic", {"a.md": f"{turn}".encode()})
    done.set()
    reader.join()
    assert torn == []


def office_version(text: str, name: str) -> int:
    """Version that a snapshot or timestamp lists for a file."""
    from tuf.api.metadata import Metadata  # noqa: PLC0415 - only here

    signed: Any = Metadata.from_bytes(text.encode()).signed
    return int(signed.snapshot_meta.version if name == "snapshot.json" else signed.meta[name].version)


def test_a_clock_that_went_back_signs_nothing(office: Office) -> None:
    before = _state(office)
    office.fixed_now = NOW - timedelta(minutes=6)
    assert _refused(lambda: office.publish("essentials", "dic", FILES)) is ErrorCode.CLOCK
    assert _state(office) == before


def test_cosigning_refuses_another_release_than_the_one_reviewed(office: Office) -> None:
    assert _refused(lambda: office.cosign("essentials", "dic")) is ErrorCode.UNKNOWN
    office.publish("essentials", "dic", FILES)
    office.publish("essentials", "dic", {"b.md": b"b"}, territory=True)
    before = _state(office)
    assert _refused(lambda: office.cosign("essentials", "dic", number=1)) is ErrorCode.COSIGN
    assert _state(office) == before
    assert office.cosign("essentials", "dic", number=2) == 2


def test_an_error_inside_a_change_undoes_it(office: Office) -> None:
    before = _state(office)

    def give_up() -> None:
        with office.changing() as change:
            change.edit("targets")
            change.sign()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()
    assert _state(office) == before


def test_a_change_that_changes_nothing_sends_nothing(office: Office) -> None:
    before = _state(office)
    with office.changing() as change:
        change.read("targets")
    assert _state(office) == before


def test_a_folder_without_authority_is_told_apart(tmp_path: Path, office: Office) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    built = office.build("essentials", "dic", FILES)
    assert _refused(lambda: publish_release(office.home, empty, built, NOW)) is ErrorCode.CONFIG
    empty.dispose()


def test_a_key_the_regulation_does_not_name_does_not_count(office: Office) -> None:
    """A file with the right name and a stranger's key must not use up the threshold."""
    before = _state(office)
    strange = CryptoSigner.generate_ed25519().private_bytes
    (office.home.keys / "dic-1.pem").write_bytes(strange)
    assert _refused(lambda: office.publish("essentials", "dic", FILES)) is ErrorCode.KEY
    assert _state(office) == before


def test_a_stranger_s_key_beside_the_right_one_does_not_sign(office: Office, booth: BoothTrust) -> None:
    right = office.home.keys / "dic-1.pem"
    right.rename(office.home.keys / "dic-2.pem")
    create(office.home.keys / "dic-1.pem", CryptoSigner.generate_ed25519().private_bytes, PRIVATE)
    office.publish("essentials", "dic", FILES)
    booth.receive()
    assert booth.view().release("essentials", "dic")


def test_only_what_declares_territory_is_cosigned(office: Office) -> None:
    """Foreign Affairs' name must not stand under what it was never asked about."""
    office.publish("essentials", "dic", FILES)
    with office.engine.connect() as connection:
        assert listed_target(connection, COSIGNER, cosign_target("essentials", "dic")) is None
    office.publish("essentials", "dic", FILES, territory_files=("money/vi.md",))
    with office.engine.connect() as connection:
        assert listed_target(connection, COSIGNER, cosign_target("essentials", "dic")) is not None
