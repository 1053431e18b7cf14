"""Laws of the stick: what was signed for this gate is shown, without any line; anything else changes nothing."""

import json
import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.sticks import UsbFact, UsbState
from appliance.sync.sticks import PARTS
from mqtt.contract.errors import ErrorCode
from mqtt.contract.stick import ASSIGN_FILE, CURRENT_FILE, FOLDER, META_FILE
from tests.practice_office import REGULATION, Office
from tests.sync.simulated import SimulatedBooth
from tests.usb.conftest import Port, export, new_booth

PAGE = "essentials/dic/money/vi.md"
FILM = "essentials/dic/money/film.mp4"


def item(text: str, **files: bytes) -> dict[str, bytes]:
    document = {
        "schema": "item/1", "category": "essentials", "agency": "dic", "slug": "money", "gates": ["*"],
        "visitors": ["everyone"], "order": 1, "as_of": "2026-11-20", "valid_from": "2026-01-01", "valid_until": None,
        "source": "x", "sample": True, "texts": {"vi": {"title": text}}, "media": sorted(files),
    }  # fmt: skip
    return {"money/item.json": json.dumps(document).encode(), "money/vi.md": text.encode()} | {
        f"money/{name}": data for name, data in files.items()
    }


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def state(booth: SimulatedBooth) -> tuple[object, ...]:
    """What a refused stick must not change."""
    inbox = {path.name: path.read_bytes() for path in (booth.folder / "trust/inbox").iterdir()}
    return inbox, booth.trust.versions, booth.store.shown(), booth.shows(PAGE)


def fact(booth: SimulatedBooth) -> UsbFact:
    assert booth.session.usb is not None
    return booth.session.usb


def refused(booth: SimulatedBooth) -> ErrorCode | None:
    assert fact(booth).state is UsbState.REFUSED
    return fact(booth).code


def reported(booth: SimulatedBooth) -> dict[str, ErrorCode]:
    return {refusal.subject: refusal.code for refusal in booth.session._refusals.all}


def test_a_booth_that_was_never_online_shows_what_a_stick_brings(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    """The first content of a booth needs no line at all."""
    film = noise(3_000_000)
    office.publish("essentials", "dic", item("Đổi tiền", **{"film.mp4": film}))
    export(office, port.folder / "sda1")

    port.run()

    assert booth.shows(PAGE) == "Đổi tiền".encode()
    assert booth.shows(FILM) == film
    assert (fact(booth).state, fact(booth).code) == (UsbState.DONE, None)
    assert fact(booth).done == fact(booth).total > len(film)
    assert "stick" not in reported(booth)


def test_the_same_stick_again_says_that_there_is_nothing_new(office: Office, booth: SimulatedBooth, port: Port) -> None:
    office.publish("essentials", "dic", item("a"))
    export(office, port.folder / "sda1")
    port.run()
    away = port.pull_out("sda1")
    port.run()
    assert fact(booth).state is UsbState.DONE, "taken out after the end is no interruption"
    away.rename(port.folder / "sda1")
    port.run()
    assert (fact(booth).state, fact(booth).done) == (UsbState.CURRENT, 0)


def test_the_office_hears_of_a_refused_stick(office: Office, booth: SimulatedBooth, port: Port) -> None:
    office.publish("essentials", "dic", item("a"))
    export(office, port.folder / "sda1", "hai-phong-port")
    port.run()
    booth.follow_office()
    booth.connect()
    booth.run(2.0)
    assert booth.codes()["stick"] == "E_AUDIENCE"


def test_small_pages_by_the_thousand_are_read_a_few_at_a_time(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    """Memory and time of the agent stay bounded however many files there are."""
    pages = {f"money/{number}.txt": str(number).encode() for number in range(300)}
    office.publish("essentials", "dic", item("a") | pages)
    export(office, port.folder / "sda1")
    most = 0
    while port.step():
        most = max(most, sum(len(wanted.parts) for wanted in port.wanted))
    assert booth.shows("essentials/dic/money/299.txt") == b"299"
    assert 0 < most <= PARTS


def test_an_edit_reads_only_what_is_new(office: Office, booth: SimulatedBooth, port: Port) -> None:
    film = noise(2_000_000)
    office.publish("essentials", "dic", item("cũ", **{"film.mp4": film}))
    export(office, port.folder / "sda1")
    port.run()
    office.publish("essentials", "dic", item("mới", **{"film.mp4": film[:1_000_000] + b"cut" + film[1_000_000:]}))
    export(office, port.folder / "sdb1")
    port.run()
    assert booth.shows(PAGE) == "mới".encode()
    assert fact(booth).done < 400_000


@pytest.mark.parametrize("seed", range(8))
def test_pulled_out_at_any_moment_it_goes_on_where_it_was(
    office: Office, booth: SimulatedBooth, port: Port, seed: int
) -> None:
    """Nothing is torn, what was shown stays, and no verified byte is read twice."""
    dice = random.Random(seed)
    office.publish("essentials", "dic", item("cũ"))
    export(office, port.folder / "sda1")
    port.run()
    film = noise(9_000_000, seed)
    office.publish("essentials", "dic", item("mới", **{"film.mp4": film}))
    export(office, port.folder / "sda1")
    away = port.pull_out("sda1")
    port.run()
    read = 0
    for _ in range(3):
        away.rename(port.folder / "sda1")
        for _ in range(dice.randrange(1, 12)):
            port.step()
        if booth.shows(PAGE) == "mới".encode():
            break
        assert booth.shows(PAGE) == "cũ".encode()
        read += fact(booth).done
        away = port.pull_out("sda1")
        port.run()
        assert fact(booth).state is UsbState.REMOVED
    else:
        away.rename(port.folder / "sda1")
    port.run()
    assert booth.shows(FILM) == film
    assert fact(booth).state in {UsbState.DONE, UsbState.CURRENT}, "current, if all was read before it was pulled out"
    assert read + fact(booth).done < len(film) * 1.05


def test_the_plug_of_the_booth_pulled_while_reading_loses_nothing(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    film = noise(9_000_000)
    office.publish("essentials", "dic", item("a", **{"film.mp4": film}))
    export(office, port.folder / "sda1")
    for _ in range(6):
        port.step()
    before = fact(booth).done
    assert 0 < before < len(film)
    booth.power_off()
    booth.power_on()
    again = Port(booth, port.folder)
    again.run()
    assert booth.shows(FILM) == film
    assert fact(booth).done < len(film) - before + 500_000


def test_an_older_stick_is_refused_and_changes_nothing(office: Office, booth: SimulatedBooth, port: Port) -> None:
    office.publish("essentials", "dic", item("cũ"))
    export(office, port.folder.parent / "old")
    office.publish("essentials", "dic", item("mới"))
    export(office, port.folder / "sda1")
    port.run()
    before = state(booth)
    (port.folder.parent / "old").rename(port.folder / "sdb1")
    port.run()
    assert refused(booth) is ErrorCode.ROLLBACK
    assert state(booth) == before
    assert reported(booth)["stick"] is ErrorCode.ROLLBACK


def test_an_older_stick_still_lends_blobs_that_newer_metadata_names(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    """The timestamp is signed anew each few hours: yesterday's stick must still spare a thin line its video."""
    film = noise(3_000_000)
    office.publish("essentials", "dic", item("a", **{"film.mp4": film}))
    export(office, port.folder / "sda1")
    office.fixed_now += timedelta(hours=7)  # type: ignore[operator]
    assert office.renew()
    away = port.pull_out("sda1")
    booth.follow_office()
    booth.connect()
    booth.run(0.2)
    booth.disconnect()
    asked = len(booth.asked)
    away.rename(port.folder / "sda1")
    port.run()
    assert booth.shows(FILM) == film
    assert len(booth.asked) == asked < 10
    assert fact(booth).state is UsbState.DONE


def test_a_stick_of_another_office_is_refused(
    office: Office, booth: SimulatedBooth, port: Port, tmp_path: Path
) -> None:
    office.publish("essentials", "dic", item("ours"))
    export(office, port.folder / "sda1")
    port.run()
    before = state(booth)
    (tmp_path / "other").mkdir()
    other_keys = REGULATION + "# another office"
    with Office(tmp_path / "other", now=office.now, regulation=other_keys) as stranger:
        stranger.add_booth("cb-01")
        for text in ("a", "b", "c"):
            stranger.publish("essentials", "dic", item(text))
        export(stranger, port.folder / "sdb1")
    port.run()
    assert refused(booth) is ErrorCode.SIGNATURE
    assert state(booth) == before
    assert reported(booth)["stick"] is ErrorCode.SIGNATURE


def test_an_expired_stick_is_refused_and_what_is_shown_stays(office: Office, booth: SimulatedBooth, port: Port) -> None:
    """Expiry gates installs, never the screen."""
    office.publish("essentials", "dic", item("cũ"))
    export(office, port.folder / "sda1")
    port.run()
    office.publish("essentials", "dic", item("mới"))
    export(office, port.folder / "sdb1")
    booth.clock.seconds += timedelta(days=20).total_seconds()
    before = state(booth)
    port.run()
    assert refused(booth) is ErrorCode.EXPIRED
    assert state(booth) == before
    assert booth.shows(PAGE) == "cũ".encode()


def test_a_stick_for_another_gate_is_refused(office: Office, booth: SimulatedBooth, port: Port) -> None:
    office.publish("essentials", "dic", item("a"))
    before = state(booth)
    export(office, port.folder / "sda1", "hai-phong-port")
    port.run()
    assert refused(booth) is ErrorCode.AUDIENCE
    assert state(booth) == before


@pytest.mark.parametrize("spoilt", [b"", b"{}", b'{"schema":"assign/1"}'])
def test_another_assignment_than_the_signed_one_is_refused(
    office: Office, booth: SimulatedBooth, port: Port, spoilt: bytes
) -> None:
    office.publish("essentials", "dic", item("a"))
    before = state(booth)
    place = export(office, port.folder / "sda1")
    next((place / FOLDER / "states").glob(f"*/{ASSIGN_FILE}")).write_bytes(spoilt)
    port.run()
    assert refused(booth) is ErrorCode.SIGNATURE
    assert state(booth) == before


def test_a_false_root_on_a_stick_never_takes_the_place_of_a_true_one(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    """Roots are kept only after they were verified: a poisoned inbox would lock the booth out of every later set."""
    office.publish("essentials", "dic", item("cũ"))
    export(office, port.folder / "sda1")
    port.run()
    with office.changing() as change:
        change.edit("root")
    office.publish("essentials", "dic", item("mới"))
    place = export(office, port.folder / "sdb1")
    root = next((place / FOLDER / "states").glob("*/root.2.json"))
    good = root.read_bytes()
    root.write_bytes(good.replace(b'"version":2', b'"version":9'))
    before = state(booth)
    port.run()
    assert refused(booth) in {ErrorCode.SIGNATURE, ErrorCode.ROLLBACK, ErrorCode.MALFORMED}
    assert state(booth) == before
    root.write_bytes(good)
    shutil.move(place, port.folder / "sdc1")
    port.run()
    assert booth.shows(PAGE) == "mới".encode()
    assert booth.trust.versions["root"] == 2


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_truncated_metadata_is_refused(office: Office, booth: SimulatedBooth, port: Port, share: float) -> None:
    office.publish("essentials", "dic", item("a"))
    before = state(booth)
    place = export(office, port.folder / "sda1")
    meta = next((place / FOLDER / "states").glob(f"*/{META_FILE}"))
    meta.write_bytes(meta.read_bytes()[: int(meta.stat().st_size * share)])
    port.run()
    assert refused(booth) in {ErrorCode.MALFORMED, ErrorCode.FRAME, ErrorCode.SIZE}
    assert state(booth) == before


def test_spoilt_bytes_are_never_shown_and_a_good_stick_goes_on(
    office: Office, booth: SimulatedBooth, port: Port
) -> None:
    film = noise(3_000_000)
    office.publish("essentials", "dic", item("a", **{"film.mp4": film}))
    place = export(office, port.folder / "sda1")
    (blob,) = [path for path in (place / FOLDER / "objects").glob("*/*") if path.stat().st_size == len(film)]
    blob.write_bytes(film[:1_500_000] + b"X" + film[1_500_001:])
    port.run()
    assert refused(booth) is ErrorCode.DIGEST
    assert booth.shows(PAGE) is None
    export(office, port.folder / "sdb1")
    port.run()
    assert booth.shows(FILM) == film


def test_two_sticks_share_the_work(office: Office, booth: SimulatedBooth, port: Port) -> None:
    """Each lacks what the other has."""
    office.publish("essentials", "dic", item("a", **{"film.mp4": noise(500_000), "more.mp4": noise(500_000, 2)}))
    for name, seed in (("sda1", 1), ("sdb1", 2)):
        place = export(office, port.folder / name)
        for path in (place / FOLDER / "objects").glob("*/*"):
            if path.read_bytes() == noise(500_000, seed):
                path.unlink()
    port.run()
    assert booth.shows(PAGE) == b"a"
    assert fact(booth).state is UsbState.DONE


def test_wire_and_stick_meet_in_the_middle(office: Office, booth: SimulatedBooth, port: Port) -> None:
    """Neither waits for the other, and hardly a byte comes twice."""
    film = noise(6_000_000)
    office.publish("essentials", "dic", item("a", **{"film.mp4": film}))
    booth.follow_office()
    booth.connect()
    assert booth.run(until=lambda: len(booth.asked) > 10)
    export(office, port.folder / "sda1")
    port.dock_after = lambda _: booth.run(0.02) and None
    port.run()
    assert booth.run(until=lambda: booth.shows(FILM) == film)
    over_wire = sum(number >= 0 for _, number in booth.asked)
    assert 10 < over_wire < 80
    assert fact(booth).done > 1_000_000


def test_no_space_is_said_before_anything_is_read(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish("essentials", "dic", item("a", **{"film.mp4": noise(3_000_000)}))
    booth = new_booth(office, tmp_path / "full")
    port = Port(booth, tmp_path / "run/full")
    monkeypatch.setattr(type(booth.store), "free_bytes", 1_000_000)
    export(office, port.folder / "sda1")
    port.run()
    assert refused(booth) is ErrorCode.DISK
    assert fact(booth).done < 100_000


def test_a_foreign_stick_is_named_as_such(booth: SimulatedBooth, port: Port) -> None:
    (port.folder / "sda1/Photos").mkdir(parents=True)
    before = state(booth)
    port.run()
    assert refused(booth) is ErrorCode.SCHEMA
    assert state(booth) == before


def test_an_empty_folder_is_a_stick_not_yet_mounted(booth: SimulatedBooth, port: Port) -> None:
    (port.folder / "sda1").mkdir()
    port.run()
    assert booth.session.usb is None


def test_a_later_format_is_left_alone(office: Office, booth: SimulatedBooth, port: Port) -> None:
    place = export(office, port.folder / "sda1")
    current = place / FOLDER / CURRENT_FILE
    current.write_bytes(current.read_bytes().replace(b"stick/1", b"stick/2"))
    port.run()
    assert refused(booth) is ErrorCode.SCHEMA
