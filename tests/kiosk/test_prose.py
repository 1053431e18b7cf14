"""What an agency writes can be read and can do nothing else."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.kiosk.media import Medium
from appliance.kiosk.prose import Typesetter
from mqtt.contract.items import Kind

TYPESETTER = Typesetter()
COVER = Medium("essentials/dic/money", "cover.png", Path("cover.png"), Kind.PICTURE, 1, "ab12")
FILM = Medium("essentials/dic/money", "film.mp4", Path("film.mp4"), Kind.VIDEO, 1, "cd34")
MEDIA = {medium.name: medium for medium in (COVER, FILM)}
TAG = re.compile(r"<([a-z0-9]+)([^>]*)>")
OURS = r'src="/files/(?:ab12|cd34)/essentials/dic/money/[a-z.0-9]+"'
ALLOWED = re.compile(rf'(?: (?:(?:alt|class|start|preload|controls|muted)="[^"]*"|{OURS}))*')


def html(body: str) -> str:
    return str(TYPESETTER.set(body, MEDIA).html)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](https://elsewhere.example/x.png)",
    "![x](//elsewhere.example/x.png)",
    "![x](../../../../etc/passwd)",
    '![" onerror="alert(1)](cover.png)',
    "<style>body{display:none}</style>",
    "<iframe src=https://elsewhere.example></iframe>",
    "[x]: https://elsewhere.example 'y'\n\n[x] ![x]",
    "<https://elsewhere.example/?<script>>",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_text_is_only_letters(body: str) -> None:
    for name, attributes in TAG.findall(html(body)):
        assert name in {"p", "span", "img"}
        assert ALLOWED.fullmatch(attributes), attributes


@given(st.lists(st.sampled_from([*HOSTILE, "# a", "| a |\n|---|\n| b |", "> ", "- ", "\n\n", "`", "**", "![", "]("])))
def test_no_mixture_of_markup_makes_anything_else(parts: list[str]) -> None:
    """Agencies paste from anywhere."""
    for _, attributes in TAG.findall(html("".join(parts))):
        assert ALLOWED.fullmatch(attributes), attributes


def test_pictures_and_films_come_from_the_item() -> None:
    prose = TYPESETTER.set("![Tờ tiền](cover.png)\n\n![](film.mp4)\n\n![Vắng](gone.png)", MEDIA)
    assert '<img src="/files/ab12/essentials/dic/money/cover.png" alt="Tờ tiền">' in prose.html
    assert '<video src="/files/cd34/essentials/dic/money/film.mp4#t=0.1"' in prose.html
    assert "autoplay" not in prose.html
    assert "<p>Vắng</p>" in prose.html
    assert prose.used == {"cover.png", "film.mp4"}


def test_links_lead_nowhere_but_say_where() -> None:
    """A booth has no internet; the traveller's phone may have."""
    said = html("Xem [cổng thị thực](https://evisa.example.vn/) và [ở dưới](cover.png), <https://a.vn>.")
    assert "<a" not in said
    assert "cổng thị thực (evisa.example.vn)" in said
    assert "ở dưới<" in said
    assert "https://a.vn<" in said


def test_tables_and_headings_keep_their_shape() -> None:
    """The title of the item is the only first heading of the page."""
    said = html("# Một\n\n## Hai\n\n| Số | Ai |\n|---|---|\n| **113** | Công an |\n\n3. ba\n")
    assert "<h1" not in said
    assert said.count("<h2>") == 2
    assert "<td><strong>113</strong></td>" in said
    assert '<ol start="3">' in said
