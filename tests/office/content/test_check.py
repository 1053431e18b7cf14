"""Each mistake is named with its file, its line and one code, and one mistake never hides another."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqtt.contract.errors import ErrorCode
from mqtt.office.content.check import check
from mqtt.office.content.source import ItemFront, MediumFront, ProgrammeEntry, ProgrammeFront
from mqtt.office.content.streams import CategorySupply, PlanStream
from mqtt.office.content.texts import Page, split_page
from mqtt.office.content.walk import read_source

ITEM = "essentials/dic/money"
VI = f"{ITEM}/vi.md"
EN = f"{ITEM}/en.md"
PROGRAMME = "programme/dic/programme.toml"


def test_a_source_without_mistakes_has_no_problems(source: Any) -> None:
    assert source.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (VI, "+++\ntitle", "title", (VI, 1, "E_SOURCE_FRONT")),
        (VI, "territory = false\n+++", "territory = false\n++", (VI, 1, "E_SOURCE_FRONT")),
        (VI, "order = 10", "order = ten", (VI, 7, "E_SOURCE_FRONT")),
        (VI, "order = 10", 'order = "10"', (VI, 7, "E_SOURCE_FRONT")),
        (VI, "order = 10\n", "", (VI, 2, "E_SOURCE_FRONT")),
        (VI, "order = 10", "oder = 10\norder = 10", (VI, 7, "E_UNKNOWN_FIELD")),
        (VI, 'agency = "dic"', 'agency = "police"', (VI, 4, "E_SOURCE_FRONT")),
        (VI, 'gates = ["cat-bi"]', 'gates = ["noi-bai"]', (VI, 5, "E_UNKNOWN")),
        (VI, 'gates = ["cat-bi"]', "gates = []", (VI, 5, "E_SOURCE_FRONT")),
        (VI, 'visitors = ["tourist"]', 'visitors = ["tourists"]', (VI, 6, "E_UNKNOWN")),
        (VI, "as_of = 2026-11-20", "as_of = 2026-13-20", (VI, 8, "E_SOURCE_DATE")),
        (VI, "as_of = 2026-11-20", "as_of = 20/11/2026", (VI, 8, "E_SOURCE_DATE")),
        (VI, "as_of = 2026-11-20", "as_of = 2026-02-30", (VI, 8, "E_SOURCE_DATE")),
        (VI, "as_of = 2026-11-20", 'as_of = "yesterday"', (VI, 8, "E_SOURCE_DATE")),
        (VI, "as_of = 2026-11-20", "as_of = 2026-11-20T10:00:00", (VI, 8, "E_SOURCE_DATE")),
        (VI, "valid_until = 2027-12-31", "valid_until = 2025-12-31", (VI, 10, "E_SOURCE_DATE")),
        (VI, 'title = "Đổi tiền"', f'title = "{"x" * 121}"', (VI, 2, "E_SOURCE_FRONT")),
        (VI, 'file = "cover.png"', 'file = "other.png"', (VI, 15, "E_SOURCE_LINK")),
        (VI, "territory = false\n+++", "teritory = false\n+++", (VI, 16, "E_UNKNOWN_FIELD")),
        (VI, "territory = false\n+++", 'kind = "map"\n+++', (VI, 15, "E_SOURCE_TERRITORY")),
        (VI, "Đổi ở quầy.", "Đổi <b>ngay</b>.", (VI, 21, "E_SOURCE_FRONT")),
        (VI, "Đổi ở quầy.", "<div>Đổi</div>", (VI, 21, "E_SOURCE_FRONT")),
        (VI, "Đổi ở quầy.", "Đổi\nở [đây](https://example.vn).", (VI, 22, "E_SOURCE_LINK")),
        (VI, "Đổi ở quầy.", "Đổi ở [đây](//example.vn/x).", (VI, 21, "E_SOURCE_LINK")),
        (VI, "Đổi ở quầy.", "Đổi ở [đây](/etc/passwd).", (VI, 21, "E_SOURCE_LINK")),
        (VI, "Đổi ở quầy.", "Đổi ở [đây](../other/vi.md).", (VI, 21, "E_SOURCE_LINK")),
        (VI, "Đổi ở quầy.", "Đổi ở [đây](%2e%2e/other.pdf).", (VI, 21, "E_SOURCE_LINK")),
        (VI, "Đổi ở quầy.", "Đổi ở [đây](guide.pdf).", (VI, 21, "E_SOURCE_LINK")),
        (VI, "- Hỏi phí trước.", "| a | b |\n|---|---|\n| c | ![x](no.png) |", (VI, 27, "E_SOURCE_LINK")),
        (EN, 'title = "Money"', 'title = "Money"\nagency = "dic"', (EN, 3, "E_SOURCE_FRONT")),
        (EN, 'summary = "Where to change."\n', "", (EN, 2, "E_SOURCE_FRONT")),
        (EN, 'title = "Money"', 'title = "Money', (EN, 2, "E_SOURCE_FRONT")),
        ("streams.toml", "stream = 3", "stream = 4", ("streams.toml", 15, "E_SOURCE_STREAM")),
        ("streams.toml", "number = 3", "number = 1", ("streams.toml", 9, "E_DUPLICATE")),
        ("streams.toml", 'agencies = ["dic", "police"]', 'agencies = ["police"]', (VI, 4, "E_SOURCE_STREAM")),
        ("streams.toml", "[categories.essentials]", "[categories.essential]", (VI, 4, "E_SOURCE_STREAM")),
        (PROGRAMME, 'file = "welcome.png"', 'file = "gone.png"', (PROGRAMME, 5, "E_SOURCE_LINK")),
        (PROGRAMME, "seconds = 12", "seconds = 0", (PROGRAMME, 6, "E_SOURCE_FRONT")),
        (PROGRAMME, "seconds = 12", 'gates = ["moon"]', (PROGRAMME, 6, "E_UNKNOWN")),
        (PROGRAMME, "seconds = 12", 'kind = "map"', (PROGRAMME, 5, "E_SOURCE_TERRITORY")),
        (
            PROGRAMME,
            "seconds = 12",
            '[[items]]\nid = "welcome"\nfile = "welcome.png"',
            (PROGRAMME, 7, "E_DUPLICATE"),
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_code(
    source: Any, file: str, old: str, new: str, expected: tuple[str, int, str]
) -> None:
    """A civil servant opens the file at that line and sees it."""
    source.replace(file, old, new)
    assert expected in source.errors()


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("notes.txt", b"", ("notes.txt", 1, "E_SOURCE_LAYOUT")),
        ("City/dic/bridge/vi.md", b"", ("City", 1, "E_SOURCE_LAYOUT")),
        ("essentials/dic/loose.md", b"", ("essentials/dic/loose.md", 1, "E_SOURCE_LAYOUT")),
        (f"{ITEM}/more/vi.md", b"", (f"{ITEM}/more", 1, "E_SOURCE_LAYOUT")),
        (f"{ITEM}/table.xlsx", b"", (f"{ITEM}/table.xlsx", 1, "E_SOURCE_LAYOUT")),
        (f"{ITEM}/bìa mới.png", b"", (f"{ITEM}/bìa mới.png", 1, "E_PATH")),
        (f"{ITEM}/ban-do-cang.png", b"", (VI, 14, "E_SOURCE_TERRITORY")),
        (f"{ITEM}/gate_map.pdf", b"", (VI, 14, "E_SOURCE_TERRITORY")),
        (f"{ITEM}/cover.png", b"GIF89a", (f"{ITEM}/cover.png", 1, "E_SOURCE_MEDIA")),
        (f"{ITEM}/en.md", b"+++\ntitle='\xff'\n", (f"{ITEM}/en.md", 2, "E_SOURCE_FRONT")),
        (f"{ITEM}/en.md", b"x" * 300_000, (f"{ITEM}/en.md", 1, "E_SIZE")),
        ("essentials/customs/gold/en.md", b"", ("essentials/customs/gold", 1, "E_SOURCE_LANGUAGE")),
        ("essentials/customs/gold/en.md", b"", ("essentials/customs", 1, "E_SOURCE_STREAM")),
        ("programme/police/x.png", b"", ("programme/police/programme.toml", 1, "E_SOURCE_LAYOUT")),
    ],
)
def test_a_file_out_of_place_is_named(source: Any, file: str, content: bytes, expected: tuple[str, int, str]) -> None:
    source.put(file, content)
    assert expected in source.errors()


def test_symbolic_links_are_not_followed(source: Any) -> None:
    """A link could publish any file of the machine."""
    (source.root / ITEM / "secret.png").symlink_to("/etc/passwd")
    assert (f"{ITEM}/secret.png", 1, "E_SOURCE_LAYOUT") in source.errors()


def test_a_missing_language_is_an_error_only_where_required(source: Any) -> None:
    """Essentials need all five; elsewhere a reader of Lao gets English, which a person should look at."""
    (source.root / ITEM / "lo.md").unlink()
    assert source.errors() == [(f"{ITEM}/lo.md", 1, "E_SOURCE_LANGUAGE")]
    parsed = read_source(source.root)
    relaxed = check(parsed, parsed.items[0].facts.as_of, {"essentials": ("vi", "en")})
    assert [(one.file, one.severity.value) for one in relaxed] == [(f"{ITEM}/lo.md", "warning")]


def test_mistakes_do_not_hide_each_other(source: Any) -> None:
    """One look at the source tells everything there is to mend."""
    source.replace(VI, "order = 10", 'order = "first"')
    source.replace(VI, "sample = true", "sample = 1")
    source.replace(EN, "+++\ntitle", "++\ntitle")
    source.replace(PROGRAMME, "welcome.png", "gone.png")
    assert {(VI, 7), (VI, 12), (EN, 1), (PROGRAMME, 5)} <= {(file, line) for file, line, _ in source.errors()}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (EN, "## Cards\n", "", (EN, 6, "E_SOURCE_FRONT")),
        (EN, "## Cards", "Cards\n\nA\n\nB\n\nC\n\n## Cards", (EN, 6, "E_SOURCE_FRONT")),
        (EN, "![Notes]", "![]", (EN, 6, "E_SOURCE_FRONT")),
        (VI, "valid_until = 2027-12-31", "valid_until = 2026-11-30", (VI, 10, "E_SOURCE_DATE")),
        (VI, "as_of = 2026-11-20", "as_of = 2027-01-01", (VI, 8, "E_SOURCE_DATE")),
    ],
)
def test_what_a_person_should_look_at_is_a_warning(
    source: Any, file: str, old: str, new: str, expected: tuple[str, int, str]
) -> None:
    source.replace(file, old, new)
    assert source.errors() == []
    assert source.warnings() == [expected]


def test_a_stray_picture_is_a_warning(source: Any, make_picture: Callable[..., bytes]) -> None:
    """It is not published: nobody has asked for it."""
    source.put(f"{ITEM}/draft.png", make_picture(3))
    assert source.warnings() == [(f"{ITEM}/draft.png", 1, "E_SOURCE_LINK")]
    assert read_source(source.root).items[0].published == ("cover.png",)


def test_a_declared_map_is_accepted_either_way(source: Any, make_picture: Callable[..., bytes]) -> None:
    source.put(f"{ITEM}/ban-do.png", make_picture(3))
    source.replace(VI, "+++\n\n!", '\n[[media]]\nfile = "ban-do.png"\nkind = "map"\nterritory = true\n+++\n\n!')
    assert source.errors() == []
    assert read_source(source.root).items[0].territory_files == {"ban-do.png"}


def test_a_problem_is_one_line_with_its_remedy(source: Any) -> None:
    source.replace(VI, "as_of = 2026-11-20", "as_of = 2026-13-20")
    (said,) = [str(one) for one in source.problems() if one.is_error]
    assert said == f"{VI}:8: error E_SOURCE_DATE: not a day of the calendar, written as 2026-11-20. Correct the date."


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    "+++",
                    "[[media]]",
                    "[media]",
                    "media = 3",
                    "[[media.x]]",
                    'gates = ["*"]',
                    "gates = [[1]]",
                    "as_of = 0001-01-01",
                    "valid_until = 9999-12-31",
                    "order = 1e400",
                    "order = nan",
                    "a.b.c = 1",
                    "title = '''",
                    "agency = {a = {b = 1}}",
                    "[" * 200,
                    "x = " + "[" * 500,
                    "order = " + "9" * 5000,
                    "![](<",
                    "[a]: x",
                    "[a][a]",
                    "| a |\n|-|",
                    "<!--",
                    "\x00",
                    "\ufeff+++",
                    "&#0;",
                    "[x](%ff%fe)",
                ]
            ),
        ),
        max_size=12,
    )
)
def test_no_front_matter_raises(source: Any, lines: list[str]) -> None:
    """Whatever is written there, a person gets a list of problems, never a traceback."""
    text = "\n".join(lines)
    page = split_page(text, "x")
    assert isinstance(page, Page) or page.is_error
    for file in (VI, EN, PROGRAMME, "streams.toml"):
        source.put(file, text.encode("utf-8", "surrogatepass"))
    assert all(problem.line >= 1 and str(problem) for problem in source.problems())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), old=st.sampled_from(["Hỏi phí trước", "tourist", "cover.png", "2026-11-20"]))
def test_no_bytes_raise(source: Any, data: bytes, old: str) -> None:
    """Half-written files of a broken editor are problems too."""
    text = (source.root / "original").read_bytes() if (source.root / "original").exists() else None
    whole = text or (source.root / VI).read_bytes()
    source.put("original", whole)
    source.put(VI, whole.replace(old.encode(), data, 1))
    assert all(problem.line >= 1 for problem in source.problems())


@pytest.mark.parametrize("guide", ["content-format.md", "content-format.vi.md"])
def test_the_guides_name_every_field_and_code_of_the_format(guide: str) -> None:
    """A field or a code that nobody documented does not exist for a civil servant."""
    text = (Path(__file__).parents[3] / "docs" / "guides" / guide).read_text("utf-8")
    kinds = (ItemFront, MediumFront, ProgrammeFront, ProgrammeEntry, PlanStream, CategorySupply)
    fields = {name for kind in kinds for name in kind.__struct_fields__}
    codes = {code.value for code in ErrorCode if code.value.startswith("E_SOURCE")}
    assert {word for word in fields | codes if not re.search(rf"\b{word}\b", text)} == set()
