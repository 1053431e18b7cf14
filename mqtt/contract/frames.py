"""One binary envelope for everything that is not JSON: chunks, inline blobs, packed documents.

    magic "GB" | version u8 | flags u8 | number u32 | raw length u32 | payload         big endian

``number`` is the chunk's place in its index, 0 for whole blobs. A chunk's digest comes from the index, never from
the frame. A frame with ``GONE`` says that the sender does not have the blob.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from mqtt.contract.errors import ContractError, ErrorCode

MAGIC: Final = b"GB"
VERSION: Final = 1
DEFLATED: Final = 0b01
GONE: Final = 0b10
_HEAD: Final = struct.Struct(">2sBBII")


@dataclass(frozen=True)
class Frame:
    """A chunk as it arrived, already inflated, not yet verified."""

    number: int
    data: bytes
    gone: bool = False


def pack(data: bytes, number: int = 0, *, deflate: bool = True) -> bytes:
    """Wrap bytes, deflated where that makes them smaller; ``deflate`` False does not even try (media)."""
    if deflate:
        deflated = zlib.compress(data, 6)
        if len(deflated) < len(data):
            return _HEAD.pack(MAGIC, VERSION, DEFLATED, number, len(data)) + deflated
    return _HEAD.pack(MAGIC, VERSION, 0, number, len(data)) + data


def pack_gone(number: int = 0) -> bytes:
    """Say that the blob is not here."""
    return _HEAD.pack(MAGIC, VERSION, GONE, number, 0)


def unpack(payload: bytes, limit_bytes: int) -> Frame:
    """Unwrap a frame of at most ``limit_bytes`` raw bytes; never inflates more than it announces.

    Raises:
        ContractError: ``E_FRAME``; drop it and ask again.
    """
    if len(payload) < _HEAD.size:
        raise ContractError(ErrorCode.FRAME, f"{len(payload)} bytes are no frame")
    magic, version, flags, number, raw_length = _HEAD.unpack_from(payload)
    if magic != MAGIC or version != VERSION or flags & ~(DEFLATED | GONE):
        raise ContractError(ErrorCode.FRAME, "wrong magic, version or flags")
    if flags & GONE and (raw_length or flags & DEFLATED):
        raise ContractError(ErrorCode.FRAME, "says that the blob is gone, and carries bytes")
    if raw_length > limit_bytes:
        raise ContractError(ErrorCode.FRAME, f"announces {raw_length} bytes, at most {limit_bytes}")
    body = payload[_HEAD.size :]
    if flags & DEFLATED:
        inflater = zlib.decompressobj()
        try:
            body = inflater.decompress(body, raw_length + 1)
        except zlib.error as error:
            raise ContractError(ErrorCode.FRAME, f"not deflated: {error}") from error
        if not inflater.eof or inflater.unused_data:
            raise ContractError(ErrorCode.FRAME, "deflated data is cut or has a tail")
    if len(body) != raw_length:
        raise ContractError(ErrorCode.FRAME, f"{len(body)} bytes where {raw_length} were announced")
    return Frame(number, body, bool(flags & GONE))
