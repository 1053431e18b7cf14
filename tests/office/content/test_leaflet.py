"""Leaflets: what Markdown becomes on paper, and where pages begin."""

from dataclasses import replace

import pytest
from PIL import Image

from mqtt.contract.names import LANGUAGES
from mqtt.office.content.source import SourceItem
from mqtt.office.content.walk import read_source
from mqtt.office.sample import CONTENT
from mqtt.office.sample.draw.blocks import BULLET, Block, sections
from mqtt.office.sample.draw.leaflet import draw_pages

PUBLICATIONS = [item for item in read_source(CONTENT).items if item.category == "publications"]


def _text(block: Block) -> str:
    return "".join(word.text + " " * word.space for word in block.words).strip()


def test_a_section_is_a_heading_and_what_stands_below_it() -> None:
    found = sections("before\n\n## One\n\ntext\n\n## Two\n\n- item\n", "en")
    assert [[_text(block) for block in section] for section in found] == [["before"], ["One", "text"], ["Two", "item"]]
    assert [section[0].is_heading for section in found] == [False, True, True]


def test_words_after_bold_ones_keep_their_distance() -> None:
    """``**113** police`` is two words, whatever their weight."""
    ((block,),) = sections("**113** police, **114**fire **115**", "en")
    assert _text(block) == "113 police, 114fire 115"
    assert [word.text for word in block.words if word.bold] == ["113", "114", "115"]


def test_lists_are_numbered_and_rows_of_a_table_become_items() -> None:
    ((first, second, head, row),) = sections("1. a\n2. b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n", "en")
    assert [first.marker, second.marker, head.marker, row.marker] == ["1.", "2.", "", BULLET]
    assert [_text(head), _text(row)] == ["x – y", "1 – 2"]


def test_a_leaflet_does_not_offer_itself() -> None:
    """On the page a link to the page is of no use; a link inside a sentence stays readable."""
    ((block,),) = sections("[Open (PDF)](guide-en.pdf)\n\nSee [the guide](guide-en.pdf).\n", "en")
    assert _text(block) == "See the guide."


@pytest.mark.parametrize("item", PUBLICATIONS, ids=lambda item: item.slug)
@pytest.mark.parametrize("language", LANGUAGES)
def test_publications_fit_on_one_sheet(item: SourceItem, language: str) -> None:
    """Front and back of A5."""
    assert len(draw_pages(item, language, dpi=30)) <= 2


def test_a_section_that_fits_only_on_the_next_page_begins_there() -> None:
    """No heading is left alone at the foot of a page."""
    front, back = draw_pages(_with_items(PUBLICATIONS[0], 20), "en", dpi=30)
    assert not _has_words(front)
    assert _has_words(back)


def test_a_section_longer_than_a_page_begins_where_there_is_room() -> None:
    pages = draw_pages(_with_items(PUBLICATIONS[0], 60), "en", dpi=30)
    assert len(pages) > 2
    assert _has_words(pages[0])


def _has_words(page: Image.Image) -> bool:
    """Whether something stands in the lower half, above the band at the foot."""
    half = page.crop((0, page.height // 2, page.width, round(page.height * 0.97)))
    return half.getextrema() != ((255, 255),) * 3


def _with_items(item: SourceItem, count: int) -> SourceItem:
    text = item.texts["en"]
    body = "## Heading\n\n" + "\n".join(f"- item {number}" for number in range(count)) + "\n"
    return replace(item, texts={"en": replace(text, page=replace(text.page, body=body))})
