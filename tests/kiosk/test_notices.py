"""Notices on the look-up page."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.kiosk.app import create_app
from appliance.kiosk.edition import Desk
from appliance.kiosk.glass import Glass
from appliance.lib.clock import Clock
from appliance.lib.words import Words
from appliance.notices.folder import Folder
from appliance.notices.seen import Seen
from mqtt.contract.documents import encode
from mqtt.contract.envelopes import seal
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, MessageType, Notice, NoticeText, Status, Urgency
from tests.booths import NOON, Booth, item
from tests.kiosk.conftest import Kiosk

TEXTS = {
    "vi": NoticeText(headline="Sương mù <b>dày</b>", description="Tầm nhìn 400 m.", instruction="Xin chờ."),
    "en": NoticeText(headline="Dense fog", description="Visibility 400 m.", instruction="Please wait."),
}


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def kiosk(booth: Booth, told: list[tuple[str, dict[str, Any]]]) -> Kiosk:
    kiosk = Kiosk(booth)
    folder = Folder(booth.layout.root.parent / "notices")
    clock, zone = Clock(booth.runtime / "clock.json"), ZoneInfo("Asia/Ho_Chi_Minh")
    kiosk.desk = Desk(kiosk.shelf, clock, booth.gate, zone, notices=folder)
    seen = Seen("page", lambda kind, body: told.append((kind, body)))
    kiosk.client = create_app(kiosk.desk, Words.load(), Glass.of(None), seen).test_client()
    return kiosk


def keep(booth: Booth, name: str = "weather-fog-1", **parts: Any) -> Notice:
    said: dict[str, Any] = {
        "agency": "dic", "gate": booth.gate, "kind": "weather", "status": Status.ACTUAL, "type": MessageType.ALERT,
        "urgency": Urgency.NORMAL, "sent": NOON, "expires": NOON + timedelta(hours=6), "texts": TEXTS,
    }  # fmt: skip
    notice = Notice(id=name, **(said | parts))
    Folder(booth.layout.root.parent / "notices").keep(notice, seal(encode(notice), NOTICE_PAYLOAD_TYPE, []))
    return notice


def test_a_notice_is_on_top_of_every_page_in_the_reader_s_language(booth: Booth, kiosk: Kiosk) -> None:
    kiosk.shows(item())
    assert "banner-line" not in kiosk.text("/en")
    keep(booth)
    for path in ("/en", "/en/essentials", "/en/essentials/dic/money", "/en/nowhere/at/all"):
        page = kiosk.client.get(path).get_data(as_text=True)
        assert "Dense fog" in page
        assert 'href="/en/notices"' in page
    assert "Sương mù" not in kiosk.text("/en")


def test_where_no_language_is_chosen_it_is_said_in_each(booth: Booth, kiosk: Kiosk) -> None:
    keep(booth)
    for shown in ((), (item(),)):
        kiosk.shows(*shown) if shown else None
        page = kiosk.text("/")
        assert page.count("banner-line banner-normal") == len(LANGUAGES)


def test_its_page_says_all_of_it_and_nothing_in_it_is_markup(booth: Booth, kiosk: Kiosk) -> None:
    kiosk.shows(item())
    keep(booth)
    page = kiosk.text("/vi/notices")
    assert "Sương mù &lt;b&gt;dày&lt;/b&gt;" in page
    assert "Tầm nhìn 400 m." in page
    assert "Xin chờ." in page
    assert "18:00" in page, "its end, by the clock of the gate"
    assert "banner-line" not in page


def test_a_language_that_is_missing_falls_back_and_says_so(booth: Booth, kiosk: Kiosk) -> None:
    keep(booth)
    page = kiosk.text("/lo/notices")
    assert 'lang="en"' in page
    assert "Dense fog" in page
    assert Words.load().say("lo", "languages.en") in page


def test_an_urgent_one_and_an_exercise_say_what_they_are(booth: Booth, kiosk: Kiosk) -> None:
    keep(booth, "weather-drill-1", status=Status.EXERCISE, urgency=Urgency.URGENT)
    keep(booth, "weather-urgent", urgency=Urgency.URGENT)
    keep(booth, "weather-test-1", status=Status.TEST, texts={"en": NoticeText(headline="Only a test")})
    words = Words.load()
    page = kiosk.text("/en/notices")
    assert page.index(words.say("en", "notices.urgent")) < page.index(words.say("en", "notices.exercise"))
    assert "announcement-exercise" in page
    assert "Only a test" not in page


def test_the_open_page_follows_and_the_office_hears_once_that_it_is_on_the_glass(
    booth: Booth, kiosk: Kiosk, told: list[tuple[str, dict[str, Any]]]
) -> None:
    """Not when it is served: when the browser says that it shows it."""
    before = kiosk.get("/now").json["version"]
    notice = keep(booth)
    version = kiosk.get("/now").json["version"]
    assert version != before
    kiosk.text("/en")
    kiosk.get(f"/now?shown={before}")
    assert told == []
    for _ in range(3):
        kiosk.get(f"/now?shown={version}")
    assert told == [("notice-shown", {"notice": notice.id, "where": "page"})]


def test_it_is_gone_when_it_is_over(booth: Booth, kiosk: Kiosk) -> None:
    keep(booth)
    version = kiosk.get("/now").json["version"]
    booth.set_clock(NOON + timedelta(hours=6))
    assert kiosk.get("/now").json["version"] != version
    assert "Dense fog" not in kiosk.text("/en")
