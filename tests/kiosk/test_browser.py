"""The page in a real Chromium, served by the real process: reached, touched, measured, followed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mqtt.contract.names import LANGUAGES
from mqtt.contract.state import Panel
from tests.booths import Booth, Given, item, panel

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
START_S = 20.0
FOLLOW_S = 1.0
MM_PER_INCH = 25.4
TOUCH_MM = 15.0
APART_MM = 3.0

PANELS = {
    "portrait": panel(1080, 1920, 21.5),
    "landscape": panel(1920, 1080, 21.5),
    "small": panel(1280, 800, 10.1),
}
LONG = "Các giấy tờ cần thiết khi qua cửa khẩu bằng xe chở hàng quá cảnh và thời gian làm việc của từng quầy"
TABLE = "| Số | Ai trả lời | Khi nào |\n|---|---|---|\n| 113 | Công an | Bị trộm, bị cướp, bị đe doạ |\n"
KHMER = "សេចក្តីជូនដំណឹងរបស់ទីក្រុងនិងស្ថាប័ននានាសម្រាប់អ្នកដំណើរដែលឆ្លងកាត់ច្រកទ្វារព្រំដែនអន្តរជាតិនេះ"
LAO = "ກວດເອກະສານໃຫ້ຄົບທັງສາມກຸ່ມກ່ອນຮອດປະຕູຖ້າຂາດອັນໃດອັນໜຶ່ງລົດອາດຕ້ອງກັບຄືນໄປກະກຽມເອກະສານໃໝ່ອີກເທື່ອໜຶ່ງ"

TOUCHABLE = """() => [...document.querySelectorAll("a")].map((one) => {
  const box = one.getBoundingClientRect();
  const bar = one.closest("footer") !== null;
  return { name: one.innerText, bar, x: box.x, y: box.y, width: box.width, height: box.height };
})"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def items() -> tuple[Given, ...]:
    """One item of most kinds, with everything that could break a page."""
    body = f"![Bìa](cover.png)\n\n{TABLE}\n" + "\n\n".join(f"Đoạn {number}. {LONG}." for number in range(20))
    texts = {"vi": (LONG, body), "en": ("Papers", "Bring them."), "km": (KHMER, KHMER * 3), "lo": (LAO, LAO * 3)}
    return (
        item("essentials/port/papers", texts=texts, media={"cover.png": PIXEL}, visitors=("driver",)),
        item("essentials/dic/money", visitors=("tourist",)),
        *(item(f"{category}/dic/one") for category in ("city", "law", "sovereignty", "friendship", "events")),
    )


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcff9fa11e000782027f"
    "3dc848ef0000000049454e44ae426082"
)


class Served:
    """A booth whose page is served by ``booth kiosk`` in a process of its own."""

    def __init__(self, booth: Booth) -> None:
        self.booth = booth
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        folders = ("--state", str(self.booth.state), "--run", str(self.booth.runtime))
        command = (sys.executable, "-m", "appliance", "kiosk", *folders, "--port", str(self.port))
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        while not self._answers():
            assert self.process.poll() is None, "the kiosk ended"
            assert time.monotonic() - began < START_S
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(START_S)
        assert self.process.stderr
        self.process.stderr.close()
        return status

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/now", timeout=1):  # noqa: S310 - our own address
                return True
        except OSError:
            return False


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serve a booth with this panel, filled with these items."""
    running: list[Served] = []

    def start(*given: Given, glass: Panel = PANELS["portrait"]) -> Served:
        booth = Booth(tmp_path / f"booth-{len(running)}", panels=(glass,))
        booth.set_clock()
        if given:
            booth.publish(*given)
        running.append(Served(booth))
        return running[-1]

    yield start
    for served in running:
        if served.process.poll() is None:
            served.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a panel's size; complaints in its console and requests to elsewhere fail the test."""
    complaints: list[str] = []
    pages: list[Page] = []

    def start(address: str, glass: Panel = PANELS["portrait"], *, script: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": glass.width_px, "height": glass.height_px}, has_touch=True, java_script_enabled=script
        )
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith("http://127.0.0.1:") else complaints.append(asked.url),
        )
        page.goto(address)
        pages.append(page)
        return page

    yield start
    for page in pages:
        page.context.close()
    assert [said for said in complaints if "ERR_CONNECTION_REFUSED" not in said] == []


def test_every_language_is_reached_and_the_way_back_leads_home(
    serve: Callable[..., Served], open_page: Callable[..., Page]
) -> None:
    """By touch alone, from the first page through a category and an item to another language."""
    served = serve(*items())
    page = open_page(served.url)
    for language in LANGUAGES:
        page.goto(served.url)
        page.locator(f'a[lang="{language}"]').tap()
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.locator(".card-first").tap()
        page.locator(".tile").first.tap()
        expect(page.locator("article h1")).to_be_visible()
        page.locator('.door[lang="vi"]').tap()
        expect(page.locator("article h1")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "vi")
        page.locator(".key-home").tap()
        expect(page).to_have_url(f"{served.url}/vi")


@pytest.mark.parametrize("glass", PANELS.values(), ids=PANELS)
def test_fingers_find_every_target_and_nothing_leaves_the_glass(
    serve: Callable[..., Served], open_page: Callable[..., Page], glass: Panel
) -> None:
    """15 mm and more on the panel's real size, 3 mm apart, in every language; no page is wider than the glass."""
    served = serve(*items(), glass=glass)
    mm = (glass.width_px**2 + glass.height_px**2) ** 0.5 / (glass.diagonal_inch * MM_PER_INCH)
    page = open_page(served.url, glass)
    for language in LANGUAGES:
        for address in ("/", f"/{language}", f"/{language}/essentials", f"/{language}/essentials/port/papers"):
            page.goto(served.url + address)
            boxes = page.evaluate(TOUCHABLE)
            assert boxes
            for box in boxes:
                assert min(box["width"], box["height"]) >= TOUCH_MM * mm - 0.5, (address, box)
            for one in boxes:
                for other in boxes:
                    if one is not other and one["bar"] == other["bar"]:
                        assert _apart(one, other) >= APART_MM * mm - 0.5, (address, one, other)
            assert page.evaluate(OVERFLOW) == 0, address


def _apart(one: dict[str, float], other: dict[str, float]) -> float:
    across = max(one["x"] - other["x"] - other["width"], other["x"] - one["x"] - one["width"])
    down = max(one["y"] - other["y"] - other["height"], other["y"] - one["y"] - one["height"])
    return max(across, down)


def test_a_phone_can_read_it_too(serve: Callable[..., Served], open_page: Callable[..., Page]) -> None:
    served = serve(*items())
    page = open_page(served.url, panel(412, 915, 6.5))
    for language in LANGUAGES:
        for tail in ("", "/essentials", "/essentials/port/papers"):
            page.goto(f"{served.url}/{language}{tail}")
            assert page.evaluate(OVERFLOW) == 0, (language, tail)


def test_an_open_page_follows_a_new_set_and_stays_where_the_reader_is(
    serve: Callable[..., Served], open_page: Callable[..., Page]
) -> None:
    """Within a second of the switch, without loading anew, the reader half-way down the text."""
    served = serve(*items())
    page = open_page(f"{served.url}/vi/essentials/port/papers")
    page.evaluate("window.scrollTo(0, 700); window.stayed = true")
    edited = items()[0]
    texts = {"vi": ("Giấy tờ mới", edited.bodies["vi"])}

    served.booth.publish(item("essentials/port/papers", texts=texts, media={"cover.png": PIXEL}))
    switched = time.monotonic()
    while page.title() != "Giấy tờ mới":
        page.wait_for_timeout(20)
        assert time.monotonic() - switched < FOLLOW_S
    assert page.locator("h1").inner_text() == "Giấy tờ mới"

    assert page.evaluate("window.stayed")
    assert abs(page.evaluate("window.scrollY") - 700) < 60


def test_the_open_page_survives_a_restart_and_a_touch_meanwhile(
    serve: Callable[..., Served], open_page: Callable[..., Page]
) -> None:
    """The traveller never sees the browser's own error page; the touch counts once the server is back."""
    served = serve(*items())
    page = open_page(f"{served.url}/vi")
    assert served.stop() == 0, "SIGTERM ends cleanly"
    page.locator(".card-first").tap()
    expect(page.locator(".card-first")).to_have_class(re.compile("waiting"))
    served.booth.publish(*items())
    served.start()
    expect(page).to_have_url(f"{served.url}/vi/essentials", timeout=START_S * 1000)


def test_a_booth_from_the_carton_fills_before_the_readers_eyes(
    serve: Callable[..., Served], open_page: Callable[..., Page]
) -> None:
    served = serve()
    page = open_page(served.url)
    expect(page.locator(".band")).to_have_count(len(LANGUAGES))
    served.booth.publish(*items())
    expect(page.locator(".gateway")).to_have_count(len(LANGUAGES))


def test_it_reads_without_javascript(serve: Callable[..., Served], open_page: Callable[..., Page]) -> None:
    served = serve(*items())
    page = open_page(served.url, script=False)
    page.locator('a[lang="km"]').tap()
    page.locator(".card-first").tap()
    page.locator(".tile").first.tap()
    expect(page.locator(".prose")).to_be_visible()


def test_every_script_is_drawn_in_its_own_font(serve: Callable[..., Served], open_page: Callable[..., Page]) -> None:
    """No letter of the booth's words comes from a font of last resort, where it would be a box."""
    served = serve(*items())
    page = open_page(served.url)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    allowed = {"Noto Sans", "Noto Sans CJK SC", "Noto Sans Lao", "Noto Sans Khmer"}
    for language in LANGUAGES:
        for tail in ("", "/essentials", "/essentials/port/papers"):
            page.goto(f"{served.url}/{language}{tail}")
            root = devtools.send("DOM.getDocument")["root"]["nodeId"]
            body = devtools.send("DOM.querySelector", {"nodeId": root, "selector": "body"})["nodeId"]
            drawn = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": body})["fonts"]
            assert {font["familyName"] for font in drawn} <= allowed


def test_only_this_machine_is_served(serve: Callable[..., Served]) -> None:
    """Loopback only: nobody on the gate's network reaches the page."""
    served = serve()
    listening = Path("/proc/net/tcp").read_text("ascii") + Path("/proc/net/tcp6").read_text("ascii")
    addresses = {line.split()[1].split(":")[0] for line in listening.splitlines() if f":{served.port:04X} " in line}
    assert "0100007F" in addresses
    assert addresses == {"0100007F"}
    assert os.getpgid(served.process.pid)
