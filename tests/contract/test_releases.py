"""File lists and heads: what could leave its folder or mean two things is no list at all."""

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any
from unicodedata import normalize

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.documents import decode, decode_to_sign, encode
from mqtt.contract.errors import DETAIL_LIMIT, ContractError, ErrorCode
from mqtt.contract.releases import (
    CHAIN_LIMIT,
    HEAD_LIMIT,
    LIST_LIMIT,
    BlobRef,
    FileEntry,
    FileList,
    ReleaseHead,
    check_path,
    indexes_of,
)
from mqtt.office.reference.examples import example_of

_PARTS = st.sampled_from(["a", "A", "b.png", "ế", "ß", "ss", "..", ".", "", "c ", "d.", "\u0065\u0302"])
_PATHS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)


def entry(path: str, **more: Any) -> FileEntry:
    return FileEntry(path=path, sha256="a" * 64, size=1, **more)


def written(*paths: str) -> bytes:
    files = [{"path": path, "sha256": "a" * 64, "size": 1} for path in paths]
    return msgspec.json.encode({"schema": "files/1", "files": files})


def code_of(*paths: str) -> ErrorCode:
    with pytest.raises(ContractError) as refused:
        decode(FileList, written(*paths), LIST_LIMIT)
    assert refused.value.detail == repr(paths[-1])[:DETAIL_LIMIT]
    return refused.value.code


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "//a",
        "..",
        "../a",
        "a/../../b",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "C:a",
        "a\x00b",
        "a\nb",
        "a.",
        "a /b",
        "a*",
        "a?",
        'a"b',
        "a" * 201,
        "ệ" * 67,
        "ca\u0301.png",
    ],
)
def test_a_path_that_leaves_its_folder_or_is_not_portable_is_refused(path: str) -> None:
    assert code_of(path) is ErrorCode.PATH


@pytest.mark.parametrize("path", ["a", "a/b/c.png", "shore-pass/vi.md", "bản-đồ/cảng.png", "a b", "..a", "a" * 200])
def test_an_ordinary_path_is_taken(path: str) -> None:
    assert decode(FileList, written(path), LIST_LIMIT).files[0].path == path


@pytest.mark.parametrize(
    "pair",
    [
        ("a.png", "a.png"),
        ("a.png", "A.PNG"),
        ("Cảng/x", "cảng/X"),
        ("straße", "STRASSE"),
        ("Ế", "ế"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("x/y/z", "X/Y"),
        ("x", "X/y/z"),
    ],
)
def test_two_paths_that_some_file_system_takes_for_one_are_refused(pair: tuple[str, str]) -> None:
    """Also a file that is another file's folder: such a list could never be laid out."""
    assert code_of(*pair) is ErrorCode.DUPLICATE


def test_the_other_unicode_spelling_of_a_name_is_refused_by_itself() -> None:
    """One spelling only: two equivalent names can then not stand side by side at all."""
    decomposed = normalize("NFD", "cảng.png")
    assert code_of(decomposed) is ErrorCode.PATH
    assert code_of("cảng.png", decomposed) is ErrorCode.PATH


def test_files_of_one_folder_are_no_duplicates() -> None:
    paths = ("a/b", "a/c", "a/d/e", "ab", "a.b")
    assert [file.path for file in decode(FileList, written(*paths), LIST_LIMIT).files] == list(paths)


@given(path=_PATHS)
def test_a_path_that_is_taken_stays_in_its_folder_and_has_one_spelling(path: str) -> None:
    try:
        check_path(path)
    except ContractError:
        return
    assert normpath("/release/" + path) == "/release/" + path
    assert PurePosixPath("/release", path).is_relative_to("/release")
    assert normalize("NFC", path) == path


@given(paths=st.lists(_PATHS, max_size=4))
def test_a_list_that_is_taken_has_no_two_paths_alike(paths: list[str]) -> None:
    try:
        listing = FileList(files=tuple(map(entry, paths)))
    except ContractError:
        return
    upper = [normalize("NFC", file.path.upper()) for file in listing.files]
    assert len(set(upper)) == len(upper)
    assert not any(one != other and other.startswith(one + "/") for one in upper for other in upper)


def chain(depth: int) -> dict[str, Any]:
    blob: dict[str, Any] = {"sha256": "a" * 64, "size": 1}
    for _ in range(depth):
        blob = {"sha256": "a" * 64, "size": 1, "index": blob}
    return blob


@pytest.mark.parametrize("depth", [CHAIN_LIMIT + 1, 50, 900, 20_000])
def test_a_long_chain_of_indexes_is_refused_before_anyone_walks_it(depth: int) -> None:
    listing = b'{"schema":"files/1","files":[%s]}'
    link = b'{"path":"a","sha256":"' + b"a" * 64 + b'","size":1,"index":'
    payload = listing % (link * (depth) + link[:-9] + b"}" * (depth + 1))
    for read in (decode, decode_to_sign):
        with pytest.raises(ContractError) as refused:
            read(FileList, payload, LIST_LIMIT)
        assert refused.value.code is ErrorCode.MALFORMED


def test_a_chain_within_the_limit_can_be_walked_from_the_file() -> None:
    index = msgspec.convert(chain(CHAIN_LIMIT - 1), BlobRef)
    assert len(indexes_of(entry("a", index=index).blob)) == CHAIN_LIMIT


def head(**changes: Any) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(example_of(ReleaseHead)), **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_until": "2026-01-01T00:00:00Z"}, ErrorCode.MALFORMED),
        ({"number": 11, "revoked": [11]}, ErrorCode.REVOKED),
        ({"number": 3, "min_release": 4}, ErrorCode.REVOKED),
        ({"list": {"sha256": "a" * 64, "size": LIST_LIMIT + 1}}, ErrorCode.SIZE),
        ({"number": 0}, ErrorCode.MALFORMED),
        ({"issued": "2026-12-01T08:00:00"}, ErrorCode.MALFORMED),
        ({"category": "Essentials"}, ErrorCode.MALFORMED),
        ({"category": "a/b"}, ErrorCode.MALFORMED),
        ({"agency": "border-guard\n"}, ErrorCode.MALFORMED),
        ({"gates": ["../x"]}, ErrorCode.MALFORMED),
        ({"list": {"sha256": "A" * 64, "size": 1}}, ErrorCode.MALFORMED),
        ({"list": {"sha256": "a" * 64, "size": -1}}, ErrorCode.MALFORMED),
    ],
)
def test_a_head_that_contradicts_itself_is_refused(changes: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(ContractError) as refused:
        decode(ReleaseHead, head(**changes), HEAD_LIMIT)
    assert refused.value.code is code


def test_a_head_is_for_the_gates_it_names_or_for_all() -> None:
    everyone = decode(ReleaseHead, head(gates=["*"]), HEAD_LIMIT)
    port = decode(ReleaseHead, head(gates=["hai-phong-port"]), HEAD_LIMIT)
    assert everyone.is_for("cat-bi")
    assert port.is_for("hai-phong-port")
    assert not port.is_for("cat-bi")
    assert port.stream == "essentials/border-guard"


def test_an_ordinary_head_fits_its_limit_with_room_for_a_long_history() -> None:
    many = {"revoked": list(range(2_000_000_000, 2_000_000_200)), "number": 2_100_000_000}
    assert len(encode(decode(ReleaseHead, head(**many), HEAD_LIMIT))) < HEAD_LIMIT


def test_a_list_says_whether_any_file_shows_territory() -> None:
    assert FileList(files=(entry("a"), entry("b", territory=True))).territory
    assert not FileList(files=(entry("a"),)).territory


def test_validity_may_be_as_short_as_a_second() -> None:
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    end = begin + timedelta(seconds=1)
    assert decode(ReleaseHead, head(valid_from=begin, valid_until=end), HEAD_LIMIT).valid_until == end
