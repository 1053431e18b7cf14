"""Indexes describe a blob without gaps, and only that blob."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.chunks import CHUNK_LIMIT, LIST_CHUNKS, MEDIA_CHUNKS, ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode

_PIECES = st.lists(st.binary(min_size=1, max_size=50), max_size=20)


def index_of(pieces: list[bytes]) -> ChunkIndex:
    return ChunkIndex.of_lengths(b"".join(pieces), [len(piece) for piece in pieces])


@given(pieces=_PIECES)
def test_an_index_reads_back_and_covers_the_blob_without_gaps(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    index = ChunkIndex.parse(index_of(pieces).to_bytes(), len(data))
    assert index == index_of(pieces)
    assert index.size == len(data)
    assert b"".join(data[c.offset : c.offset + c.length] for c in index.chunks) == data
    assert all(sha256(data[c.offset : c.offset + c.length]).digest() == c.digest for c in index.chunks)


@given(pieces=_PIECES.filter(bool), change=st.integers(-5, 5).filter(bool))
def test_an_index_of_another_size_is_refused(pieces: list[bytes], change: int) -> None:
    index = index_of(pieces)
    with pytest.raises(ContractError) as refused:
        ChunkIndex.parse(index.to_bytes(), index.size + change)
    assert refused.value.code is ErrorCode.SIZE


@pytest.mark.parametrize("length", [0, CHUNK_LIMIT + 1, 2**32 - 1])
def test_a_chunk_of_no_size_or_beyond_the_limit_is_refused(length: int) -> None:
    payload = b"GBI1" + (1).to_bytes(4, "big") + length.to_bytes(4, "big") + bytes(32)
    with pytest.raises(ContractError) as refused:
        ChunkIndex.parse(payload, length)
    assert refused.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"GBI2" + b[4:], lambda b: b + b])
def test_an_index_with_another_magic_or_length_is_refused(spoil: "object") -> None:
    payload = index_of([b"one", b"two"]).to_bytes()
    assert callable(spoil)
    with pytest.raises(ContractError) as refused:
        ChunkIndex.parse(spoil(payload), 6)
    assert refused.value.code is ErrorCode.MALFORMED


def test_a_blob_that_travels_whole_is_one_chunk_with_the_blobs_digest() -> None:
    (chunk,) = ChunkIndex.whole(4711, "ab" * 32).chunks
    assert (chunk.offset, chunk.length, chunk.digest.hex()) == (0, 4711, "ab" * 32)


@pytest.mark.parametrize("sizes", [MEDIA_CHUNKS, LIST_CHUNKS])
def test_chunk_sizes_grow_and_stay_within_the_wire_limit(sizes: tuple[int, int, int]) -> None:
    assert 0 < sizes[0] < sizes[1] < sizes[2] <= CHUNK_LIMIT
