"""The page follows the content set, and keeps what it has when another cannot be read."""

import time
from collections.abc import Callable

import pytest

from appliance.kiosk.shelf import Follower
from tests.booths import item
from tests.kiosk.conftest import Kiosk


def until(condition: Callable[[], bool], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.005)
    return time.monotonic() - began


def test_a_switch_is_seen_at_once(kiosk: Kiosk) -> None:
    """``current`` is renamed; nobody polls."""
    first = kiosk.booth.publish(item())
    with Follower(kiosk.shelf, kiosk.booth.layout):
        assert kiosk.get("/now").json == {"version": f"{first}.20261125.1.vi-en-zh-lo-km"}
        second = kiosk.booth.publish(item("law/dic/rules"))
        assert until(lambda: kiosk.shelf.catalogue is not None and kiosk.shelf.catalogue.number == second) < 1.0
    assert kiosk.get("/now").json == {"version": f"{second}.20261125.1.vi-en-zh-lo-km"}
    kiosk.get("/vi/essentials", 404)


def test_the_first_set_is_seen_by_a_booth_from_the_carton(kiosk: Kiosk) -> None:
    with Follower(kiosk.shelf, kiosk.booth.layout):
        assert kiosk.shelf.catalogue is None
        kiosk.booth.publish(item())
        until(lambda: kiosk.shelf.catalogue is not None)


def test_a_set_that_cannot_be_read_keeps_the_old_one_and_is_said_once(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk.shows(item())
    number = kiosk.booth.publish(item("law/dic/rules"))
    (kiosk.booth.layout.sets / str(number) / "set.json").write_text("{broken", "utf-8")
    for _ in range(3):
        kiosk.shelf.look()
    assert "Đổi ở quầy" in kiosk.text("/vi/essentials/dic/money")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "E_PREPARE" in caplog.text

    kiosk.shows(item("law/dic/rules"))
    kiosk.get("/vi/law/dic/rules")


def test_a_lost_link_keeps_the_pages(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    kiosk.booth.layout.current.unlink()
    kiosk.shelf.look()
    kiosk.get("/vi/essentials/dic/money")
