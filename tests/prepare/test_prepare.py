"""Laws of the preparation: whatever cannot be shown is named before it is shown, and nothing is done twice."""

import io
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from appliance.content.store import Store
from appliance.player import content
from appliance.prepare.verdict import At, Verdict, of_line, stream_of, to_line
from appliance.services.prepare import prepare
from mqtt.contract.errors import ErrorCode
from tests.content.conftest import Power
from tests.prepare.conftest import SCREEN, Bench

Draw = Callable[..., bytes]
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has this many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10))) + chunk(b"IEND", b"")
    )


def test_a_still_larger_than_the_screen_is_scaled_and_the_player_takes_it(bench: Bench, draw: Draw) -> None:
    number = bench.stage({"big.png": draw(), "small.png": draw(64, 48)}, "big.png", "small.png")
    assert prepare(bench.task(number)) == Verdict()
    unprepared = bench.store.activate({"programme/dic": 1}, ("dic",))
    plain = content.read(bench.layout, "cat-bi", NOW)
    bench.store.sets.show(number)
    big, small = content.read(bench.layout, "cat-bi", NOW).entries
    with Image.open(big.frame.file) as scaled:
        assert scaled.size == (240, 180), "as large as fits, its shape kept"
    assert bench.layout.derived_of(number) in big.frame.file.parents
    assert small.frame.file.name == "small.png"
    assert unprepared != number
    assert [one.identity for one in plain.entries] == [big.identity, small.identity], "the same item on the screen"


@pytest.mark.parametrize(
    ("mode", "form", "suffix"),
    [
        ("L", "PNG", "png"),
        ("P", "PNG", "png"),
        ("RGBA", "WEBP", "webp"),
        ("CMYK", "JPEG", "jpg"),
        ("RGB", "JPEG", "JPG"),
    ],
)
def test_every_kind_of_picture_is_scaled(bench: Bench, draw: Draw, mode: str, form: str, suffix: str) -> None:
    number = bench.stage({f"a.{suffix}": draw(mode=mode, form=form)}, f"a.{suffix}")
    assert prepare(bench.task(number)) == Verdict()
    (scaled,) = bench.layout.derived_of(number).rglob(f"{SCREEN}/*.png")
    with Image.open(scaled) as image:
        image.load()
        assert image.size == (240, 180)


def test_a_picture_that_a_camera_turned_is_left_to_the_player(bench: Bench) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (640, 480)).save(file, "JPEG", exif=exif)
    assert prepare(bench.task(bench.stage({"a.jpg": file.getvalue()}, "a.jpg"))) == Verdict()
    assert not list(bench.layout.derived.rglob("*.png"))


@pytest.mark.parametrize("kind", ["cut", "suffix", "bomb", "huge", "empty", "text", "header", "noise"])
def test_a_hostile_picture_is_named_and_nothing_is_made_of_it(bench: Bench, draw: Draw, kind: str) -> None:
    """Also one that no page and no programme names: it came with the release."""
    good = draw()
    bad = {
        "cut": good[: len(good) // 2],
        "suffix": draw(form="JPEG"),
        "bomb": bomb(60_000, 60_000),
        "huge": bomb(8000, 8000),
        "empty": b"",
        "text": b"<svg onload=alert(1)>",
        "header": bomb(100, 100),
        "noise": good[:64] + bytes(b ^ 0x5A for b in good[64:]),
    }[kind]
    number = bench.stage({"good.png": good, "bad.png": bad}, "good.png")
    before = bench.tree()
    verdict = prepare(bench.task(number))
    assert (verdict.code, verdict.item) == (ErrorCode.PREPARE, "programme/dic/bad.png")
    assert verdict.detail
    assert bench.tree() == before
    assert not list(bench.layout.derived.rglob("*.*"))


def test_a_video_whose_first_frame_decodes_is_fine(bench: Bench, film: bytes) -> None:
    assert prepare(bench.task(bench.stage({"film.mp4": film}, "film.mp4"))) == Verdict()


@pytest.mark.parametrize("kind", ["spoilt", "cut", "zeros", "list", "empty", "picture"])
def test_a_video_whose_first_frame_does_not_decode_is_named(bench: Bench, draw: Draw, film: bytes, kind: str) -> None:
    """What looks like a video from outside, too: the bytes of its frames are spoilt, its tables are whole."""
    data_at = film.index(b"mdat") + 4
    bad = {
        "spoilt": film[:data_at] + bytes(len(film) - data_at),
        "cut": film[: data_at + 10],
        "zeros": bytes(5000),
        "list": b"#EXTM3U\n/etc/hostname\n",
        "empty": b"",
        "picture": draw(),
    }[kind]
    verdict = prepare(bench.task(bench.stage({"film.mp4": bad}, "film.mp4")))
    assert (verdict.code, verdict.item) == (ErrorCode.PREPARE, "programme/dic/film.mp4")


def test_a_document_that_is_none_is_named(bench: Bench) -> None:
    assert prepare(bench.task(bench.stage({"a.pdf": b"%PDF-1.7\n"}))) == Verdict()
    verdict = prepare(bench.task(bench.stage({"a.pdf": b"MZ"})))
    assert (verdict.code, verdict.item) == (ErrorCode.PREPARE, "programme/dic/a.pdf")


def test_a_second_preparation_makes_the_same_of_it(bench: Bench, draw: Draw) -> None:
    number = bench.stage({"a.png": draw()}, "a.png")
    prepare(bench.task(number))
    made = {path: path.stat().st_ino for path in bench.layout.derived.rglob("*.png")}
    assert prepare(bench.task(number)) == Verdict()
    assert made == {path: path.stat().st_ino for path in bench.layout.derived.rglob("*.png")} != {}


def test_what_an_earlier_set_had_is_neither_decoded_nor_scaled_again(bench: Bench, draw: Draw) -> None:
    """Five pages of 2,400 edited: five are looked at. What was made before is the same file, by another name."""
    first = bench.stage({"a.png": draw(), "b.png": draw(seed=5)}, "a.png")
    prepare(bench.task(first))
    second = bench.stage({"moved.png": draw(), "b.png": draw(seed=5), "c.png": draw(seed=9)}, "moved.png")
    assert prepare(bench.task(second)) == Verdict()
    assert bench.looked_at == ["programme/dic/c.png", "programme/dic/moved.png"], "decoded one, scaled (linked) one"
    (old,), (new,) = (list(bench.layout.derived_of(one).rglob("*.png")) for one in (first, second))
    assert old.stat().st_ino == new.stat().st_ino
    bench.store.sets.drop(first)
    assert new.stat().st_size > 0


def test_other_software_looks_again(bench: Bench, draw: Draw) -> None:
    """What one decoder could read another may not."""
    prepare(bench.task(bench.stage({"a.png": draw()})))
    number = bench.stage({"a.png": draw(), "b.md": b"x"})
    prepare(bench.task(number, software="2"))
    assert bench.looked_at == ["programme/dic/a.png"]


def test_a_set_that_is_not_here_is_no_release_to_blame(bench: Bench) -> None:
    verdict = prepare(bench.task(7))
    assert (verdict.code, verdict.item) == (ErrorCode.DISK, None)


def test_a_cut_at_any_step_leaves_nothing_half_made_and_the_next_try_ends_well(
    bench: Bench, draw: Draw, power: Power
) -> None:
    """Nothing is shown, and nothing that is there by its name is less than whole."""
    bench.store.activate({}, ())
    number = bench.stage({"a.png": draw(), "b.png": draw(seed=5)}, "a.png", "b.png")

    def work() -> None:
        assert prepare(bench.task(number)) == Verdict()

    def after() -> None:
        shown = Store(bench.layout).shown()
        assert shown is not None
        assert shown.number == 1
        for path in bench.layout.derived.rglob("*.png"):
            with Image.open(path) as image:
                image.load()

    assert power.cut_at_every_step(work, after) > 10
    work()
    assert len(list(bench.layout.derived_of(number).rglob("*.png"))) == 2


@pytest.mark.parametrize("said", [At(item="a/b/c"), Verdict(), Verdict(code=ErrorCode.DISK, detail="x")])
def test_a_line_says_what_was_said(said: Any) -> None:
    assert of_line(to_line(said)) == said


@pytest.mark.parametrize(
    "line", [b"", b"{", b'{"type":"at"}\n', b'{"type":"x"}', b"x" * 100_000, b'{"type":"at","item":5}']
)
def test_a_line_that_is_not_ours_is_not_heard(line: bytes) -> None:
    assert of_line(line) is None


def test_an_item_belongs_to_a_stream() -> None:
    assert stream_of("city/dic/port/cover.png") == "city/dic"
    assert stream_of("city/dic") is stream_of(None) is None
