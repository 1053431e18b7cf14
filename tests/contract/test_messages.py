"""Rules between the fields of one message, and names."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.commands import Command
from mqtt.contract.desk import GateStatus
from mqtt.contract.documents import Document, decode, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.items import ItemDocument, Kind, ProgrammeDocument, kind_of
from mqtt.contract.names import FALLBACKS, LANGUAGES, is_name
from mqtt.contract.notices import Notice
from mqtt.contract.records import Batch
from mqtt.contract.repository import Assignment, MetaSet
from mqtt.contract.state import Info, Reported
from mqtt.contract.transfer import RANGES_LIMIT, Want, ranges_of
from mqtt.office.reference.examples import example_of

LIMIT = 1 << 20
SENT = "2026-12-01T08:00:00Z"
RECORD = {"kind": "shown", "at": SENT, "clock_trusted": True, "body": {}}
PROGRAMME_ITEM = {"id": "flag", "file": "flag.mp4"}


def changed(kind: type[Document], **changes: Any) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(encode(example_of(kind))), **changes})


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Notice, {"expires": SENT}),
        (Notice, {"expires": "2026-12-04T08:00:01Z"}),
        (Notice, {"sent": "9999-12-31T23:59:59Z"}),
        (Notice, {"texts": {}}),
        (Notice, {"texts": {"not a language": {"headline": "x"}}}),
        (Notice, {"texts": {"vi": {"headline": ""}}}),
        (Notice, {"id": "short"}),
        (Notice, {"gate": "cat-bi/../x"}),
        (Command, {"expires": SENT}),
        (Command, {"name": "format"}),
        (Batch, {"first": 9, "last": 8, "records": [], "gaps": []}),
        (Batch, {"records": [{**RECORD, "sequence": 99}]}),
        (Batch, {"records": [{**RECORD, "sequence": 101}, {**RECORD, "sequence": 101}]}),
        (Batch, {"records": [{**RECORD, "sequence": 102}, {**RECORD, "sequence": 101}]}),
        (Batch, {"gaps": [{"first": 3, "last": 2, "reason": "full"}]}),
        (Want, {"ranges": []}),
        (Want, {"ranges": [[2, 1]]}),
        (Want, {"ranges": [[-1, 1]]}),
        (Want, {"ranges": [[0]]}),
        (Want, {"blob": "A" * 64}),
        (MetaSet, {"files": {"../timestamp.json": "{}"}}),
        (MetaSet, {"files": {"timestamp.json\n": "{}"}}),
        (MetaSet, {"root_latest": 0}),
        (Assignment, {"gate": "Cat Bi"}),
        (Reported, {"boot": "x"}),
        (Info, {"panels": [{"output": "x", "role": "screen", "width_px": 0, "height_px": 1, "diagonal_inch": 1}]}),
        (GateStatus, {"hours": [{"opens": "24:00", "closes": "24:00"}]}),
        (ProgrammeDocument, {"items": [{**PROGRAMME_ITEM, "seconds": 0}]}),
    ],
)
def test_a_message_that_contradicts_itself_is_malformed(kind: type[Document], changes: dict[str, Any]) -> None:
    with pytest.raises(ContractError) as refused:
        decode(kind, changed(kind, **changes), LIMIT)
    assert refused.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize("path", ["../../identity/key.pem", "/etc/shadow", "a/../../b", "", "a\\b"])
def test_items_and_programmes_reach_no_file_outside_their_release(path: str) -> None:
    """An agency's signature is over its own content; it is no licence to show the device's key."""
    for kind, changes in (
        (ItemDocument, {"media": ["ok.png", path]}),
        (ProgrammeDocument, {"items": [{**PROGRAMME_ITEM, "file": path}]}),
    ):
        with pytest.raises(ContractError) as refused:
            decode(kind, changed(kind, **changes), LIMIT)
        assert refused.value.code is ErrorCode.PATH


def test_a_notice_may_last_exactly_72_hours_and_a_cancellation_needs_no_words() -> None:
    assert decode(Notice, changed(Notice, expires="2026-12-04T08:00:00Z"), LIMIT)
    assert not decode(Notice, changed(Notice, type="cancel", texts={}, supersedes=["fog-20261201-1"]), LIMIT).texts


@pytest.mark.parametrize(
    "changes",
    [
        {"effective": "2026-12-04T08:00:00Z"},
        {"effective": "2020-01-01T00:00:00Z"},
        {"type": "update"},
        {"type": "cancel"},
        {"supersedes": ["fog-20261201-1"]},
        {"type": "update", "supersedes": ["fog-20261201-1", "fog-20261201-1"]},
        {"type": "update", "supersedes": [f"fog-20261201-{number}" for number in range(33)]},
        {"type": "update", "id": "fog-20261201-1", "supersedes": ["fog-20261201-1"]},
    ],
)
def test_times_and_references_of_a_notice_make_sense(changes: Any) -> None:
    with pytest.raises(ContractError) as refused:
        decode(Notice, changed(Notice, **changes), LIMIT)
    assert refused.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    ("changes", "gate", "day", "is_shown"),
    [
        ({}, "hai-phong-port", date(2026, 11, 20), True),
        ({}, "hai-phong-port", date(2026, 11, 19), False),
        ({}, "cat-bi", date(2026, 11, 20), False),
        ({"gates": ["*"]}, "cat-bi", date(2026, 11, 20), True),
        ({"valid_until": "2026-11-30"}, "hai-phong-port", date(2026, 11, 30), True),
        ({"valid_until": "2026-11-30"}, "hai-phong-port", date(2026, 12, 1), False),
    ],
)
def test_an_item_is_shown_at_its_gates_on_its_days(changes: Any, gate: str, day: date, is_shown: bool) -> None:  # noqa: FBT001 - a column
    item = decode(ItemDocument, changed(ItemDocument, **changes), LIMIT)
    assert item.is_shown(gate, day) is is_shown


def test_a_programme_item_without_gates_plays_everywhere() -> None:
    everywhere = decode(ProgrammeDocument, changed(ProgrammeDocument, items=[PROGRAMME_ITEM]), LIMIT).items[0]
    one = decode(ProgrammeDocument, changed(ProgrammeDocument, items=[{**PROGRAMME_ITEM, "gates": ["cat-bi"]}]), LIMIT)
    assert everywhere.is_for("cat-bi")
    assert one.items[0].is_for("cat-bi")
    assert not one.items[0].is_for("hai-phong-port")


def test_the_kind_of_a_medium_is_told_by_its_suffix_alone() -> None:
    assert kind_of("a/Cover.JPG") is Kind.PICTURE
    assert kind_of("film.mp4") is Kind.VIDEO
    assert kind_of("leaflet.pdf") is Kind.DOCUMENT
    assert kind_of("page.html") is None
    assert kind_of(".png") is None


@given(numbers=st.sets(st.integers(0, 3000), max_size=600).map(sorted))
def test_ranges_name_the_missing_chunks_in_order_and_no_other(numbers: list[int]) -> None:
    ranges = ranges_of(numbers)
    named = [number for part in ranges for number in range(part.first, part.last + 1)]
    assert named == numbers[: len(named)]
    assert len(ranges) <= RANGES_LIMIT
    assert len(named) == len(numbers) or len(ranges) == RANGES_LIMIT


def test_a_booth_that_is_not_assigned_shows_nothing_and_another_its_streams() -> None:
    assignment = example_of(Assignment)
    assert isinstance(assignment, Assignment)
    assert assignment.streams_of("nobody") == ()
    assert [stream.name for stream in assignment.streams_of("cat-bi-1")] == ["essentials/border-guard"]


@given(
    files=st.dictionaries(st.from_regex(r"[1-9][0-9]{0,3}\.[a-z]{2,20}\.json", fullmatch=True), st.text(max_size=90))
)
def test_a_metadata_set_reads_back_whole(files: dict[str, str]) -> None:
    meta = MetaSet(root_latest=3, files=files)
    assert MetaSet.parse(meta.to_bytes()) == meta


@pytest.mark.parametrize("text", ["", "a", "-a", "A1", "a_b", "a.b", "a/b", "ab\n", "a" * 49, "ế1", "..", "a b"])
def test_what_is_no_name_stands_in_no_topic_and_no_path(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("text", ["ab", "cat-bi", "a" * 48, "1a", "a--b", "a-"])
def test_names_are_short_and_plain(text: str) -> None:
    assert is_name(text)


def test_every_built_in_language_falls_back_to_another() -> None:
    assert set(FALLBACKS) == set(LANGUAGES)
    assert all(set(others) <= set(LANGUAGES) - {language} and others for language, others in FALLBACKS.items())
