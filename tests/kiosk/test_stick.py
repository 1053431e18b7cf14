"""The page tells of a stick: Vietnamese first, then in the reader's language; for a while, then no more."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.kiosk.app import create_app
from appliance.kiosk.edition import Desk
from appliance.kiosk.glass import Glass
from appliance.kiosk.shelf import Shelf
from appliance.kiosk.stick import UsbSign
from appliance.lib import clock, facts
from appliance.lib.clock import Clock
from appliance.lib.words import Words
from appliance.sticks import SHOWN_S, USB_FACT, StickNotice, UsbFact, UsbState, notice_of
from mqtt.contract.errors import ErrorCode
from mqtt.contract.names import LANGUAGES
from tests.booths import Booth, item
from tests.kiosk.conftest import Kiosk

SECOND = 1_000_000_000


@pytest.fixture
def kiosk(booth: Booth) -> Kiosk:
    kiosk = Kiosk(booth)
    sign = UsbSign(booth.runtime / USB_FACT)
    desk = Desk(Shelf(booth.layout), Clock(booth.runtime / "clock.json"), "cat-bi", ZoneInfo("Asia/Ho_Chi_Minh"), sign)
    kiosk.shelf = desk._shelf
    kiosk.client = create_app(desk, Words.load(), Glass.of(None)).test_client()
    return kiosk


def tell(booth: Booth, state: UsbState, *, code: ErrorCode | None = None, done: int = 0, ago_s: int = 0) -> None:
    since = clock.boottime_ns() - ago_s * SECOND
    facts.write(booth.runtime / USB_FACT, UsbFact(stick="a", state=state, done=done, total=100, code=code, since=since))


def banner(page: str) -> str:
    return page.partition('<aside class="usb" role="status">')[2].partition("</aside>")[0]


def version(kiosk: Kiosk) -> str:
    answer: dict[str, str] = kiosk.get("/now").get_json()
    return answer["version"]


def test_without_a_stick_nothing_is_said(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    assert banner(kiosk.text("/vi")) == banner(kiosk.text("/")) == ""


def test_progress_is_said_in_the_reader_s_language_after_vietnamese(kiosk: Kiosk, booth: Booth) -> None:
    kiosk.shows(item())
    tell(booth, UsbState.IMPORTING, done=43)
    assert banner(kiosk.text("/vi")).count("<p") == 1
    said = banner(kiosk.text("/lo"))
    assert said.index('lang="vi"') < said.index('lang="lo"')
    assert said.count("40%") == 2


def test_where_no_language_is_chosen_it_is_said_in_all(kiosk: Kiosk, booth: Booth) -> None:
    """Also on the page of a booth that has nothing to show yet."""
    tell(booth, UsbState.REFUSED, code=ErrorCode.AUDIENCE)
    for _ in range(2):
        said = banner(kiosk.text("/"))
        assert [said.count(f'lang="{language}"') for language in LANGUAGES] == [1] * len(LANGUAGES)
        assert said.count("(E_AUDIENCE)") == len(LANGUAGES)
        kiosk.shows(item())


def test_an_open_page_follows_what_is_said(kiosk: Kiosk, booth: Booth) -> None:
    seen = [version(kiosk)]
    for state, done in ((UsbState.IMPORTING, 1), (UsbState.IMPORTING, 50), (UsbState.DONE, 100)):
        tell(booth, state, done=done)
        seen.append(version(kiosk))
    tell(booth, UsbState.DONE, done=100, ago_s=SHOWN_S + 1)
    assert len(set(seen)) == 4
    assert version(kiosk) == seen[0]


def test_every_outcome_has_words_in_every_language() -> None:
    words = Words.load()
    for state in UsbState:
        for code in (None, *ErrorCode):
            notice = notice_of(UsbFact(stick="a", state=state, code=code), 0)
            assert notice
            for language in LANGUAGES:
                assert words.say(language, f"usb.{notice.key}", percent=0)


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"\xff", b'{"stick":"a","state":"eaten"}'])
def test_a_fact_that_cannot_be_read_says_nothing(kiosk: Kiosk, booth: Booth, spoilt: bytes) -> None:
    Path(booth.runtime / USB_FACT).write_bytes(spoilt)
    assert banner(kiosk.text("/")) == ""


def test_what_was_long_ago_is_not_said_but_a_reading_that_goes_on_is() -> None:
    late = SHOWN_S * SECOND + 1
    assert notice_of(UsbFact(stick="a", state=UsbState.REMOVED), late) is None
    assert notice_of(UsbFact(stick="a", state=UsbState.IMPORTING, done=99, total=100), late) == StickNotice(
        "importing", 95
    )
