"""What is not clearly right is refused with its element and its line."""

import re

import pytest

from mqtt.contract.notices import REFERENCES_LIMIT
from tests.office.notices.fog import changed, fog, read, refusal

EARLIER = "a@x,fog-2026-1,2026-12-01T07:00:00Z"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("sent", "2026-12-01T08:00:00", "sent: '2026-12-01T08:00:00' is not like"),
        ("sent", "2026-12-01 08:00:00+07:00", "is not like"),
        ("sent", "2026-12-01T08:00:00.5+07:00", "is not like"),
        ("sent", "2026-12-01T08:00:00+0700", "is not like"),
        ("sent", "２026-12-01T08:00:00+07:00", "is not like"),
        ("sent", "2026-02-30T08:00:00+07:00", "is no moment"),
        ("sent", "2026-12-01T08:00:00+99:00", "is no moment"),
        ("sent", "0001-01-01T00:00:00+23:59", "is not like"),
        ("expires", "2026-12-01T08:00:00Z", "expires: must be after sent"),
        ("expires", "2026-12-04T08:00:01Z", "by at most 72 hours"),
        ("effective", "2026-12-01T07:59:59Z", "effective: must lie between"),
        ("effective", "2026-12-01T14:00:00Z", "effective: must lie between"),
        ("status", "System", "status: 'System' is not taken"),
        ("status", "Draft", "'Draft' is not taken"),
        ("status", "actual", "'actual' is not taken"),
        ("msgType", "Ack", "msgType: 'Ack' is not taken"),
        ("msgType", "Error", "'Error' is not taken"),
        ("scope", "Restricted", "scope: 'Restricted' is not taken"),
        ("urgency", "Soon", "urgency: 'Soon' is not taken"),
        ("severity", "", "severity: '' is not taken"),
        ("certainty", "Very Likely", "certainty: 'Very Likely' is not taken"),
        ("identifier", "a,b", "identifier: is empty or holds"),
        ("sender", "a b", "sender: is empty or holds"),
        ("identifier", "", "identifier: is empty or holds"),
        ("headline", " ", "headline: is empty"),
        ("headline", "x" * 161, "headline: 161 characters, at most 160"),
        ("description", "x" * 2001, "description: 2001 characters, at most 2000"),
        ("headline", "Fog &lt;b&gt;now&lt;/b&gt;", "headline: markup '<b>'"),
        ("description", "<![CDATA[<p>Fog</p>]]>", "description: markup '<p>'"),
        ("description", "Fog&amp;nbsp;now", "markup '&nbsp;'"),
        ("description", "Fog &amp;#60;", "markup '&#60;'"),
        ("description", "Fog\tnow &#x85;", "control character U+0085"),
        ("description", "Fog \u202enow", "control character U+202E"),
        ("headline", "Fog in CAT BI, flights are late", "the same text in vi and in en"),
        ("description", "Flights   wait for 10:00.", "description: the same text in vi and in en"),
        ("language", "vi-VN", "language: a second info block in vi"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_element(field: str, text: str, words: str) -> None:
    detail = refusal(changed(field, text))
    assert detail.startswith(f"{field}: ")
    assert words in detail
    assert re.search(r"\(line \d+\)$", detail)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("expires", "2026-12-01T13:00:00Z"),
        ("effective", "2026-12-01T09:30:00Z"),
        ("urgency", "Immediate"),
        ("severity", "Minor"),
        ("certainty", "Likely"),
    ],
)
def test_info_blocks_that_disagree_are_refused(field: str, text: str) -> None:
    assert f"{field} differs from that of the first info block" in refusal(changed(field, text, once=True))


def test_info_blocks_for_two_gates_are_refused() -> None:
    head, tail = fog().rsplit(b"cat-bi", 1)
    assert refusal(head + b"hai-phong-port" + tail).startswith("area: area differs")


def test_names_and_numbers_may_be_the_same_in_two_languages() -> None:
    assert read(changed("headline", "VN1188 SGN – HPH 10:00")).notice.texts["vi"].headline == "VN1188 SGN – HPH 10:00"
    assert read(changed("headline", "Vietnam Airlines VN1188")).notice.texts["en"].headline == "Vietnam Airlines VN1188"


@pytest.mark.parametrize(
    ("message", "references", "words"),
    [
        ("Update", "", "references are missing"),
        ("Cancel", "", "references are missing"),
        ("Alert", EARLIER, "an Alert refers to nothing"),
        ("Update", "a@x,cat-bi-2026-12-01-fog,2026-12-01T08:00:00-00:00", "references: it refers to itself (line 8)"),
        ("Update", f"{EARLIER}\n {EARLIER}", "the same message twice"),
        ("Update", "a@x,fog-2026-1,2026-12-01T08:00:01Z", "sent later"),
        ("Update", "fog-2026-1", "is not sender,identifier,sent"),
        ("Update", "a@x,,2026-12-01T07:00:00Z", "is not sender,identifier,sent"),
        ("Update", "a@x,fog-2026-1,yesterday", "is not like"),
        ("Update", " ".join(EARLIER.replace("-1,", f"-{n},") for n in range(REFERENCES_LIMIT + 1)), "at most 32"),
    ],
)  # fmt: skip
def test_a_message_refers_to_earlier_ones_as_its_type_demands(message: str, references: str, words: str) -> None:
    stated = f"<references>{references}</references>" if references else ""
    document = fog(("<msgType>Alert", f"<msgType>{message}"), ("</scope>", f"</scope>{stated}"))
    assert words in refusal(document)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<scope>Public</scope>", "", "alert: scope is missing"),
        ("<event>flights</event>", "", "info: event is missing"),
        ("<expires>2026-12-01T14:00:00-00:00</expires>", "", "info: expires is missing"),
        ("</headline>", "</headline><headline>x</headline>", "headline stands in it 2 times"),
        ("<event>", "<events>x</events><event>", "events: has no place in info"),
        ("<scope>Public</scope>", "<note/><scope>Public</scope>", "scope: must stand before note"),
        ("<areaDesc>", "<x xmlns='urn:x'/><areaDesc>", "x: is not of urn:oasis"),
        ("Fog, flights", "Fog, <i>flights</i>", "i: has no place in headline"),
        ("Fog, flights", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>", "Signature: is not of urn:oasis"),
        ("<area>", "<area>here", "area: text stands between"),
        ("cap:1.2", "cap:1.1", "alert: is not of urn:oasis"),
        ("alert", "warning", "warning: a CAP document is an alert"),
    ],
)
def test_what_is_not_of_the_form_of_the_standard_is_refused(old: str, new: str, words: str) -> None:
    assert words in refusal(fog((old, new)))


def test_an_alert_without_info_or_without_headline_says_nothing_and_is_refused() -> None:
    assert "no info block" in refusal(re.sub(rb"(?s)<info>.*</info>", b"", fog()), gate="cat-bi", kind="flights")
    assert "headline is missing" in refusal(re.sub(rb"<(headline|description)>.*?</\1>", b"", fog()))
