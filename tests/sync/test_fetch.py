"""Laws of the fetch: each blob by its own way, nothing twice, and a device in need is asked again later."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import DeviceError, RefusedError
from appliance.sync.fetch import Fetch
from appliance.sync.inline import PATIENCE_S
from appliance.sync.messages import Publish, Subscribe, Unsubscribe
from mqtt.contract import topics
from mqtt.contract.documents import decode
from mqtt.contract.errors import ErrorCode
from mqtt.contract.frames import pack
from mqtt.contract.releases import INLINE_LIMIT, BlobRef
from mqtt.contract.topics import Plane
from mqtt.contract.transfer import WANT_LIMIT, Want
from tests.content.conftest import chunked, ref

TEXT: Final = b"a page"
FILM: Final = bytes(range(256)) * 40
BLOB, INDEX = chunked(FILM)
PAUSE_S: Final = 7.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(Layout(tmp_path / "content"))
    made.put(ref(INDEX.to_bytes()), INDEX.to_bytes())
    return made


@pytest.fixture
def fetch(store: Store) -> Iterator[Fetch]:
    made = Fetch(store, "cb-01", "cat-bi", PAUSE_S)
    for plane in Plane:
        made.connected(plane)
    yield made
    made.close()


def frame(number: int) -> bytes:
    chunk = INDEX.chunks[number]
    return pack(FILM[chunk.offset : chunk.offset + chunk.length], number)


def said(fetch: Fetch) -> list[Subscribe | Unsubscribe | Publish]:
    messages = list(fetch.outgoing)
    fetch.outgoing.clear()
    return messages


def wants(fetch: Fetch) -> list[Want]:
    return [decode(Want, one.payload, WANT_LIMIT) for one in said(fetch) if isinstance(one, Publish)]


def test_a_small_blob_is_listened_for_by_its_own_name(fetch: Fetch, store: Store) -> None:
    blob = ref(TEXT)
    topic = topics.INLINE.at(digest=blob.sha256)
    fetch.want(blob)
    fetch.tick(0.0)
    assert said(fetch) == [Subscribe(Plane.CONTROL, (topic,))]

    fetch.inline(blob.sha256, pack(TEXT))

    assert list(fetch.done) == [blob.sha256]
    assert store.read(blob.sha256) == TEXT
    assert said(fetch) == [Unsubscribe(Plane.CONTROL, (topic,))]
    assert not fetch.wanted


def test_a_small_blob_that_does_not_come_is_asked_for_on_the_bulk_side(fetch: Fetch) -> None:
    blob = ref(TEXT)
    fetch.want(blob)
    fetch.tick(0.0)
    said(fetch)
    assert fetch.next_deadline() == PATIENCE_S
    fetch.tick(PATIENCE_S)
    (want,) = wants(fetch)
    assert (want.blob, want.index) == (blob.sha256, None)
    fetch.frame(PATIENCE_S, blob.sha256, pack(TEXT))
    assert list(fetch.done) == [blob.sha256]


def test_wrong_bytes_on_the_control_plane_are_refused_and_the_bulk_side_is_asked(fetch: Fetch, store: Store) -> None:
    blob = ref(TEXT)
    fetch.want(blob)
    fetch.tick(0.0)
    said(fetch)
    with pytest.raises(RefusedError) as refused:
        fetch.inline(blob.sha256, pack(b"a p0ge"))
    assert refused.value.code is ErrorCode.DIGEST
    fetch.tick(0.1)
    assert [want.blob for want in wants(fetch)] == [blob.sha256]
    assert not store.has(blob)


def test_a_large_blob_comes_in_chunks_in_any_order(fetch: Fetch, store: Store) -> None:
    fetch.want(BLOB)
    fetch.tick(0.0)
    (want,) = wants(fetch)
    assert (want.blob, want.size, want.index) == (BLOB.sha256, BLOB.size, ref(INDEX.to_bytes()).sha256)
    for number in reversed(range(len(INDEX.chunks))):
        assert not fetch.done
        fetch.frame(0.1, BLOB.sha256, frame(number))
    assert list(fetch.done) == [BLOB.sha256]
    assert store.read(BLOB.sha256) == FILM
    assert fetch.next_deadline() is None


def test_after_a_new_connection_only_what_is_missing_is_asked_for(fetch: Fetch) -> None:
    fetch.want(BLOB)
    fetch.tick(0.0)
    said(fetch)
    for number in range(8):
        fetch.frame(0.1, BLOB.sha256, frame(number))
    fetch.disconnected(Plane.BULK)
    fetch.tick(5.0)
    assert wants(fetch) == []
    fetch.connected(Plane.BULK)
    fetch.tick(6.0)
    topic = topics.BLOB.at(gate="cat-bi", digest=BLOB.sha256)
    messages = said(fetch)
    assert Subscribe(Plane.BULK, (topic,)) in messages
    (want,) = (decode(Want, one.payload, WANT_LIMIT) for one in messages if isinstance(one, Publish))
    assert [(span.first, span.last) for span in want.ranges] == [(8, len(INDEX.chunks) - 1)]


def test_what_nobody_wants_any_more_is_left_and_what_came_of_it_stays(fetch: Fetch, store: Store) -> None:
    fetch.want(BLOB)
    fetch.tick(0.0)
    said(fetch)
    fetch.frame(0.1, BLOB.sha256, frame(0))
    fetch.only([])
    assert Unsubscribe(Plane.BULK, (topics.BLOB.at(gate="cat-bi", digest=BLOB.sha256),)) in said(fetch)
    fetch.frame(0.2, BLOB.sha256, frame(1))
    fetch.want(BLOB)
    fetch.tick(0.3)
    (want,) = wants(fetch)
    assert want.ranges[0].first == 1
    assert not store.has(BLOB)


def test_wanting_twice_is_wanting_once(fetch: Fetch) -> None:
    for _ in range(2):
        fetch.want(BLOB)
        fetch.want(ref(TEXT))
    fetch.tick(0.0)
    assert len(wants(fetch)) == 1


def test_a_large_blob_without_an_index_is_refused(fetch: Fetch) -> None:
    """Nobody could verify it before its end."""
    with pytest.raises(RefusedError) as refused:
        fetch.want(BlobRef(sha256="1" * 64, size=INLINE_LIMIT * 100))
    assert refused.value.code is ErrorCode.SIZE
    assert not fetch.wanted


def test_a_blob_that_only_lacks_its_last_step_is_finished_when_the_disk_takes_it(fetch: Fetch, store: Store) -> None:
    """Every chunk is here and the disk refuses the name: nothing is fetched again, nothing is stuck."""
    fetch.want(BLOB)
    fetch.tick(0.0)
    said(fetch)
    place = store.layout.object(BLOB.sha256).parent
    shutil.rmtree(place, ignore_errors=True)
    place.write_bytes(b"in the way")
    for number in range(len(INDEX.chunks) - 1):
        fetch.frame(0.1, BLOB.sha256, frame(number))
    with pytest.raises(DeviceError) as refused:
        fetch.frame(0.1, BLOB.sha256, frame(len(INDEX.chunks) - 1))
    assert refused.value.code is ErrorCode.DISK
    assert not fetch.done
    place.unlink()

    fetch.want(BLOB)
    fetch.tick(0.2)

    assert list(fetch.done) == [BLOB.sha256]
    assert wants(fetch) == []
    assert store.read(BLOB.sha256) == FILM
