"""Requests against a real database and real files: hostile until they fit."""

import os
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.transfer import Range, Want
from mqtt.office.chunks.shelf import CREDIT_LIMIT, Shelf, worth_deflating
from mqtt.office.database import blobs, open_database, releases
from mqtt.office.objects import Objects

FILM = os.urandom(300_000)
Publish = Callable[[bytes], str]
CUTS = [100_000, 120_000, 80_000]


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    found = open_database(f"sqlite:///{tmp_path}/office.db")
    with found.begin() as connection:
        moment = datetime.now(UTC)
        connection.execute(insert(releases).values(category="law", agency="dic", number=1, head=b"", published=moment))
    return found


@pytest.fixture
def shelf(engine: Engine, objects: Objects) -> Shelf:
    return Shelf(engine, objects)


@pytest.fixture
def publish(engine: Engine, objects: Objects) -> Publish:
    def publish(data: bytes) -> str:
        stored = objects.put(data)
        with engine.begin() as connection:
            row = {"category": "law", "agency": "dic", "number": 1, "sha256": stored.sha256, "size": stored.size}
            connection.execute(insert(blobs).values(row))
        return stored.sha256

    return publish


def want(blob: str, index: str | None, *ranges: tuple[int, int], size: int = len(FILM), credit: int = 2**30) -> Want:
    return Want(blob=blob, size=size, index=index, ranges=tuple(Range(*one) for one in ranges), credit=credit)


def refusal(shelf: Shelf, request: Want) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        shelf.pieces(request)
    return caught.value.code


def test_pieces_put_together_are_the_blob(shelf: Shelf, publish: Publish) -> None:
    request = want(publish(FILM), publish(ChunkIndex.of_lengths(FILM, CUTS).to_bytes()), (0, 2))

    assert b"".join(shelf.read(piece) for piece in shelf.pieces(request)) == FILM


def test_the_answer_stops_at_the_credit(shelf: Shelf, publish: Publish) -> None:
    film, index = publish(FILM), publish(ChunkIndex.of_lengths(FILM, CUTS).to_bytes())

    assert [piece.number for piece in shelf.pieces(want(film, index, (0, 2), credit=220_000))] == [0, 1]
    assert shelf.pieces(want(film, index, (0, 2), credit=99_999)) == []


def test_nobody_has_more_credit_than_the_widest_window(shelf: Shelf, publish: Publish) -> None:
    data = bytes(40 * CHUNK_LIMIT)
    index = publish(ChunkIndex.of_lengths(data, [CHUNK_LIMIT] * 40).to_bytes())

    pieces = shelf.pieces(want(publish(data), index, (0, 39), size=len(data)))

    assert sum(piece.length for piece in pieces) <= CREDIT_LIMIT


def test_a_small_blob_travels_whole(shelf: Shelf, publish: Publish) -> None:
    (piece,) = shelf.pieces(want(publish(b"page"), None, (0, 0), size=4))

    assert shelf.read(piece) == b"page"


def test_what_is_of_no_release_is_not_here(shelf: Shelf, objects: Objects) -> None:
    """Also when its bytes lie in the store: another agency may be preparing it."""
    secret = objects.put(b"not yet").sha256

    (piece,) = shelf.pieces(want(secret, None, (0, 0), size=7))

    assert piece.digest is None


def test_a_lost_file_is_not_here(shelf: Shelf, objects: Objects, publish: Publish) -> None:
    film = publish(b"page")
    objects.path(film).unlink()

    (piece,) = shelf.pieces(want(film, None, (0, 0), size=4))

    assert piece.digest is None


def test_requests_that_do_not_fit_have_their_code(shelf: Shelf, publish: Publish) -> None:
    film, index = publish(FILM), publish(ChunkIndex.of_lengths(FILM, CUTS).to_bytes())

    assert refusal(shelf, want(film, index, (0, 3))) is ErrorCode.FRAME
    assert refusal(shelf, want(film, index, (0, 2**31))) is ErrorCode.FRAME
    assert refusal(shelf, want(film, index, (0, 2), size=299_999)) is ErrorCode.SIZE
    assert refusal(shelf, want(film, None, (0, 0))) is ErrorCode.SIZE
    assert refusal(shelf, want(film, "0" * 64, (0, 0))) is ErrorCode.UNKNOWN
    assert refusal(shelf, want(film, film, (0, 0))) is ErrorCode.MALFORMED
    assert refusal(shelf, want(film, publish(b"GBI1"), (0, 0))) is ErrorCode.SIZE


def test_an_index_of_another_blob_of_the_same_size_troubles_nobody(shelf: Shelf, publish: Publish) -> None:
    """Wrongly cut pieces would reach every neighbour who fetches the same blob."""
    other = os.urandom(len(FILM))
    pieces = shelf.pieces(want(publish(FILM), publish(ChunkIndex.of_lengths(other, CUTS).to_bytes()), (0, 0)))

    with pytest.raises(ContractError) as caught:
        shelf.read(pieces[0])
    assert caught.value.code is ErrorCode.DIGEST


def test_bits_that_rot_on_the_disk_are_not_sent(shelf: Shelf, objects: Objects, publish: Publish) -> None:
    film = publish(b"page")
    (piece,) = shelf.pieces(want(film, None, (0, 0), size=4))
    objects.path(film).write_bytes(b"pagf")

    with pytest.raises(ContractError) as caught:
        shelf.read(piece)
    assert caught.value.code is ErrorCode.DIGEST


def test_media_are_not_deflated_and_texts_are() -> None:
    assert not worth_deflating(os.urandom(64 * 1024))
    assert not worth_deflating(zlib.compress(os.urandom(8000)))
    assert worth_deflating("Cửa khẩu cảng biển Hải Phòng. ".encode() * 2000)
    assert not worth_deflating(b"")
