"""What the edge keeps, answers and asks for; the office is played by the test."""

import random
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import pack, pack_gone
from mqtt.contract.transfer import Range, Want
from mqtt.office.edge.cache import INLINE_S, INTEREST_S, Cache
from mqtt.office.edge.indexes import Indexes
from mqtt.office.edge.store import LEAST_BYTES, ChunkStore

CHUNK = 32 * 1024


class World:
    """A cache on a folder, a clock, and one film that the office has."""

    def __init__(self, folder: Path, chunks: int = 6) -> None:
        self.now = 0.0
        self.folder = folder
        self.data = random.Random(7).randbytes(CHUNK * chunks)
        self.index = ChunkIndex.of_lengths(self.data, [CHUNK] * chunks)
        self.of_index = self.index.to_bytes()
        self.blob, self.index_digest = sha256(self.data).hexdigest(), sha256(self.of_index).hexdigest()
        self.restart()

    def restart(self) -> None:
        self.store = ChunkStore(self.folder / "chunks", LEAST_BYTES)
        self.cache = Cache(self.store, Indexes(self.store, self.folder / "recipes"), lambda: self.now)

    def want(self, first: int, last: int) -> Want:
        ranges = (Range(first, last),)
        return Want(blob=self.blob, size=len(self.data), index=self.index_digest, ranges=ranges, credit=2**20)

    def know_the_index(self) -> None:
        self.store.keep(self.index_digest, self.of_index)

    def frame(self, number: int) -> bytes:
        chunk = self.index.chunks[number]
        return pack(self.data[chunk.offset : chunk.offset + chunk.length], number)

    def asked(self) -> list[int]:
        return [at for want in self.cache.wants() for span in want.ranges for at in range(span.first, span.last + 1)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_is_not_here_is_asked_for_once_whoever_wants_it(world: World) -> None:
    world.know_the_index()
    assert world.cache.pieces(world.want(0, 3)) == []
    assert world.asked() == [0, 1, 2, 3]
    assert world.cache.pieces(world.want(2, 5)) == []
    assert world.asked() == [4, 5]


def test_what_came_is_kept_and_answered_also_after_a_restart(world: World) -> None:
    world.know_the_index()
    world.cache.pieces(world.want(0, 1))
    world.cache.wants()
    assert world.cache.frame(world.blob, world.frame(1)) is not None
    world.restart()

    (piece,) = world.cache.pieces(world.want(0, 1))
    assert piece.number == 1
    assert world.cache.read(piece) == world.data[CHUNK : 2 * CHUNK]
    assert world.asked() == [0]


def test_a_corrupt_frame_is_refused_not_kept_and_asked_for_again(world: World) -> None:
    world.know_the_index()
    world.cache.pieces(world.want(0, 0))
    world.cache.wants()

    with pytest.raises(ContractError) as caught:
        world.cache.frame(world.blob, pack(b"x" * CHUNK, 0))

    assert caught.value.code is ErrorCode.DIGEST
    assert world.index.chunks[0].digest.hex() not in world.store
    assert world.asked() == [0]


def test_frames_nobody_here_asked_for_are_left_alone(world: World) -> None:
    assert world.cache.frame(world.blob, world.frame(0)) is None
    assert world.store.size == 0


def test_an_unknown_index_is_asked_for_and_the_request_waits_for_it(world: World) -> None:
    assert world.cache.pieces(world.want(0, 1)) == []
    assert list(world.cache.unknown) == [world.index_digest]
    assert world.asked() == []

    assert world.cache.inline(world.index_digest, pack(world.of_index)) == []
    assert world.asked() == [0, 1]


def test_an_index_that_does_not_come_lets_the_request_pass_as_it_is(world: World) -> None:
    want = world.want(0, 1)
    world.cache.pieces(want)
    assert world.cache.next_deadline() == INLINE_S
    world.now = INLINE_S

    assert world.cache.wants() == [want]
    assert world.cache.wants() == []


def test_a_forged_index_is_not_believed(world: World) -> None:
    world.cache.pieces(world.want(0, 1))

    with pytest.raises(ContractError) as caught:
        world.cache.inline(world.index_digest, pack(b"GBI1\0\0\0\0"))

    assert caught.value.code is ErrorCode.DIGEST
    assert world.store.size == 0


def test_a_large_index_is_put_together_from_its_chunks_also_after_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    half = len(world.of_index) // 2
    outer = ChunkIndex.of_lengths(world.of_index, [half, len(world.of_index) - half])
    outer_digest = sha256(outer.to_bytes()).hexdigest()
    world.store.keep(outer_digest, outer.to_bytes())
    ask = Want(
        blob=world.index_digest, size=len(world.of_index), index=outer_digest, ranges=(Range(0, 1),), credit=2**20
    )
    world.cache.pieces(ask)
    world.cache.wants()
    world.cache.frame(world.index_digest, pack(world.of_index[:half], 0))
    world.cache.frame(world.index_digest, pack(world.of_index[half:], 1))
    world.restart()

    assert world.cache.pieces(world.want(0, 0)) == []
    assert world.asked() == [0]


@pytest.mark.parametrize("last", [6, 2**31])
def test_chunks_beyond_the_index_are_refused(world: World, last: int) -> None:
    world.know_the_index()
    with pytest.raises(ContractError) as caught:
        world.cache.pieces(world.want(0, last))
    assert caught.value.code is ErrorCode.FRAME


def test_what_nobody_wants_any_more_is_no_longer_asked_for(world: World) -> None:
    world.know_the_index()
    world.cache.pieces(world.want(0, 0))
    world.cache.wants()
    world.now = INTEREST_S + 1

    assert world.asked() == []
    assert world.cache.next_deadline() is None


def test_a_new_line_asks_again_at_once_for_what_was_on_its_way(world: World) -> None:
    world.know_the_index()
    world.cache.pieces(world.want(0, 1))
    world.cache.wants()
    assert world.asked() == []
    world.cache.restart()
    assert world.asked() == [0, 1]


def test_a_blob_the_office_does_not_have_is_left_for_a_while(world: World) -> None:
    world.know_the_index()
    world.cache.pieces(world.want(0, 0))
    world.cache.wants()

    with pytest.raises(ContractError) as caught:
        world.cache.frame(world.blob, pack_gone())

    assert caught.value.code is ErrorCode.MISSING
    assert world.asked() == []


def test_a_chunk_that_rotted_on_disk_is_never_sent(world: World) -> None:
    world.know_the_index()
    digest = world.index.chunks[0].digest.hex()
    world.store.keep(digest, world.data[:CHUNK])
    (piece,) = world.cache.pieces(world.want(0, 0))
    (world.folder / "chunks" / digest[:2] / digest).write_bytes(b"rot")

    with pytest.raises(ContractError) as caught:
        world.cache.read(piece)

    assert caught.value.code is ErrorCode.MISSING
    assert world.cache.pieces(world.want(0, 0)) == []
    assert world.asked() == [0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 200), min_size=1, max_size=120))
def test_the_store_never_exceeds_its_bound_and_keeps_what_was_used_last(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    size = LEAST_BYTES // 8
    store = ChunkStore(folder, LEAST_BYTES)
    used: list[str] = []
    for number in numbers:
        data = number.to_bytes(4, "big") * (size // 4)
        digest = sha256(data).hexdigest()
        if store.read(digest) is None:
            store.keep(digest, data)
        used = [*(one for one in used if one != digest), digest]
        assert store.size <= LEAST_BYTES

    for digest in used[-8:]:
        assert digest in store
    again = ChunkStore(folder, LEAST_BYTES)
    assert again.size == store.size == sum(path.stat().st_size for path in folder.glob("??/*"))
