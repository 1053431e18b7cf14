"""Versions of documents: what booths ignore, what signers refuse, what nobody takes."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from mqtt.contract.documents import Document, decode, decode_to_sign, encode, schema_of
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import BlobRef, FileEntry, FileList
from mqtt.contract.transfer import Want
from mqtt.office.reference.examples import EXAMPLES, example_of
from mqtt.office.reference.kinds import kinds

LIMIT = 1 << 20
KINDS = pytest.mark.parametrize("kind", kinds(), ids=schema_of)


def structs_in(value: Any, written: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON object of every struct in a document with its place."""
    if isinstance(value, msgspec.Struct) and isinstance(written, dict):
        yield where, written
        for name in list(written):
            yield from structs_in(getattr(value, name, None), written[name], f"{where}.{name}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from structs_in(inner, written[name], f"{where}.{name}")
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from structs_in(inner, written[place], f"{where}[{place}]")


def test_every_kind_has_one_example_and_a_name_of_its_own() -> None:
    assert sorted(map(schema_of, map(type, EXAMPLES))) == [schema_of(kind) for kind in kinds()]
    assert len({schema_of(kind) for kind in kinds()}) == len(kinds()) > 15


@KINDS
def test_a_document_reads_back_as_it_was_written(kind: type[Document]) -> None:
    example = example_of(kind)
    assert decode(kind, encode(example), LIMIT) == example
    assert decode_to_sign(kind, encode(example), LIMIT) == example
    assert encode(decode(kind, encode(example), LIMIT)) == encode(example)


@KINDS
def test_booths_ignore_and_signers_refuse_a_field_nobody_knows_at_any_depth(kind: type[Document]) -> None:
    example = example_of(kind)
    for place in range(sum(1 for _ in structs_in(example, msgspec.to_builtins(example)))):
        written = msgspec.to_builtins(example)
        where, holder = list(structs_in(example, written))[place]
        holder["misspelt"] = 1
        payload = msgspec.json.encode(written)
        assert decode(kind, payload, LIMIT) == example
        with pytest.raises(ContractError) as refused:
            decode_to_sign(kind, payload, LIMIT)
        assert refused.value.code is ErrorCode.UNKNOWN_FIELD
        assert refused.value.detail == f"{schema_of(kind)}{where}.misspelt"


@KINDS
@pytest.mark.parametrize("read", [decode, decode_to_sign])
def test_an_unknown_major_is_refused_by_everyone(kind: type[Document], read: Any) -> None:
    name, _, major = schema_of(kind).partition("/")
    for other in (f"{name}/{int(major) + 1}", f"{name}/0", name, f"other/{major}", ""):
        written = {**msgspec.to_builtins(example_of(kind)), "schema": other}
        with pytest.raises(ContractError) as refused:
            read(kind, msgspec.json.encode(written), LIMIT)
        assert refused.value.code is ErrorCode.SCHEMA


@KINDS
def test_a_newer_major_is_told_from_a_broken_document(kind: type[Document]) -> None:
    """A booth from a shelf says "update me first", whatever else a later major has changed."""
    name = schema_of(kind).partition("/")[0]
    with pytest.raises(ContractError) as refused:
        decode(kind, msgspec.json.encode({"all": "different", "schema": f"{name}/9"}), LIMIT)
    assert refused.value.code is ErrorCode.SCHEMA


def test_a_signer_may_spell_out_what_is_left_out_by_default() -> None:
    entry = FileEntry(path="a.png", sha256="a" * 64, size=1)
    written = {"schema": "files/1", "files": [{"path": "a.png", "sha256": "a" * 64, "size": 1, "index": None}]}
    assert decode_to_sign(FileList, msgspec.json.encode(written), LIMIT) == FileList(files=(entry,))
    assert encode(BlobRef(sha256="a" * 64, size=1)) == b'{"sha256":"' + b"a" * 64 + b'","size":1}'


def test_a_list_with_one_value_too_many_is_an_unknown_field_to_a_signer() -> None:
    written = msgspec.json.decode(encode(example_of(Want)))
    written["ranges"][0] = [0, 1, 2]
    assert decode(Want, msgspec.json.encode(written), LIMIT) == example_of(Want)
    with pytest.raises(ContractError) as refused:
        decode_to_sign(Want, msgspec.json.encode(written), LIMIT)
    assert refused.value.code is ErrorCode.UNKNOWN_FIELD
