"""Laws of reading the programme from a content set."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from appliance.content.catalogue import SET_FILE, SetFile
from appliance.content.layout import Layout
from appliance.errors import ErrorCode, RefusedError
from appliance.player.content import Content, read
from mqtt.contract.documents import encode
from mqtt.contract.items import PROGRAMME_FILE, ProgrammeDocument, ProgrammeItem

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def lay_out(layout: Layout, number: int, *items: ProgrammeItem) -> Path:
    """Lay out a set with one release as the store does; its files folder."""
    files = layout.release("programme", "city", number) / "files"
    files.mkdir(parents=True)
    (files / PROGRAMME_FILE).write_bytes(encode(ProgrammeDocument(items=items)))
    folder = layout.sets / str(number)
    (folder / "programme").mkdir(parents=True)
    (folder / "programme/city").symlink_to(files.parent)
    (folder / SET_FILE).write_bytes(msgspec.json.encode(SetFile(number, {"programme/city": number}, ("city",))))
    layout.current.unlink(missing_ok=True)
    layout.current.symlink_to(f"sets/{number}")
    return files


def test_before_the_first_set_there_is_nothing(layout: Layout) -> None:
    """A booth from the carton: no error, the slate."""
    assert read(layout, "cat-bi", NOW) == Content(None, ())


def test_a_file_that_two_releases_share_keeps_its_stamp(layout: Layout) -> None:
    """So that a release which changes only other files does not interrupt the screen."""
    item = ProgrammeItem(id="welcome", file="welcome.png")
    first = lay_out(layout, 1, item)
    (first / "welcome.png").write_bytes(b"same")
    before = read(layout, "cat-bi", NOW)
    os.link(first / "welcome.png", lay_out(layout, 2, item) / "welcome.png")

    after = read(layout, "cat-bi", NOW)

    assert (before.number, after.number) == (1, 2)
    assert before.entries[0].identity == after.entries[0].identity


def test_a_file_with_other_bytes_has_another_stamp(layout: Layout) -> None:
    """That is the news."""
    item = ProgrammeItem(id="welcome", file="welcome.png")
    (lay_out(layout, 1, item) / "welcome.png").write_bytes(b"old!")
    before = read(layout, "cat-bi", NOW)
    (lay_out(layout, 2, item) / "welcome.png").write_bytes(b"new!")

    assert read(layout, "cat-bi", NOW).entries[0].identity != before.entries[0].identity


def test_a_missing_file_does_not_take_the_others_off_the_screen(layout: Layout) -> None:
    """A damaged card: the player skips what it cannot open."""
    files = lay_out(layout, 1, ProgrammeItem(id="gone", file="gone.png"), ProgrammeItem(id="here", file="here.png"))
    (files / "here.png").write_bytes(b"x")

    assert [entry.frame.id for entry in read(layout, "cat-bi", NOW).entries] == ["gone", "here"]


def test_frames_of_other_gates_are_left_out(layout: Layout) -> None:
    """One release serves several gates."""
    lay_out(
        layout,
        1,
        ProgrammeItem(id="airport", file="a.png", gates=("cat-bi",)),
        ProgrammeItem(id="seaport", file="b.png", gates=("hai-phong-port",)),
    )

    assert [entry.frame.id for entry in read(layout, "cat-bi", NOW).entries] == ["airport"]


def test_a_set_that_cannot_be_read_is_refused_by_name(layout: Layout) -> None:
    """The player goes on with what it has."""
    (lay_out(layout, 7) / PROGRAMME_FILE).write_bytes(b"{")

    with pytest.raises(RefusedError, match="content set 7") as caught:
        read(layout, "cat-bi", NOW)

    assert caught.value.code is ErrorCode.PREPARE
