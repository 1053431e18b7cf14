"""Parsers of the contract: documents, frames, indexes, sets, topics, paths. An accepted value reads back as itself."""

import struct
from collections.abc import Callable
from pathlib import Path

from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.documents import Document, decode, decode_to_sign, encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import pack, pack_gone, unpack
from mqtt.contract.releases import check_path
from mqtt.contract.repository import MetaSet
from mqtt.contract.state import Conn, Info, Reported
from mqtt.contract.topics import CONN, INFO, REPORTED, TOPICS
from mqtt.office.collector import judge
from mqtt.office.reference.examples import EXAMPLES, example_of
from tests.fuzz.target import Parser, must

LIMIT = 1 << 20
_SIZE = struct.Struct(">I")


def document(kind: type[Document]) -> Callable[[Path], Parser]:
    """Read one kind as a booth does and as a signer does."""

    def read(case: bytes) -> None:
        value = decode(kind, case, LIMIT)
        must(decode(kind, encode(value), LIMIT) == value, "a document reads back as itself")
        try:
            signed = decode_to_sign(kind, case, LIMIT)
        except ContractError as error:
            must(error.code in (ErrorCode.UNKNOWN_FIELD, ErrorCode.MALFORMED), "signers refuse more, not otherwise")
            return
        must(signed == value, "signer and booth read the same")

    return lambda _: Parser([encode(example_of(kind)), *(encode(one) for one in EXAMPLES[:3])], read)


def frame(_: Path) -> Parser:
    """Frames of chunks and inline blobs."""

    def read(case: bytes) -> None:
        found = unpack(case, CHUNK_LIMIT)
        must(len(found.data) <= CHUNK_LIMIT, "a frame never inflates beyond its limit")
        again = pack_gone(found.number) if found.gone else pack(found.data, found.number, deflate=False)
        must(unpack(again, CHUNK_LIMIT) == found, "a frame reads back as itself")

    bomb = pack(bytes(CHUNK_LIMIT))
    return Parser([pack(b"text " * 400, 3), pack(bytes(range(256)), 2**32 - 1), pack_gone(4), bomb, pack(b"")], read)


def index(_: Path) -> Parser:
    """Chunk indexes, after four bytes with the size of their blob."""

    def read(case: bytes) -> None:
        if len(case) < _SIZE.size:
            return
        (size,) = _SIZE.unpack_from(case)
        found = ChunkIndex.parse(case[_SIZE.size :], size)
        must(found.to_bytes() == case[_SIZE.size :], "an index reads back as itself")
        offsets = [chunk.offset + chunk.length for chunk in found.chunks]
        must((offsets[-1] if offsets else 0) == size == found.size, "an index covers its blob")

    whole = [ChunkIndex.of_lengths(bytes(sum(lengths)), lengths) for lengths in ([1], [5, 7, 9], [1024] * 40, [])]
    return Parser([_SIZE.pack(one.size) + one.to_bytes() for one in whole], read)


def meta(_: Path) -> Parser:
    """Packed metadata sets."""

    def read(case: bytes) -> None:
        found = MetaSet.parse(case)
        must(MetaSet.parse(found.to_bytes()) == found, "a set reads back as itself")

    example = example_of(MetaSet)
    return Parser([pack(encode(example)), pack(encode(example), deflate=False)], read)


def topic(_: Path) -> Parser:
    """Topics, matched against the whole table."""

    def read(case: bytes) -> None:
        text = case.decode("utf-8", "surrogateescape")
        matches = [(one, values) for one in TOPICS if (values := one.match(text)) is not None]
        if not matches:
            raise ContractError(ErrorCode.MALFORMED, "no topic of ours")
        must(len(matches) == 1, "a topic is one line of the table")
        one, values = matches[0]
        must(one.at(**values) == text, "a topic reads back as itself")
        must(not set(text) & set("+#\0"), "no wildcard in a topic")

    values = {"gate": "cat-bi", "booth": "cb-01", "id": "a1", "name": "logs", "number": "3", "priority": "audit"}
    values |= {"digest": "a" * 64}
    return Parser([one.at(**{key: values[key] for key in one.placeholders}).encode() for one in TOPICS], read)


def path(folder: Path) -> Parser:
    """Paths within a release."""

    def read(case: bytes) -> None:
        text = case.decode("utf-8", "surrogateescape")
        check_path(text)
        place = (folder / text).resolve()
        must(place != folder.resolve() and folder.resolve() in place.parents, "a path stays in its folder")
        must("/".join(place.relative_to(folder.resolve()).parts) == text, "a path is written one way only")
        text.encode("utf-8")

    texts = ("shore-pass/item.json", "đi-bờ/vi.md", "a", "x/y/z/w.mp4", "中文/ລາວ.md", "a b/c d.png")
    return Parser([text.encode() for text in texts], read)


def saying(_: Path) -> Parser:
    """What the collector hears of booths: the kind is the first byte."""
    kinds = ((REPORTED, Reported), (INFO, Info), (CONN, Conn))

    def read(case: bytes) -> None:
        followed, kind = kinds[case[0] % 3 if case else 0]
        said = judge.read(followed.at(booth="cat-bi-1"), case[1:])
        if said is None:
            raise ContractError(ErrorCode.MALFORMED, "nothing is said")
        must(said.booth == "cat-bi-1" and isinstance(said.state, kind), "a booth speaks for itself")

    return Parser([bytes([number]) + encode(example_of(kind)) for number, (_, kind) in enumerate(kinds)], read)
