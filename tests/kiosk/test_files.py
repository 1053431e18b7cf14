"""Files of the set: exactly those that items in force list, with their right type, in parts, kept by the browser."""

import os
import re

import pytest

from tests.booths import item
from tests.kiosk.conftest import Kiosk

MONEY = "essentials/dic/money"
VIDEO = bytes(range(256)) * 40


def address(kiosk: Kiosk, name: str) -> str:
    found = re.search(rf"/files/\w+/{MONEY}/{re.escape(name)}", kiosk.text(f"/vi/{MONEY}"))
    assert found
    return found[0]


def test_a_film_is_served_in_parts(kiosk: Kiosk) -> None:
    kiosk.shows(item(media={"film.mp4": VIDEO}))
    url = address(kiosk, "film.mp4")
    whole = kiosk.get(url)
    assert (whole.data, whole.mimetype) == (VIDEO, "video/mp4")
    part = kiosk.get(url, 206, Range="bytes=100-199")
    assert part.data == VIDEO[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(VIDEO)}"
    kiosk.get(url, 416, Range="bytes=999999-")


def test_the_browser_keeps_a_file_for_ever_and_asks_cheaply(kiosk: Kiosk) -> None:
    kiosk.shows(item(media={"cover.png": b"one"}))
    url = address(kiosk, "cover.png")
    answer = kiosk.get(url)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.headers["ETag"].startswith("W/")
    assert kiosk.get(url, 304, If_None_Match=answer.headers["ETag"]).data == b""


def test_another_set_with_the_same_picture_keeps_its_address(kiosk: Kiosk) -> None:
    """So that an edit of a text does not make every picture load again."""
    kiosk.shows(item(media={"cover.png": b"same"}))
    before = address(kiosk, "cover.png")
    kiosk.shows(item(texts={"vi": ("Khác", "Khác.")}, media={"cover.png": b"same"}))
    assert address(kiosk, "cover.png") == before


def test_an_old_address_leads_to_the_new_picture(kiosk: Kiosk) -> None:
    """An open page asks for a picture just when the set changes; stale bytes must not be kept under a new name."""
    kiosk.shows(item(media={"cover.png": b"old"}))
    before = address(kiosk, "cover.png")
    kiosk.shows(item(media={"cover.png": b"new"}))
    answer = kiosk.get(before, 302)
    assert answer.location == address(kiosk, "cover.png") != before
    assert "immutable" not in answer.headers.get("Cache-Control", "")
    assert kiosk.get(answer.location).data == b"new"


@pytest.mark.parametrize(
    "name",
    [
        "vi.md",
        "item.json",
        "stray.png",
        "../money/cover.png",
        "..%2f..%2fhead.json",
        "%2e%2e/%2e%2e/list.json",
        "cover.png%00",
        "",
    ],
)
def test_only_listed_media_are_served(kiosk: Kiosk, name: str) -> None:
    kiosk.shows(item(media={"cover.png": b"x"}))
    folder = kiosk.shelf.catalogue.items[0].folder  # type: ignore[union-attr]
    (folder / "stray.png").write_bytes(b"not listed")
    kiosk.get(f"/files/x/{MONEY}/{name}", 404)


def test_a_listed_name_that_is_no_medium_opens_nothing(kiosk: Kiosk) -> None:
    """An agency's signature covers the list, it does not open the booth: not by path, not by link, not by kind."""
    secret = kiosk.booth.folder / "secret.png"
    secret.write_bytes(b"secret")
    release = kiosk.booth.layout.release("essentials", "dic", 1) / "files/money"
    climbing = os.path.relpath(secret, release)
    kiosk.shows(item(media={"cover.png": b"x", "link.png": b"", "page.html": b"<script>"}))
    (release / "link.png").unlink()
    (release / "link.png").symlink_to(secret)
    for name in (climbing, climbing.replace("/", "%2f"), "page.html", "link.png"):
        kiosk.get(f"/files/x/{MONEY}/{name}", 404)
    page = kiosk.text(f"/vi/{MONEY}")
    assert "cover.png" in page
    assert "secret" not in page


def test_files_of_items_not_in_force_are_not_served(kiosk: Kiosk) -> None:
    kiosk.shows(item(media={"cover.png": b"x"}))
    url = address(kiosk, "cover.png")
    kiosk.shows(item(media={"cover.png": b"x"}, gates=("hai-phong-port",)))
    kiosk.get(url, 404)
