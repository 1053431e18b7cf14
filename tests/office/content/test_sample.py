"""The sample is complete, without errors, and the same wherever it is written."""

from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.office.content.check import check
from mqtt.office.content.coverage import coverage
from mqtt.office.content.walk import read_source
from mqtt.office.sample import CONTENT, Scale, captions, write_sample
from mqtt.office.sample.draw.covers import OF_CATEGORY, cover, scene_of
from mqtt.office.sample.draw.film import film
from mqtt.office.sample.draw.leaflet import leaflet
from mqtt.office.sample.draw.slides import SLIDES, Caption, slide

SMALL = Scale(size=0.08, seconds=0.2)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "content"
    write_sample(folder, SMALL)
    return folder


def test_the_sample_has_no_problems(sample: Path) -> None:
    """Neither errors nor warnings: it is what agencies start from."""
    source = read_source(sample)
    newest = max(item.facts.as_of for item in source.items)
    assert [str(problem) for problem in check(source, newest)] == []


def test_the_sample_leaves_nobody_out(sample: Path) -> None:
    """Every stream of the plan, at both gates, in five languages, for each group of visitors."""
    empty = [cell for cell in coverage(read_source(sample)) if not cell.items]
    assert empty == []


def test_every_item_of_the_sample_is_marked_as_sample_and_names_its_source(sample: Path) -> None:
    items = read_source(sample).items
    assert 24 <= len(items) <= 40
    assert all(item.facts.sample and item.facts.source.endswith("mẫu, chờ cơ quan xác nhận") for item in items)
    assert all(set(item.texts) == set(LANGUAGES) for item in items)


def test_the_sample_shows_no_territory(sample: Path) -> None:
    source = read_source(sample)
    assert not any(item.facts.territory or item.territory_files for item in source.items)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "own.md").write_text("mine")
    with pytest.raises(ContractError) as caught:
        write_sample(tmp_path, SMALL)
    assert caught.value.code is ErrorCode.EXISTS
    assert [path.name for path in tmp_path.iterdir()] == ["own.md"]


def test_every_category_has_a_cover_and_none_is_blank() -> None:
    for category in OF_CATEGORY:
        drawn = cover(f"{category}/dic/anything-else", 0.1)
        assert drawn.size == (160, 90)
        assert len(drawn.convert("RGB").getcolors(160 * 90) or ()) > 20


def test_items_of_the_sample_have_covers_of_their_own() -> None:
    """Two tiles side by side never look alike."""
    scenes = [scene_of(item.path) for item in read_source(CONTENT).items]
    assert len(set(scenes)) == len(scenes)


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        film(tmp_path / f"{name}.mp4", (64, 36), 0.2)
        cover("city/tourism/cat-ba", 0.1).save(tmp_path / f"{name}.png")
        written = b"".join((tmp_path / f"{name}.{suffix}").read_bytes() for suffix in ("mp4", "png"))
        digests.add(sha256(written).hexdigest())
    assert len(digests) == 1


def test_leaflets_are_pdfs_of_a5_in_each_language() -> None:
    item = read_source(CONTENT).items[0]
    for language in item.texts:
        first = leaflet(item, language, dpi=40)
        assert first == leaflet(item, language, dpi=40)
        assert first.startswith(b"%PDF-1.5")
        assert first.endswith(b"%%EOF\n")
        assert f"/Lang({language})".encode() in first
        assert item.texts[language].title.encode("utf-16-be").hex().upper().encode() in first


def test_a_still_speaks_five_languages() -> None:
    """The words are on the left, the picture on the right, whatever their length."""
    short = {language: Caption("113", "114") for language in LANGUAGES}
    long = {language: Caption("Rất dài " * 5, "Còn dài hơn thế " * 6) for language in LANGUAGES}
    for said in (short, long):
        drawn = slide("emergency", said, (480, 270)).convert("RGB")
        assert drawn.size == (480, 270)
        assert drawn.getpixel((2, 2)) == (30, 58, 91)


def test_captions_are_there_for_every_slide() -> None:
    said = captions()
    assert set(said) == set(SLIDES)
    for by_language in said.values():
        assert tuple(by_language) == LANGUAGES
        assert all(caption.title for caption in by_language.values())


def test_stills_keep_their_palette_small() -> None:
    drawn = slide("cat-ba", {"vi": Caption("Cát Bà")}, (320, 180))
    assert isinstance(drawn, Image.Image)
    assert drawn.mode == "P"
