"""CAP in and out: what goes out comes back the same, and what others write becomes a notice."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import (
    LONGEST_VALIDITY,
    Certainty,
    MessageType,
    Notice,
    NoticeText,
    Severity,
    Status,
    Urgency,
)
from mqtt.office.notices.cap import Imported, write_cap
from mqtt.office.notices.cap_words import Origin
from tests.office.notices.fog import FOG, GATES, SENT, fog, read, refusal

STORM = (Path(__file__).parent / "samples/storm.xml").read_bytes()
WORDS = st.text(st.characters(categories=["L", "Nd", "Po"], exclude_characters="<>&"), min_size=1, max_size=12)
LINE = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
PAGE = st.lists(LINE, max_size=4).map("\n".join)
SECONDS = st.integers(1, int(LONGEST_VALIDITY.total_seconds()))


@st.composite
def notices(draw: st.DrawFn) -> tuple[Notice, list[Notice]]:
    """A notice, and those it follows; each text tells its language, so that none is a copy of another."""
    message = draw(st.sampled_from(MessageType))
    sent = draw(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001 - the next line is its zone
    sent = sent.replace(microsecond=0, tzinfo=UTC)
    seconds = draw(SECONDS)
    languages = draw(st.lists(st.sampled_from(LANGUAGES), unique=True, min_size=message is not MessageType.CANCEL))
    earlier = [
        msgspec.structs.replace(
            FOG, id=f"earlier-{number}", sent=sent - timedelta(number), effective=None, expires=sent
        )
        for number in range(1, 1 + draw(st.integers(1, 3)) * (message is not MessageType.ALERT))
    ]
    notice = Notice(
        id=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{7,63}", fullmatch=True)),
        agency="airport",
        gate=draw(st.sampled_from(["*", *GATES])),
        kind=draw(st.from_regex(r"[a-z][a-z-]{1,31}", fullmatch=True)),
        status=draw(st.sampled_from(Status)),
        type=message,
        urgency=draw(st.sampled_from(Urgency)),
        severity=draw(st.sampled_from(Severity)),
        certainty=draw(st.sampled_from(Certainty)),
        sent=sent,
        effective=draw(st.none() | st.integers(0, seconds - 1).map(lambda after: sent + timedelta(seconds=after))),
        expires=sent + timedelta(seconds=seconds),
        texts={
            language: NoticeText(
                headline=f"{language} {draw(LINE)}",
                description=draw(st.just("") | PAGE.map(lambda page, tag=language: f"{tag} {page}".strip())),  # type: ignore[misc]
                instruction=draw(PAGE),
            )
            for language in languages
        },
        supersedes=tuple(one.id for one in earlier),
    )
    return notice, earlier


def following(message: MessageType, *earlier: Notice, **changes: Any) -> Notice:
    ids = tuple(one.id for one in earlier)
    return msgspec.structs.replace(FOG, id="fog-is-over-1", type=message, supersedes=ids, **changes)


@given(notices())
def test_what_is_written_reads_back_as_the_same_notice(pair: tuple[Notice, list[Notice]]) -> None:
    notice, earlier = pair
    assert read(write_cap(notice, GATES, earlier)) == Imported(notice)


@given(st.text(max_size=160))
def test_whatever_a_headline_holds_it_comes_back_or_is_refused(headline: str) -> None:
    """Never another text: spaces apart, of which XML makes one."""
    notice = msgspec.structs.replace(FOG, texts={"vi": NoticeText(headline=headline)})
    with suppress(ContractError):
        found = read(write_cap(notice, GATES)).notice.texts["vi"].headline
        assert found == re.sub("[ \t\n]+", " ", headline).strip(" ")


def test_moments_are_written_with_an_offset_and_never_with_a_letter() -> None:
    """CAP 1.2, section 3.3.2."""
    here = msgspec.structs.replace(FOG, sent=datetime.fromisoformat("2026-12-01T15:00:00.250+07:00"))
    document = write_cap(here, GATES).decode()
    assert "<sent>2026-12-01T15:00:00+07:00</sent>" in document
    assert "<expires>2026-12-01T14:00:00-00:00</expires>" in document


def test_an_update_goes_out_only_with_what_it_refers_to() -> None:
    update = following(MessageType.UPDATE, FOG)
    assert b"<references>airport@gatebooth,cat-bi-2026-12-01-fog,2026-12-01T08:00:00-00:00<" in write_cap(
        update, GATES, [FOG]
    )
    with pytest.raises(ContractError) as refused:
        write_cap(update, GATES)
    assert refused.value.code is ErrorCode.UNKNOWN
    assert FOG.id in refused.value.detail


def test_characters_that_xml_cannot_carry_do_not_go_out() -> None:
    with pytest.raises(ContractError) as refused:
        write_cap(msgspec.structs.replace(FOG, texts={"vi": NoticeText(headline="a\0b")}), GATES)
    assert refused.value.detail.startswith("headline: ")


def test_a_warning_of_a_weather_service_becomes_a_notice() -> None:
    """Prefixes, comments, indents, CDATA, geometry, files, a signature, a language that booths do not have."""
    notice, warnings = read(STORM, kind="weather").notice, read(STORM, kind="weather").warnings
    assert notice == Notice(
        id="cap-1dcc65c07c103dca58903e7f",
        agency="airport",
        gate="hai-phong-port",
        kind="weather",
        status=Status.ACTUAL,
        type=MessageType.UPDATE,
        urgency=Urgency.NORMAL,
        severity=Severity.SEVERE,
        certainty=Certainty.LIKELY,
        sent=SENT,
        effective=SENT,
        expires=datetime(2026, 12, 2, 12, tzinfo=UTC),
        texts={
            "vi": NoticeText(
                headline="Gió giật cấp 8 trên vùng biển Hải Phòng",
                description="Từ đêm nay có gió đông bắc mạnh cấp 6, giật cấp 8.\nBiển động.",
                instruction="Tàu thuyền nhỏ không ra khơi.",
            ),
            "en": NoticeText(
                headline="Gusts of force 8 at sea off Hải Phòng",
                description="From tonight strong north-easterly wind of force 6, gusts of force 8. Rough sea.",
                instruction="Small boats should stay in port.",
            ),
        },
        supersedes=("cap-f35e7bc6e6b2e6a23d6234aa", "cap-a2366d58efd63c694b4730ca"),
    )
    assert [warning.partition(":")[0] for warning in warnings] == ["language", "resource", "onset"]


def test_a_foreign_message_has_the_same_id_where_it_is_sent_and_where_it_is_referred_to() -> None:
    """Also when one place writes the moment in another zone."""
    known_by = "warnings@weather.example,urn:oid:2.49.0.1.704.0.2026.12.1.8.0.0,2026-12-01T08:00:00-00:00"
    first = STORM.decode().replace("Update", "Alert").replace("references>", "note>")
    second = re.sub(r"(?s)(<cap:references>).*(</cap:references>)", rf"\g<1>{known_by}\2", STORM.decode())
    second = second.replace("12.1.8.0.0</cap:identifier>", "12.1.8.30.0</cap:identifier>")
    alert, update = (read(document.encode(), kind="weather").notice for document in (first, second))
    assert update.supersedes == (alert.id,) != (update.id,)


def test_an_id_does_not_depend_on_the_zone_in_which_a_moment_is_told() -> None:
    here = SENT.astimezone(timezone(timedelta(hours=7)))
    assert Origin("a@x", "urn:x", here).notice_id == Origin("a@x", "urn:x", SENT).notice_id


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-CN", "zh"), ("zh-Hans", "zh"), ("vi", "vi"), ("EN-us", "en"), ("lo-LA", "lo"), ("km-KH", "km")],
)
def test_a_language_is_known_by_any_of_its_tags(tag: str, language: str) -> None:
    document = re.sub(rb"(?s)<info>.*?</info>", b"", fog(), count=1)
    assert list(read(document.replace(b"en-US", tag.encode())).notice.texts) == [language]


@pytest.mark.parametrize("tag", ["zh-TW", "zh-Hant-HK", "fr-FR", "", "x" * 5000])
def test_an_unknown_language_is_left_out_and_told(tag: str) -> None:
    found = read(fog(("vi-VN", tag)))
    assert list(found.notice.texts) == ["en"]
    assert len(found.warnings) == 1
    assert len(found.warnings[0]) < 200
    assert "no info block in a language" in refusal(fog(("vi-VN", "fr"), ("en-US", "de")))


def test_a_block_without_language_speaks_english() -> None:
    assert list(read(fog(("<language>en-US</language>", ""))).notice.texts) == ["vi", "en"]


@pytest.mark.parametrize(
    ("name", "code", "asked", "gate"),
    [
        ("Somewhere", "gate hai-phong-port", None, "hai-phong-port"),
        ("Somewhere", "gate *", None, "*"),
        (" hải  phòng PORT", "", None, "hai-phong-port"),
        ("Cửa khẩu cảng Hải Phòng", "", "hai-phong-port", "hai-phong-port"),
        ("Somewhere", "", "cat-bi", "cat-bi"),
        ("Somewhere", "UGC VNZ001", "*", "*"),
    ],
)
def test_an_area_is_a_gate_by_its_code_by_its_name_or_by_the_officer(
    name: str, code: str, asked: str | None, gate: str
) -> None:
    value = "<geocode><valueName>{}</valueName><value>{}</value></geocode>".format(*code.split()) if code else ""
    area = f"<area><areaDesc>{name}</areaDesc>{value}</area>"
    document = re.sub(r"(?s)<area>.*?</area>", area, fog().decode())
    assert read(document.encode(), gate=asked).notice.gate == gate


def test_an_area_is_never_guessed_at() -> None:
    nowhere = re.sub(rb"(?s)<area>.*?</area>", b"", fog())
    assert "say for which gate" in refusal(nowhere)
    assert "not for hai-phong-port" in refusal(fog(), gate="hai-phong-port")
    assert "no gate of the regulation" in refusal(fog(("<value>cat-bi</value>", "<value>noi-bai</value>")))
    both = fog(("</area>", "</area><area><areaDesc>Hải Phòng Port</areaDesc></area>"))
    assert "second gate" in refusal(both)
    with pytest.raises(ContractError, match="E_UNKNOWN"):
        read(nowhere, gate="noi-bai")


def test_the_english_event_names_the_kind_unless_the_officer_does() -> None:
    vietnamese, english = fog().split(b"</info>", 1)
    document = (
        vietnamese.replace(b"flights", "Mưa đá".encode())
        + b"</info>"
        + english.replace(b"flights", b"Hail & ice".replace(b"&", b"&amp;"))
    )
    assert read(document).notice.kind == "hail-ice"
    assert read(document, kind="weather").notice.kind == "weather"
    assert refusal(document.replace(b"en-US", b"fr")).startswith("event: 'Mưa đá' names no kind")
    assert refusal(fog(("flights", "88"))).startswith("event: ")
    assert "kind" in refusal(document, kind="Weather!")


def test_a_cancellation_needs_no_words() -> None:
    cancel = following(MessageType.CANCEL, FOG, texts={})
    document = write_cap(cancel, GATES, [FOG])
    assert read(document) == Imported(cancel)
    bare = re.sub(rb"(?s)<info>.*</info>", b"", document)
    found = read(bare, gate="cat-bi", kind="flights").notice
    assert (found.supersedes, found.texts, found.expires) == ((FOG.id,), {}, SENT + LONGEST_VALIDITY)
    assert "say which kind" in refusal(bare, gate="cat-bi")
    assert "say for which gate" in refusal(bare, kind="flights")
