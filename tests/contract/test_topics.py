"""The table of topics: one meaning per topic, and limits that fit what may be said."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT
from mqtt.contract.commands import LOGS_LIMIT, Outcome, Result
from mqtt.contract.documents import Document, decode, encode
from mqtt.contract.errors import DETAIL_LIMIT, ContractError, ErrorCode
from mqtt.contract.frames import pack
from mqtt.contract.layers import KeyRefusal
from mqtt.contract.names import LANGUAGES, NAME_PATTERN
from mqtt.contract.notices import REFERENCES_LIMIT, MessageType, Notice, NoticeText, Status, Urgency
from mqtt.contract.releases import INLINE_LIMIT
from mqtt.contract.repository import META_LIMIT, MetaSet
from mqtt.contract.state import ERRORS_KEPT, ConfigReport, Refusal, Reported
from mqtt.contract.topics import TOPICS, UPLINK_BULK, Form, Plane, Topic
from mqtt.contract.transfer import RANGES_LIMIT, Range, Want
from mqtt.office.reference.examples import example_of

ROWS = pytest.mark.parametrize("topic", TOPICS, ids=[topic.name for topic in TOPICS])
PACKET_LIMIT = 1 << 20
"""What booths and brokers take at once on the control plane (design, session parameters)."""

_VALUES = st.from_regex(NAME_PATTERN, fullmatch=True) | st.sampled_from(["a" * 64, "1", "notice", "call", "answer"])


def envelope(document: Document) -> bytes:
    """A DSSE envelope with two signatures of the longest kind in use (RSA-4096 in hexadecimal)."""
    signature = {"keyid": "a" * 64, "sig": "b" * 1024}
    body = {"payload": b64encode(encode(document)).decode(), "payloadType": "x" * 60, "signatures": [signature] * 2}
    return msgspec.json.encode(body)


@ROWS
@given(data=st.data())
def test_no_topic_is_two_topics(topic: Topic, data: st.DataObject) -> None:
    values = {name: data.draw(_VALUES) for name in topic.placeholders}
    spelled = topic.at(**values)
    assert [other.name for other in TOPICS if other.match(spelled) is not None] == [topic.name]
    assert topic.match(spelled) == values


@ROWS
@pytest.mark.parametrize("value", ["", "+", "#", "a/b", "..", "A", "ế", "a\n", "a\x00", "-a", "a" * 65, "$SYS", " "])
def test_no_value_changes_the_shape_of_a_topic(topic: Topic, value: str) -> None:
    """Neither on the way out nor on the way in: a value that matched may name a file."""
    for name in topic.placeholders:
        values = dict.fromkeys(topic.placeholders, "ab") | {name: value}
        with pytest.raises(ContractError) as refused:
            topic.at(**values)
        assert refused.value.code is ErrorCode.MALFORMED
        assert topic.match(topics.PREFIX + topic.template.format_map(values)) is None


@ROWS
def test_a_filter_binds_what_is_given_and_leaves_one_level_for_the_rest(topic: Topic) -> None:
    levels = topic.filter(booth="booth-1", gate="gate-1").split("/")
    wanted = (topics.PREFIX + topic.template).split("/")
    bound = {"{booth}": "booth-1", "{gate}": "gate-1"}
    assert levels == [bound.get(level, "+" if level.startswith("{") else level) for level in wanted]


def test_names_and_templates_are_spelled_once() -> None:
    assert len({topic.name for topic in TOPICS}) == len({topic.template for topic in TOPICS}) == len(TOPICS)
    assert set(TOPICS) == {value for value in vars(topics).values() if isinstance(value, Topic)}


@ROWS
def test_somebody_writes_and_somebody_reads(topic: Topic) -> None:
    assert topic.writers
    assert topic.readers
    assert topic.summary


@ROWS
def test_qos_2_is_never_used_and_bulk_keeps_nothing_but_whether_it_is_cut_off(topic: Topic) -> None:
    assert topic.qos in (0, 1)
    if topic.plane is Plane.BULK:
        assert topic.retain == (topic is UPLINK_BULK)
    else:
        assert topic.qos == 1
        assert topic.limit_bytes <= PACKET_LIMIT


@ROWS
def test_an_example_fits_the_limit(topic: Topic) -> None:
    if topic.message is None:
        return
    assert issubclass(topic.message, Document)
    example = example_of(topic.message)
    match topic.form:
        case Form.DSSE:
            payload = envelope(example)
        case Form.FRAME:
            payload = pack(encode(example))
        case _:
            payload = encode(example)
            assert decode(topic.message, payload, topic.limit_bytes) == example
    assert len(payload) <= topic.limit_bytes


def test_the_longest_want_fits_and_one_range_more_is_no_want() -> None:
    most = Range(2**31, 2**31)
    longest = Want(blob="a" * 64, size=2**40, index="b" * 64, ranges=(most,) * RANGES_LIMIT, credit=2**40)
    assert decode(Want, encode(longest), topics.WANT.limit_bytes) == longest
    with pytest.raises(ContractError):
        decode(Want, encode(msgspec.structs.replace(longest, ranges=(most,) * (RANGES_LIMIT + 1))), PACKET_LIMIT)


@pytest.mark.parametrize("letter", ["ế", "ກ", "ក", "检"])
def test_a_notice_with_full_texts_in_five_languages_fits_its_envelope(letter: str) -> None:
    text = NoticeText(headline=letter * 160, description=letter * 2000, instruction=letter * 1000)
    sent = datetime(2026, 12, 1, tzinfo=UTC)
    notice = Notice(
        id="a" * 64,
        agency="a" * 48,
        gate="b" * 48,
        kind="c" * 32,
        status=Status.EXERCISE,
        type=MessageType.UPDATE,
        urgency=Urgency.URGENT,
        sent=sent,
        expires=sent + timedelta(hours=72),
        texts=dict.fromkeys(LANGUAGES, text),
        supersedes=tuple(f"{number:064}" for number in range(REFERENCES_LIMIT)),
    )
    assert decode(Notice, encode(notice), PACKET_LIMIT) == notice
    assert len(envelope(notice)) <= topics.NOTICE.limit_bytes == topics.LOCAL.limit_bytes


def test_the_longest_piece_of_a_log_fits_a_result_and_one_byte_more_is_refused() -> None:
    result = Result(
        id="a" * 64, booth="b" * 48, outcome=Outcome.FAILED, detail="ế" * DETAIL_LIMIT, data=bytes(LOGS_LIMIT)
    )
    assert decode(Result, encode(result), topics.RESULT.limit_bytes) == result
    with pytest.raises(ContractError):
        decode(Result, encode(msgspec.structs.replace(result, data=bytes(LOGS_LIMIT + 1))), PACKET_LIMIT)


def test_a_report_full_of_refusals_fits() -> None:
    example = example_of(Reported)
    assert isinstance(example, Reported)
    refusal = Refusal(code=ErrorCode.UNKNOWN_FIELD, subject="ế" * 200, detail="ế" * DETAIL_LIMIT, at=example.at)
    full = msgspec.structs.replace(example, errors=(refusal,) * ERRORS_KEPT)
    assert len(encode(full)) <= topics.REPORTED.limit_bytes // 2
    key = KeyRefusal(key="ế" * 200, code=ErrorCode.UNKNOWN_FIELD, detail="ế" * DETAIL_LIMIT, layer="b" * 64)
    configuration = ConfigReport(revisions={}, fingerprint="f" * 64, refused=(key,) * ERRORS_KEPT)
    assert len(encode(msgspec.structs.replace(full, configuration=configuration))) <= topics.REPORTED.limit_bytes


def test_the_largest_chunk_and_the_largest_inline_blob_fit_their_frames() -> None:
    for topic, largest in ((topics.BLOB, CHUNK_LIMIT), (topics.INLINE, INLINE_LIMIT)):
        noise = sha256(topic.name.encode()).digest() * (largest // 32)
        assert len(noise) == largest
        assert len(pack(noise, 2**32 - 1)) <= largest + 12 <= topic.limit_bytes


def test_a_set_of_metadata_over_its_limit_is_not_even_unpacked() -> None:
    with pytest.raises(ContractError) as refused:
        MetaSet.parse(bytes(META_LIMIT + 1))
    assert refused.value.code is ErrorCode.SIZE
