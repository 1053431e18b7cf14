"""Frames carry bytes unchanged and nothing else."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import DEFLATED, GONE, pack, pack_gone, unpack

LIMIT = 1 << 20


def framed(flags: int, raw_length: int, body: bytes, magic: bytes = b"GB", version: int = 1) -> bytes:
    return magic + bytes([version, flags]) + bytes(4) + raw_length.to_bytes(4, "big") + body


def refused(payload: bytes, limit: int = LIMIT) -> bool:
    with pytest.raises(ContractError) as error:
        unpack(payload, limit)
    return error.value.code is ErrorCode.FRAME


@given(data=st.binary(max_size=2000) | st.binary(min_size=1, max_size=8).map(lambda piece: piece * 500))
def test_what_is_packed_is_unpacked(data: bytes) -> None:
    frame = unpack(pack(data, 7), len(data))
    assert (frame.number, frame.data, frame.gone) == (7, data, False)
    assert len(pack(data)) <= len(data) + 12


@given(number=st.integers(0, 2**32 - 1))
def test_a_gone_frame_says_which_chunk(number: int) -> None:
    frame = unpack(pack_gone(number), 0)
    assert (frame.number, frame.data, frame.gone) == (number, b"", True)


@given(data=st.binary(min_size=1, max_size=300), cut=st.integers(1, 300))
def test_a_frame_cut_anywhere_is_refused(data: bytes, cut: int) -> None:
    payload = pack(data)
    assert refused(payload[: max(len(payload) - cut, 0)])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes(12),
        framed(0, 1, b"a", magic=b"BG"),
        framed(0, 1, b"a", version=2),
        framed(0b100, 1, b"a"),
        framed(0, 2, b"a"),
        framed(0, 0, b"a"),
        framed(DEFLATED, 1, b"a"),
        framed(DEFLATED, 1, zlib.compress(b"a") + b"tail"),
        framed(DEFLATED, 1, zlib.compress(b"a")[:-1]),
        framed(DEFLATED, 1, zlib.compress(b"ab")),
        framed(DEFLATED, 3, zlib.compress(b"ab")),
        framed(DEFLATED, 0, zlib.compress(b"a")),
        framed(GONE, 1, b"a"),
        framed(GONE | DEFLATED, 0, zlib.compress(b"")),
        framed(0, LIMIT + 1, bytes(LIMIT + 1)),
    ],
)
def test_a_frame_that_is_not_what_it_says_is_refused(payload: bytes) -> None:
    assert refused(payload)


def test_a_frame_at_its_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert unpack(pack(bytes(100)), 100).data == bytes(100)
    assert refused(pack(bytes(101)), 100)
