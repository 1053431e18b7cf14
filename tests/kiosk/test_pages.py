"""What a traveller reads, address by address."""

import re
from datetime import date

import pytest

from mqtt.contract.names import LANGUAGES
from tests.booths import item
from tests.kiosk.conftest import Kiosk

NAMES = {"vi": "Tiếng Việt", "en": "English", "zh": "中文", "lo": "ພາສາລາວ", "km": "ភាសាខ្មែរ"}
EMPTY = {
    "vi": "Nội dung đang được chuẩn bị",
    "en": "Content is being prepared",
    "zh": "内容正在准备中",
    "lo": "ກຳລັງກະກຽມເນື້ອຫາ",
    "km": "កំពុងរៀបចំខ្លឹមសារ",
}
GONE = {"vi": "Trang này không có", "en": "not here", "zh": "没有这个页面", "lo": "ບໍ່ມີໜ້ານີ້", "km": "មិនមានទំព័រនេះ"}
MONEY = "essentials/dic/money"


def hrefs(html: str) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]+)"', html)


def test_the_first_page_offers_every_language_in_its_own_script(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    html = kiosk.text("/")
    assert hrefs(html) == [f"/{language}" for language in LANGUAGES]
    for language, name in NAMES.items():
        assert re.search(rf'lang="{language}"[^>]*>\s*<span class="gateway-name">{name}', html)


@pytest.mark.parametrize("path", ["/", "/vi", "/km"])
def test_without_content_the_built_in_page_speaks_all_languages(kiosk: Kiosk, path: str) -> None:
    """A booth from the carton, or one whose content is not for this gate."""
    html = kiosk.text(path)
    for language, words in EMPTY.items():
        assert re.search(rf'<section class="band" lang="{language}">.*?{words}', html, re.DOTALL)
    assert hrefs(html) == []


@pytest.mark.parametrize("path", ["/xx", "/favicon.ico", "/vi.html", "/%2e%2e/etc/passwd", "/files/a/b", "/<script>"])
def test_an_unknown_address_is_answered_in_all_languages(kiosk: Kiosk, path: str) -> None:
    kiosk.shows(item())
    html = kiosk.text(path, 404)
    assert all(words in html for words in GONE.values())
    assert hrefs(html) == [f"/{language}" for language in LANGUAGES]
    assert "<script>" not in html.replace('<script src="/static', "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "tail", ["/nothing", f"/{MONEY}x", "/essentials/dic", "/a/b/c/d/e", "/essentials/../../x/y", "//essentials"]
)
def test_a_page_that_is_not_here_says_so_in_the_readers_language(kiosk: Kiosk, language: str, tail: str) -> None:
    kiosk.shows(item())
    html = kiosk.text(f"/{language}{tail}", 404)
    assert GONE[language] in html
    assert f'<html lang="{language}"' in html
    assert f"/{language}" in hrefs(html)
    assert "Not Found" not in html


def test_an_error_of_ours_is_a_page_too(kiosk: Kiosk) -> None:
    """A damaged card: the text of one item cannot be read any more."""
    kiosk.shows(item())
    (kiosk.shelf.catalogue.items[0].folder / "vi.md").unlink()  # type: ignore[union-attr]
    html = kiosk.text(f"/vi/{MONEY}", 500)
    assert "Chưa mở được trang này" in html
    assert "Traceback" not in html


def test_another_method_or_host_gets_a_page_and_no_content(kiosk: Kiosk) -> None:
    """A page from elsewhere that points its name at this booth must not read it."""
    kiosk.shows(item())
    assert kiosk.client.post("/vi").status_code == 405
    answer = kiosk.get(f"/vi/{MONEY}", 400, Host="rebound.example")
    assert "Đổi ở quầy" not in answer.get_data(as_text=True)


def test_home_shows_categories_in_order_with_essentials_first(kiosk: Kiosk) -> None:
    kiosk.shows(item("events/dic/festival"), item("zoo/dic/later"), item("law/dic/rules"), item(MONEY))
    html = kiosk.text("/vi")
    cards = [href for href in hrefs(html) if re.fullmatch(r"/vi/\w+", href)]
    assert cards == ["/vi/essentials", "/vi/law", "/vi/events", "/vi/zoo"]
    assert "Thông tin thiết yếu" in html
    assert "Zoo" in html, "a category that came later still has a name"


def test_a_group_of_visitors_narrows_home_and_category(kiosk: Kiosk) -> None:
    kiosk.shows(
        item("essentials/port/papers", visitors=("driver",)),
        item("essentials/dic/everyone"),
        item("events/dic/festival", visitors=("tourist",)),
    )
    home = kiosk.text("/vi?for=driver")
    assert "/vi/essentials?for=driver" in hrefs(home)
    assert "/vi/events?for=driver" not in hrefs(home)
    category = kiosk.text("/vi/essentials?for=tourist")
    assert "/vi/essentials/dic/everyone?for=tourist" in hrefs(category)
    assert "/vi/essentials/port/papers?for=tourist" not in hrefs(category)
    assert "/lo/essentials?for=tourist" in hrefs(category), "another language keeps the group"
    assert "/vi/events" in hrefs(kiosk.text("/vi?for=<script>")), "an unknown group is no group"


@pytest.mark.parametrize(
    ("language", "as_of", "until"),
    [
        ("vi", "20/11/2026", "31/12/2027"),
        ("en", "20 November 2026", "31 December 2027"),
        ("zh", "2026年11月20日", "2027年12月31日"),
        ("lo", "20 ພະຈິກ 2026", "31 ທັນວາ 2027"),
        ("km", "ថ្ងៃទី 20 ខែវិច្ឆិកា ឆ្នាំ 2026", "ថ្ងៃទី 31 ខែធ្នូ ឆ្នាំ 2027"),
    ],
)
def test_an_item_says_how_old_it_is_and_how_long_it_holds(kiosk: Kiosk, language: str, as_of: str, until: str) -> None:
    """Days are written as people of the language write them."""
    kiosk.shows(item(valid=(date(2026, 1, 1), date(2027, 12, 31)), sample=True))
    html = kiosk.text(f"/{language}/{MONEY}")
    assert as_of in html
    assert until in html
    assert 'class="tag sample"' in html
    expected = "Ngân hàng Nhà nước</dd>" if language == "vi" else '<dd lang="vi">Ngân hàng Nhà nước</dd>'
    assert expected in html
    assert "12:00" in html, "the footer tells when the content was issued, in the gate's zone"


def test_a_text_in_another_language_is_labelled_and_marked(kiosk: Kiosk) -> None:
    """Lao falls back to English: the page stays Lao, the text says that it is English, also to the line breaker."""
    kiosk.shows(item(texts={"vi": ("Đổi tiền", "Ở quầy."), "en": ("Money", "At the desk.")}))
    html = kiosk.text(f"/lo/{MONEY}")
    assert '<html lang="lo"' in html
    assert "ຍັງບໍ່ມີສະບັບພາສາລາວ. ລຸ່ມນີ້ແມ່ນສະບັບພາສາອັງກິດ." in html
    assert re.search(r'<div lang="en">\s*<h1>Money</h1>', html)
    assert re.search(r'<div class="prose" lang="en">\s*<p>At the desk.', html)
    tile = kiosk.text("/lo/essentials")
    assert re.search(rf'<a class="tile" href="/lo/{MONEY}" lang="en">', tile)
    assert '<span class="tag" lang="lo">ພາສາອັງກິດ</span>' in tile


def test_a_text_in_the_readers_language_has_no_label(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    html = kiosk.text(f"/en/{MONEY}")
    assert "fallback" not in html
    assert '<div class="prose">' in html


def test_hostile_titles_are_letters(kiosk: Kiosk) -> None:
    evil = '"><script>alert(1)</script>'
    kiosk.shows(item(texts={"vi": (evil, evil)}, media={"cover.png": b"x"}))
    for path in ("/vi", "/vi/essentials", f"/vi/{MONEY}", f"/en/{MONEY}"):
        assert "<script>" not in kiosk.text(path)


def test_every_page_has_the_ways_out(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    for tail, status in (("", 200), ("/essentials", 200), (f"/{MONEY}", 200), ("/nothing%3Fhere%23", 404)):
        links = hrefs(kiosk.text(f"/zh{tail}", status))
        assert "/zh" in links
        assert {f"/{language}{tail}" for language in LANGUAGES} <= set(links)


def test_media_stand_where_they_belong(kiosk: Kiosk) -> None:
    """Pictures of the text in the text, others after it; films with controls and silent; documents as publications."""
    body = "![Bìa](cover.png)\n\nChữ."
    media = dict.fromkeys(("cover.png", "more.jpg", "film.mp4", "guide-en.pdf", "guide-vi.pdf"), b"x" * 2345678)
    kiosk.shows(item(texts={"vi": ("Đổi tiền", body)}, media=media))
    html = kiosk.text(f"/vi/{MONEY}")
    assert html.count("cover.png") == 1
    assert re.search(r'class="apart"><img src="/files/\w+/essentials/dic/money/more.jpg"', html)
    film = r'<video src="/files/\w+/essentials/dic/money/film.mp4#t=0.1" controls muted preload="metadata"'
    assert re.search(film, html)
    assert "autoplay" not in html
    assert html.index("Bản tiếng Việt") < html.index("Bản tiếng Anh"), "the reader's language first"
    assert "PDF, 2,3 MB" in html, "a decimal comma in Vietnamese"
    assert ".pdf" not in html, "no link into a viewer that has no way back"


def test_headers_allow_nothing_from_elsewhere(kiosk: Kiosk) -> None:
    kiosk.shows(item())
    for path, status in (
        ("/", 200),
        (f"/vi/{MONEY}", 200),
        ("/nothing", 404),
        ("/now", 200),
        ("/static/kiosk.css", 200),
    ):
        answer = kiosk.get(path, status)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    assert kiosk.get(f"/vi/{MONEY}").headers["Cache-Control"] == "no-store"


def test_pages_need_nothing_from_elsewhere_and_no_inline_code(kiosk: Kiosk) -> None:
    kiosk.shows(item(media={"cover.png": b"x"}))
    for path in ("/", "/vi", "/vi/essentials", f"/vi/{MONEY}"):
        html = kiosk.text(path)
        assert all(address.startswith("/") for address in re.findall(r'(?:src|href)="([^"]+)"', html))
        assert not re.search(r"<style|style=|\son\w+=|<script>", html)
