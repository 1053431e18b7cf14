"""Laws of the session: what an agency signed is shown, whatever the line does; anything else changes nothing."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tuf.api.metadata import Metadata

from mqtt.contract import topics
from mqtt.contract.documents import encode
from mqtt.contract.frames import pack
from mqtt.contract.names import LANGUAGES
from mqtt.contract.releases import BlobRef, FileList, ReleaseHead
from mqtt.contract.repository import MetaSet
from mqtt.contract.state import Conn, StreamState
from mqtt.contract.topics import Plane
from mqtt.office.content.build import Built
from mqtt.office.keys import Keyring
from mqtt.office.publish import publish_release
from tests.practice_office import Office
from tests.sync.simulated import FAIR, SimulatedBooth, Weather

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STREAM = "essentials/dic"
PAGE = "essentials/dic/money/vi.md"


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOON) as office:
        yield office


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> SimulatedBooth:
    return make_booth(office, tmp_path)


def make_booth(office: Office, tmp_path: Path, weather: Weather = FAIR, seed: int = 0) -> SimulatedBooth:
    folder = tmp_path / "booth"
    folder.mkdir()
    return SimulatedBooth(office, folder, office.add_booth("cb-01"), weather, seed)


def item(text: str = "Đổi tiền", **files: bytes) -> dict[str, bytes]:
    document = {
        "schema": "item/1", "category": "essentials", "agency": "dic", "slug": "money", "gates": ["*"],
        "visitors": ["everyone"], "order": 1, "as_of": "2026-11-20", "valid_from": "2026-01-01", "valid_until": None,
        "source": "x", "sample": True, "texts": {"vi": {"title": text}}, "media": sorted(files),
    }  # fmt: skip
    return {"money/item.json": json.dumps(document).encode(), "money/vi.md": text.encode()} | {
        f"money/{name}": data for name, data in files.items()
    }


def show(office: Office, booth: SimulatedBooth, text: str = "Đổi tiền") -> None:
    """Publish, and see it shown."""
    office.publish("essentials", "dic", item(text))
    booth.follow_office()
    if not booth._up:
        booth.connect()
    assert booth.run(until=lambda: booth.shows(PAGE) == text.encode())
    booth.run(2.0)


def publish_list(office: Office, listing: bytes, **head: object) -> None:
    """Publish a release whose file list is these bytes, as an agency with broken tools would."""
    ref = office.objects.put(listing)
    newest = office.head("essentials", "dic")
    facts = {
        "number": newest.number + 1 if newest else 1, "issued": office.now, "valid_from": office.now,
        "valid_until": None, "gates": ("*",), "languages": LANGUAGES, "list": BlobRef(sha256=ref.sha256, size=ref.size),
    }  # fmt: skip
    signed = ReleaseHead(category="essentials", agency="dic", **(facts | head))
    body = encode(signed)
    stored = office.objects.put(body)
    blobs = {ref.sha256: ref.size, stored.sha256: stored.size}
    publish_release(office.home, office.engine, Built(signed, body, FileList(files=()), blobs, 0), office.now)


def test_a_release_travels_from_the_office_to_the_reader(office: Office, booth: SimulatedBooth) -> None:
    """The slice, in one line."""
    film = noise(3_000_000)
    office.publish("essentials", "dic", item("Đổi tiền", **{"film.mp4": film}))
    booth.follow_office()
    booth.connect()

    assert booth.run(until=lambda: booth.shows(PAGE) is not None)

    assert booth.shows("essentials/dic/money/film.mp4") == film
    booth.run(2.0)
    assert booth.reports[-1].streams[STREAM].state is StreamState.SHOWN
    assert booth.reports[-1].errors == ()
    assert booth.clock.heard[-1] == NOON


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_line_does_the_release_arrives_whole(office: Office, tmp_path: Path, seed: int) -> None:
    """Lost, repeated, reordered, corrupt frames and a cut every few seconds cost only time."""
    weather = Weather(loss=0.2, repetition=0.2, corruption=0.1, reordering=0.3, cut_every_s=5.0)
    booth = make_booth(office, tmp_path, weather, seed)
    film = noise(2_000_000, seed)
    office.publish("essentials", "dic", item("Đổi tiền", **{"film.mp4": film}))
    booth.follow_office()
    booth.connect()

    assert booth.run(3600, until=lambda: booth.shows(PAGE) is not None)

    assert booth.shows("essentials/dic/money/film.mp4") == film


def test_an_edit_fetches_only_what_is_new(office: Office, booth: SimulatedBooth) -> None:
    """Chunks that lie here in the release before are never asked for again."""
    film = noise(2_000_000)
    office.publish("essentials", "dic", item("cũ", **{"film.mp4": film}))
    booth.follow_office()
    booth.connect()
    assert booth.run(until=lambda: booth.shows(PAGE) == "cũ".encode())
    before = len(booth.asked)

    office.publish("essentials", "dic", item("mới", **{"film.mp4": film[:1_000_000] + b"cut" + film[1_000_000:]}))
    booth.follow_office()
    assert booth.run(until=lambda: booth.shows(PAGE) == "mới".encode())

    assert 0 < len(booth.asked) - before <= 4


def test_after_the_plug_is_pulled_nothing_verified_is_fetched_again(office: Office, booth: SimulatedBooth) -> None:
    film = noise(4_000_000)
    office.publish("essentials", "dic", item(**{"film.mp4": film}))
    booth.follow_office()
    booth.connect()
    booth.run(until=lambda: len(booth.asked) > 20)
    booth.power_off()
    booth.power_on()
    booth.run(1.0)
    verified = set(booth.asked) - set(booth.asked[-16:])
    booth.asked.clear()

    booth.connect()
    assert booth.run(until=lambda: booth.shows("essentials/dic/money/film.mp4") == film)

    assert not verified & set(booth.asked)


def test_without_any_network_what_was_shown_is_shown(office: Office, booth: SimulatedBooth) -> None:
    """A cold boot at a gate that has been cut off for a year: signatures expire, the screen does not."""
    show(office, booth)
    booth.power_off()
    booth.clock.base += timedelta(days=400)
    booth.power_on()
    booth.run(3600.0)

    assert booth.shows(PAGE) == "Đổi tiền".encode()


def test_a_stream_no_longer_assigned_leaves_the_set(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    office.publish("city", "dic", {"a.txt": b"a"}, gates=("cat-bi",))
    booth.follow_office()
    assert booth.run(until=lambda: booth.shows("city/dic/a.txt") == b"a")

    office.publish("city", "dic", {"a.txt": b"a"}, gates=("hai-phong-port",))
    booth.follow_office()

    assert booth.run(until=lambda: booth.shows("city/dic/a.txt") is None)
    assert booth.shows(PAGE) is not None


# Bad input: a clear code, nothing changed on the screen, a report that reaches the office.


def refuses(booth: SimulatedBooth, subject: str, code: str) -> None:
    booth.run(5.0)
    assert booth.codes().get(subject) == code
    assert booth.shows(PAGE) == "Đổi tiền".encode()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "E_FRAME"),
        (b"rubbish", "E_FRAME"),
        (pack(b"{}"), "E_MALFORMED"),
        (pack(b'{"schema":"meta/2","root_latest":1,"files":{}}'), "E_SCHEMA"),
        (bytes(600 * 1024), "E_SIZE"),
        (MetaSet(root_latest=1, files={}).to_bytes(), "E_MISSING"),
        (MetaSet(root_latest=1, files={"timestamp.json": "{}"}).to_bytes(), "E_MALFORMED"),
    ],
)
def test_metadata_that_is_none_is_refused(office: Office, booth: SimulatedBooth, payload: bytes, code: str) -> None:
    show(office, booth)
    booth.inject(topics.META.at(), payload)
    refuses(booth, "repo/meta", code)


def test_metadata_that_was_tampered_with_is_refused(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    office.publish("essentials", "dic", item("mới"))
    meta = office.meta()
    files = dict(meta.files)
    files["timestamp.json"] = files["timestamp.json"].replace("2026", "2027", 1)
    booth.inject(topics.META.at(), msgspec.structs.replace(meta, files=files).to_bytes())
    refuses(booth, "repo/meta", "E_SIGNATURE")


def test_truncated_metadata_is_refused(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    booth.inject(topics.META.at(), office.meta().to_bytes()[:-40])
    refuses(booth, "repo/meta", "E_FRAME")


def test_metadata_older_than_what_was_believed_is_refused_also_after_a_restart(
    office: Office, booth: SimulatedBooth
) -> None:
    """A broken-in broker replays yesterday; python-tuf alone would forget."""
    office.publish("essentials", "dic", item("cũ"))
    old = office.meta().to_bytes()
    show(office, booth)
    booth.inject(topics.META.at(), old)
    refuses(booth, "repo/meta", "E_ROLLBACK")
    booth.power_off()
    booth.overrides[topics.META.at()] = old
    booth.power_on()
    booth.follow_office()
    booth.connect()
    refuses(booth, "repo/meta", "E_ROLLBACK")


def test_expired_metadata_installs_nothing(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    office.publish("essentials", "dic", item("mới"))
    booth.clock.base += timedelta(days=60)
    booth.follow_office()
    refuses(booth, "repo/meta", "E_EXPIRED")


def test_another_agency_cannot_speak_for_this_one(office: Office, booth: SimulatedBooth) -> None:
    """The police sign the department's role: refused by its code, and reported."""
    show(office, booth)
    office.publish("essentials", "dic", item("mới"))
    meta = office.meta()
    name = next(name for name in meta.files if name.endswith(".dic.json"))
    role = Metadata.from_bytes(meta.files[name].encode())
    with office.changing() as change:
        delegation, keys = change.delegation("police"), change.read("targets").delegations.keys
    (police,) = Keyring(office.home.keys).signers("police", delegation, keys)
    role.sign(police)
    booth.inject(
        topics.META.at(), msgspec.structs.replace(meta, files=meta.files | {name: role.to_bytes().decode()}).to_bytes()
    )
    refuses(booth, STREAM, "E_AUTHORITY")


def test_territory_needs_foreign_affairs(office: Office, booth: SimulatedBooth, tmp_path: Path) -> None:
    """Whatever the category: refused until the very head is co-signed, then shown."""
    show(office, booth)
    hide = [path.rename(tmp_path / path.name) for path in office.home.keys.glob("foreign-affairs-*")]
    office.publish("essentials", "dic", item("bản đồ"), territory=True)
    booth.follow_office()
    refuses(booth, STREAM, "E_COSIGN")
    for path in hide:
        path.rename(office.home.keys / path.name)
    office.cosign("essentials", "dic")
    booth.follow_office()
    assert booth.run(until=lambda: booth.shows(PAGE) == "bản đồ".encode())
    booth.run(2.0)
    assert STREAM not in booth.codes()


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"path": "/etc/passwd"}, "E_PATH"),
        ({"path": "../../../identity/key.pem"}, "E_PATH"),
        ({"path": "a/./b"}, "E_PATH"),
        ({"path": "money/VI.md"}, "E_DUPLICATE"),
        ({"path": "x", "size": -1}, "E_MALFORMED"),
        ({"path": "x", "sha256": "zz"}, "E_MALFORMED"),
    ],
)
def test_a_file_list_that_leaves_its_folder_or_contradicts_itself_is_refused(
    office: Office, booth: SimulatedBooth, entry: dict[str, object], code: str
) -> None:
    show(office, booth)
    good = {"path": "money/vi.md", "sha256": "0" * 64, "size": 3}
    listing = {"schema": "files/1", "files": [good, good | entry]}
    publish_list(office, json.dumps(listing).encode())
    booth.follow_office()
    refuses(booth, STREAM, code)


def test_an_unknown_major_version_is_refused(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    publish_list(office, b'{"schema":"files/2","files":[]}')
    booth.follow_office()
    refuses(booth, STREAM, "E_SCHEMA")


@pytest.mark.parametrize(("data", "code"), [(b"other bytes!", "E_DIGEST"), (b"short", "E_SIZE")])
def test_bytes_that_were_not_signed_are_not_kept(office: Office, booth: SimulatedBooth, data: bytes, code: str) -> None:
    """A broken-in broker puts something else under a digest: refused, and fetched from the chunk server instead."""
    show(office, booth)
    office.publish("essentials", "dic", item("hello bytes!"))
    digest = next(digest for digest in _digests(office) if office.object(digest) == b"hello bytes!")
    topic = topics.INLINE.at(digest=digest)
    booth.overrides[topic] = pack(data)
    booth.follow_office()

    assert booth.run(until=lambda: booth.shows(PAGE) == b"hello bytes!")
    booth.run(2.0)

    assert booth.codes()[f"inline/{digest[:12]}"] == code


def _digests(office: Office) -> list[str]:
    return [path.name for path in office.home.objects.glob("*/*")]


def test_a_release_for_other_gates_is_refused(office: Office, booth: SimulatedBooth) -> None:
    """An office that was broken into assigns it all the same: the audience is signed by the agency."""
    show(office, booth)
    body = office.build("essentials", "dic", item("mới"), gates=("hai-phong-port",))
    with office.changing() as change:
        change.list_target("dic", "essentials/dic/release.json", body.head_bytes)
    booth.follow_office()
    refuses(booth, STREAM, "E_AUDIENCE")


def test_a_number_is_used_once(office: Office, booth: SimulatedBooth) -> None:
    """Two different releases of one number: what is shown stays what was shown."""
    show(office, booth)
    body = office.build("essentials", "dic", item("khác"), number=1)
    with office.changing() as change:
        change.list_target("dic", "essentials/dic/release.json", body.head_bytes)
    booth.follow_office()
    refuses(booth, STREAM, "E_ROLLBACK")


def test_a_frame_beyond_its_index_is_refused(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    film = noise(1_000_000)
    office.publish("essentials", "dic", item("mới", **{"film.mp4": film}))
    booth.follow_office()
    booth.run(until=lambda: len(booth.asked) > 0)
    digest = booth.asked[0][0]
    booth.inject(topics.BLOB.at(gate="cat-bi", digest=digest), pack(b"x", 4_000_000), Plane.BULK)

    assert booth.run(until=lambda: booth.shows(PAGE) == "mới".encode())
    booth.run(2.0)
    assert booth.codes()[f"blob/{digest[:12]}"] == "E_FRAME"


def test_a_release_that_will_not_fit_is_refused_before_it_is_fetched(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    listing = {"schema": "files/1", "files": [{"path": "x.mp4", "sha256": "1" * 64, "size": 2**40}]}
    publish_list(office, json.dumps(listing).encode())
    booth.follow_office()
    refuses(booth, STREAM, "E_DISK")
    assert booth.asked == []


def test_an_item_that_cannot_be_shown_keeps_its_release_off(office: Office, booth: SimulatedBooth) -> None:
    """The other streams switch without it."""
    show(office, booth)
    broken = item("hỏng") | {"money/item.json": b"{}"}
    office.publish("essentials", "dic", broken)
    office.publish("city", "dic", {"a.txt": b"a"})
    booth.follow_office()

    assert booth.run(until=lambda: booth.shows("city/dic/a.txt") == b"a")
    refuses(booth, STREAM, "E_PREPARE")


def test_a_late_will_of_an_earlier_connection_is_corrected(office: Office, booth: SimulatedBooth) -> None:
    """Else the office would believe that the booth is gone."""
    show(office, booth)
    booth.published.clear()
    will = Conn(booth="cb-01", online=False, boot="simulated-boot", connection=1)
    booth.inject(topics.CONN.at(booth="cb-01"), encode(will))

    said = [message for message in booth.published if topics.CONN.match(message.topic)]
    assert [msgspec.json.decode(message.payload)["online"] for message in said] == [True]
