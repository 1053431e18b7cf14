"""Whatever bytes arrive: a value or a refusal with a code, never another exception, never memory without bound."""

import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.chunks import INDEX_LIMIT, ChunkIndex
from mqtt.contract.documents import Document, decode, decode_to_sign, encode, schema_of
from mqtt.contract.errors import DETAIL_LIMIT, ContractError, ErrorCode
from mqtt.contract.frames import pack, unpack
from mqtt.contract.releases import check_path
from mqtt.contract.repository import MetaSet
from mqtt.contract.topics import TOPICS
from mqtt.office.reference.examples import example_of
from mqtt.office.reference.kinds import kinds

LIMIT = 1 << 20
KINDS = pytest.mark.parametrize("kind", kinds(), ids=schema_of)

_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
_NUMBERS = st.integers(-(10**25), 10**25) | st.floats() | st.sampled_from([2**63, -(2**63) - 1, 2**64])
_MOMENTS = st.sampled_from(
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-02-30T00:00:00Z"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT | _MOMENTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=8,
)


T = TypeVar("T")


def value_or_refusal(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ContractError as error:
        refusal = error
    assert isinstance(refusal.code, ErrorCode)
    assert len(refusal.detail) <= DETAIL_LIMIT
    return None


@contextmanager
def at_most(size_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= size_bytes


@st.composite
def spoilt(draw: st.DrawFn, kind: type[Document]) -> bytes:
    """An example with one place replaced, removed or added to, written as JSON (NaN and surrogates included)."""
    document = msgspec.json.decode(encode(example_of(kind)))
    places = list(_places(document))
    holder, key = draw(st.sampled_from(places))
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            holder[key] = draw(_JSON)
        case "remove":
            del holder[key]
        case _ if isinstance(holder, dict):
            holder[draw(_TEXT)] = draw(_JSON)
        case _:
            holder.append(draw(_JSON))
    return json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(pairs):
        yield node, key
        yield from _places(value)


@KINDS
@given(data=st.data())
def test_a_spoilt_document_is_a_value_or_a_refusal(kind: type[Document], data: st.DataObject) -> None:
    """And a value that comes out can be written and read again, so that a booth never keeps what it cannot restore."""
    payload = data.draw(spoilt(kind))
    for read in (decode, decode_to_sign):
        value = value_or_refusal(lambda read=read: read(kind, payload, LIMIT))
        if value is not None:
            assert decode(kind, encode(value), LIMIT) == value


@KINDS
@given(data=st.data())
def test_flipped_and_cut_bytes_are_a_value_or_a_refusal(kind: type[Document], data: st.DataObject) -> None:
    payload = bytearray(encode(example_of(kind)))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    del payload[data.draw(st.integers(0, len(payload))) :]
    value_or_refusal(lambda: decode_to_sign(kind, bytes(payload), LIMIT))


@KINDS
@given(payload=st.binary(max_size=300))
def test_arbitrary_bytes_are_no_document(kind: type[Document], payload: bytes) -> None:
    with pytest.raises(ContractError):
        decode(kind, payload, LIMIT)


@KINDS
@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"Infinity",
        b"1e999",
        b"1" * 5000,
        b"-",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=["nan", "infinity", "huge", "long", "minus", "latin", "surrogate", "escaped", "lists", "objects", "closed"],
)
def test_what_is_no_sane_json_is_refused_also_in_an_unknown_field(kind: type[Document], value: bytes) -> None:
    """Ignoring a field is not trusting it: bombs in fields that nobody reads are found as well, or do no harm."""
    payload = encode(example_of(kind))[:-1] + b',"x-later":' + value + b"}"
    with at_most(4 * LIMIT):
        value_or_refusal(lambda: decode(kind, payload, LIMIT))
    with pytest.raises(ContractError):
        decode_to_sign(kind, payload, LIMIT)


@KINDS
def test_a_document_over_its_limit_is_not_even_parsed(kind: type[Document]) -> None:
    with pytest.raises(ContractError) as refused:
        decode(kind, b"{" * 101, 100)
    assert refused.value.code is ErrorCode.SIZE


@given(payload=st.binary(max_size=200), limit=st.integers(0, 4096))
def test_arbitrary_bytes_are_a_frame_within_its_limit_or_a_refusal(payload: bytes, limit: int) -> None:
    for data in (payload, b"GB\x01" + payload, pack(payload)):
        frame = value_or_refusal(lambda data=data: unpack(data, limit))
        assert frame is None or len(frame.data) <= limit


@pytest.mark.parametrize("announced", [0, 1, 1000, LIMIT])
def test_a_deflate_bomb_never_unfolds_beyond_what_it_announces(announced: int) -> None:
    bomb = b"GB\x01\x01" + bytes(4) + announced.to_bytes(4, "big") + zlib.compress(bytes(64 * LIMIT), 9)
    with at_most(4 * LIMIT), pytest.raises(ContractError) as refused:
        unpack(bomb, LIMIT)
    assert refused.value.code is ErrorCode.FRAME


@given(payload=st.binary(max_size=400), size=st.integers(0, 1 << 20))
def test_arbitrary_bytes_are_an_index_of_that_size_or_a_refusal(payload: bytes, size: int) -> None:
    for data in (payload, b"GBI1" + payload):
        index = value_or_refusal(lambda data=data: ChunkIndex.parse(data, size))
        assert index is None or index.size == size


def test_an_index_that_announces_four_billion_chunks_costs_nothing() -> None:
    with at_most(LIMIT), pytest.raises(ContractError):
        ChunkIndex.parse(b"GBI1\xff\xff\xff\xff" + bytes(36), 1)
    with pytest.raises(ContractError):
        ChunkIndex.parse(bytes(INDEX_LIMIT + 1), 1)


@given(payload=st.binary(max_size=200))
def test_arbitrary_bytes_are_no_metadata_set(payload: bytes) -> None:
    for data in (payload, pack(payload)):
        with pytest.raises(ContractError):
            MetaSet.parse(data)


def test_a_metadata_set_that_unfolds_to_gigabytes_is_refused_in_little_memory() -> None:
    inner = zlib.compress(b"[" * (64 * LIMIT), 9)
    bomb = b"GB\x01\x01" + bytes(4) + (4 * LIMIT).to_bytes(4, "big") + inner
    with at_most(12 * LIMIT), pytest.raises(ContractError):
        MetaSet.parse(bomb)


@given(path=_TEXT | st.lists(st.sampled_from(["..", ".", "", "a", "ệ", "/", "\\", "con "])).map("/".join))
def test_any_text_is_a_path_or_a_refusal(path: str) -> None:
    value_or_refusal(lambda: check_path(path))


@given(text=_TEXT, values=st.dictionaries(st.just("booth"), _TEXT, min_size=1))
def test_any_text_is_a_topic_of_ours_or_none(text: str, values: dict[str, str]) -> None:
    for topic in TOPICS:
        found = topic.match("gb/v1/" + text)
        assert found is None or topic.at(**found) == "gb/v1/" + text
        given = dict.fromkeys(topic.placeholders, values["booth"])
        spelled = value_or_refusal(lambda topic=topic, given=given: topic.at(**given))
        assert spelled is None or topic.match(spelled) == given
