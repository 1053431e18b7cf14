"""A blob that arrives over weeks of cuts: nothing verified is fetched twice, nothing unverified is believed."""

import os
import random
import resource
import signal
import struct
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.content.layout import Layout
from appliance.content.partial import Partial
from appliance.content.store import Store
from appliance.errors import DeviceError, ErrorCode
from mqtt.contract.chunks import ChunkIndex, Chunks
from mqtt.contract.releases import BlobRef

DATA = bytes(range(256)) * 40
SIZE = 1000


def in_child(work: Callable[[], object]) -> int:
    """Run ``work`` in a process of its own; return its wait status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(99)
    return os.waitpid(child, 0)[1]


def piece(number: int) -> bytes:
    return DATA[number * SIZE : (number + 1) * SIZE]


def test_a_kill_while_receiving_loses_no_verified_chunk(tmp_path: Path, make: Any) -> None:
    """SIGKILL in the middle: the next start misses exactly what never came, and finishes from there."""
    blob, index = make.chunked(DATA, SIZE)

    def receive() -> None:
        partial = Partial(tmp_path, blob, index)
        for number in (0, 3, 4, 9):
            partial.write(number, piece(number))
        os.kill(os.getpid(), signal.SIGKILL)

    assert os.WTERMSIG(in_child(receive)) == signal.SIGKILL
    with Partial(tmp_path, blob, index) as partial:
        assert partial.missing == [1, 2, 5, 6, 7, 8, 10]
        assert partial.have_bytes == 4 * SIZE
        for number in partial.missing:
            partial.write(number, piece(number))
        assert partial.finish(tmp_path / "objects/x")
    assert (tmp_path / "objects/x").read_bytes() == DATA
    assert sorted(path.name for path in tmp_path.iterdir()) == ["objects"]


@pytest.mark.parametrize("hole", [[0], [2, 7], [10], list(range(11))])
def test_a_map_that_vouches_for_bytes_that_are_not_there_is_found_out(
    tmp_path: Path, make: Any, hole: list[int]
) -> None:
    """A power cut may keep the map and lose data: the whole's digest finds it, only the bad chunks come again."""
    blob, index = make.chunked(DATA, SIZE)
    with Partial(tmp_path, blob, index) as partial:
        for number in range(11):
            partial.write(number, b"\0" * len(piece(number)) if number in hole else piece(number))
        assert not partial.finish(tmp_path / "done")
        assert partial.missing == hole
    with Partial(tmp_path, blob, index) as partial:
        assert partial.missing == hole
        for number in hole:
            partial.write(number, piece(number))
        assert partial.finish(tmp_path / "done")
    assert (tmp_path / "done").read_bytes() == DATA


@settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(map_bytes=st.binary(max_size=30), length=st.integers(0, 2 * len(DATA)))
def test_whatever_stands_in_the_map_the_right_bytes_come_out(
    tmp_path: Path, make: Any, map_bytes: bytes, length: int
) -> None:
    blob, index = make.chunked(DATA, SIZE)
    (tmp_path / f"{blob.sha256}.map").write_bytes(map_bytes)
    (tmp_path / blob.sha256).write_bytes(b"\1" * length)
    with Partial(tmp_path, blob, index) as partial:
        for _ in range(2):
            for number in partial.missing:
                partial.write(number, piece(number))
            if partial.finish(tmp_path / "done"):
                break
    assert (tmp_path / "done").read_bytes() == DATA


def test_a_map_left_over_by_a_cut_while_finishing_vouches_for_nothing(tmp_path: Path, make: Any) -> None:
    blob, index = make.chunked(DATA, SIZE)
    (tmp_path / f"{blob.sha256}.map").write_bytes(b"\1" * 11)
    for _ in range(2):
        with Partial(tmp_path, blob, index) as partial:
            assert partial.missing == list(range(11))


def test_a_disk_that_fills_up_in_the_middle_of_a_chunk_keeps_the_chunks_before(
    store: Store, layout: Layout, make: Any
) -> None:
    """The kernel takes part of a chunk before it says no: that part is not taken for the chunk."""
    blob, index = make.chunked(DATA, SIZE)
    store.open_partial(blob, index).close()

    def fill() -> None:
        partial = store.open_partial(blob, index)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 * SIZE + 500, resource.RLIM_INFINITY))
        try:
            for number in range(11):
                partial.write(number, piece(number))
        except DeviceError as error:
            partial.close()
            os._exit(7 if error.code is ErrorCode.DISK else 8)

    assert os.WEXITSTATUS(in_child(fill)) == 7
    with store.open_partial(blob, index) as partial:
        assert partial.missing == list(range(4, 11))
        for number in partial.missing:
            partial.write(number, piece(number))
        assert store.finish(partial)
    assert store.read(blob.sha256) == DATA
    assert list(layout.partial.iterdir()) == []


def test_a_disk_that_is_full_before_is_refused_with_its_code_and_leaks_no_file(store: Store, make: Any) -> None:
    blob, index = make.chunked(DATA, SIZE)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, resource.RLIM_INFINITY))
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - descriptors are no files
        for _ in range(5):
            try:
                store.open_partial(blob, index)
            except DeviceError as error:
                if error.code is not ErrorCode.DISK:
                    os._exit(8)
        os._exit(7 if len(os.listdir("/proc/self/fd")) == before else 9)  # noqa: PTH208 - as above

    assert os.WEXITSTATUS(in_child(fill)) == 7


def test_what_will_not_fit_is_refused_before_it_is_fetched(store: Store) -> None:
    with pytest.raises(DeviceError) as refused:
        store.require_space([BlobRef(sha256="0" * 64, size=store.free_bytes)])
    assert refused.value.code is ErrorCode.DISK
    assert "free" in refused.value.detail
    store.require_space([])


def test_what_has_arrived_needs_no_room_a_second_time(store: Store) -> None:
    """Else a booth that had room for a film before it came would refuse the last third of it after a restart."""
    pieces, length = 9, 128 * 1024
    data = random.Random(1).randbytes(pieces * length)
    digests = [sha256(data[at : at + length]).digest() for at in range(0, len(data), length)]
    index = ChunkIndex(Chunks(b"".join(struct.pack(">I32s", length, digest) for digest in digests)))
    blob = BlobRef(sha256=sha256(data).hexdigest(), size=len(data))
    with store.open_partial(blob, index) as partial:
        for number in range(pieces - 1):
            partial.write(number, data[number * length : (number + 1) * length])

    with pytest.raises(DeviceError) as refused:
        store.require_space([blob, BlobRef(sha256="0" * 64, size=2**50)])
    assert int(refused.value.detail.split()[0]) == pytest.approx(2**50 + length, abs=length // 2)
