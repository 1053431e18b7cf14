"""Laws of bulk transfer: whatever the line does, everything arrives, once, and nothing wrong is kept."""

import random
from collections import deque
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqtt.bulk.limit import BURST_S, LEAST_BURST
from mqtt.bulk.transfer import GONE_PAUSE_S, Transfer
from mqtt.bulk.window import MOST_BYTES, PATIENCE_S, START_BYTES, Window
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.frames import Frame
from mqtt.contract.releases import BlobRef
from mqtt.contract.transfer import Want

CHUNK = 64 * 1024


def make_blob(chunks: int, seed: int = 0) -> tuple[BlobRef, ChunkIndex, bytes]:
    data = random.Random(seed).randbytes(chunks * CHUNK - 7)
    lengths = [CHUNK] * (chunks - 1) + [CHUNK - 7]
    index = ChunkIndex.of_lengths(data, lengths)
    of_index = index.to_bytes()
    ref = BlobRef(sha256=sha256(of_index).hexdigest(), size=len(of_index))
    return BlobRef(sha256=sha256(data).hexdigest(), size=len(data), index=ref), index, data


def frame(index: ChunkIndex, data: bytes, number: int) -> Frame:
    chunk = index.chunks[number]
    return Frame(number, data[chunk.offset : chunk.offset + chunk.length])


def asked(wants: list[Want]) -> list[int]:
    return [number for want in wants for span in want.ranges for number in range(span.first, span.last + 1)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**31), st.floats(0, 0.6), st.floats(0, 0.3), st.floats(0, 0.3))
def test_a_line_that_loses_repeats_reorders_and_corrupts_costs_only_time(
    chunks: int, seed: int, loss: float, corruption: float, repetition: float
) -> None:
    """The one law of the transfer: in the end every chunk is here and right."""
    blob, index, data = make_blob(chunks)
    dice = random.Random(seed)
    transfer = Transfer()
    transfer.add(blob, index, range(chunks))
    got: dict[int, bytes] = {}
    now = 0.0
    while not transfer.complete(blob.sha256):
        numbers = asked(transfer.requests(now))
        dice.shuffle(numbers)
        for number in numbers:
            if dice.random() < loss:
                continue
            sent = frame(index, data, number)
            if dice.random() < corruption:
                sent = Frame(number, sent.data[:-1] + bytes([sent.data[-1] ^ 1]))
            for _ in range(1 + (dice.random() < repetition)):
                now += 0.01
                with suppress(ContractError):
                    if transfer.arrived(now, blob.sha256, sent):
                        assert number not in got
                        got[number] = sent.data
        deadline = transfer.next_deadline()
        now = max(now + 0.001, deadline if deadline is not None else now)
        assert now < 1e7

    assert b"".join(got[number] for number in range(chunks)) == data


def test_a_corrupt_chunk_is_refused_and_asked_for_again() -> None:
    blob, index, data = make_blob(2)
    transfer = Transfer()
    transfer.add(blob, index, range(2))
    transfer.requests(0.0)

    with pytest.raises(ContractError) as caught:
        transfer.arrived(0.1, blob.sha256, Frame(1, frame(index, data, 1).data[::-1]))

    assert caught.value.code is ErrorCode.DIGEST
    assert asked(transfer.requests(0.2)) == [1]


def test_only_what_is_missing_is_asked_for() -> None:
    """A resume from the bitmap fetches nothing twice."""
    blob, index, _data = make_blob(10)
    transfer = Transfer()
    transfer.add(blob, index, [3, 7])

    assert asked(transfer.requests(0.0)) == [3, 7]


def test_texts_are_asked_for_before_and_beside_a_video() -> None:
    """Across streams: what is read goes before what is watched, also when the video has filled the window."""
    film, film_index, _data = make_blob(40)
    text, text_index, _data = make_blob(1, seed=1)
    other, other_index, _data = make_blob(1, seed=2)
    transfer = Transfer()
    transfer.add(film, film_index, range(40))
    transfer.add(text, text_index, [0])
    first = transfer.requests(0.0)
    transfer.add(other, other_index, [0])
    second = transfer.requests(0.0)

    assert first[0].blob == text.sha256
    assert first[1].blob == film.sha256
    assert [want.blob for want in second] == [other.sha256]


def test_a_pause_stops_the_video_and_not_the_texts() -> None:
    film, film_index, _data = make_blob(4)
    text, text_index, _data = make_blob(1, seed=1)
    transfer = Transfer()
    transfer.limit(0.0, 0.0)
    transfer.add(film, film_index, range(4))
    transfer.add(text, text_index, [0])

    assert [want.blob for want in transfer.requests(0.0)] == [text.sha256]
    assert [want.blob for want in transfer.requests(1e6)] == [text.sha256], "asked again, since it was lost"
    transfer.limit(1e6, None)
    assert transfer.requests(1e6)[0].blob == film.sha256


@settings(max_examples=60, deadline=None)
@given(st.floats(2_000, 2e6), st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_a_limit_is_never_exceeded_and_always_used(rate: float, pauses: list[float]) -> None:
    """In any time t at most rate × t + burst + a chunk is asked for; and the deadline brings more."""
    film, index, data = make_blob(200)
    transfer = Transfer()
    transfer.limit(0.0, rate)
    transfer.add(film, index, range(200))
    burst = max(LEAST_BURST, BURST_S * rate)
    now, total = 0.0, 0
    for pause in pauses:
        numbers = asked(transfer.requests(now))
        total += sum(index.chunks[number].length for number in numbers)
        assert total <= rate * now + burst + CHUNK
        for number in numbers:
            transfer.arrived(now, film.sha256, frame(index, data, number))
        deadline = transfer.next_deadline()
        if not transfer.complete(film.sha256) and not numbers:
            assert deadline is not None
        now = max(now + pause, deadline or 0.0)


def test_chunks_wanted_later_come_after_those_that_wait() -> None:
    blob, index, _data = make_blob(10)
    transfer = Transfer()
    transfer.add(blob, index, [7])
    transfer.also(blob.sha256, [2, 7])

    assert asked(transfer.requests(0.0)) == [2, 7]
    assert asked(transfer.requests(PATIENCE_S / 2)) == []


def test_no_more_is_on_its_way_than_the_window_allows() -> None:
    """A slow line would queue it in front of an urgent notice."""
    blob, index, _data = make_blob(40)
    transfer = Transfer()
    transfer.add(blob, index, range(40))

    first = transfer.requests(0.0)

    assert sum(want.credit for want in first) <= START_BYTES + CHUNK
    assert transfer.requests(0.0) == []


def test_after_a_cut_everything_missing_is_asked_for_anew() -> None:
    blob, index, data = make_blob(4)
    transfer = Transfer()
    transfer.add(blob, index, range(4))
    before = asked(transfer.requests(0.0))
    transfer.arrived(0.1, blob.sha256, frame(index, data, before[0]))

    transfer.restart()

    assert set(asked(transfer.requests(0.2))) == set(range(4)) - {before[0]}


def test_a_lost_chunk_is_asked_for_again_after_its_patience_and_not_before() -> None:
    blob, index, _data = make_blob(1)
    transfer = Transfer()
    transfer.add(blob, index, [0])
    transfer.requests(0.0)

    assert transfer.requests(PATIENCE_S - 0.01) == []
    assert asked(transfer.requests(PATIENCE_S)) == [0]
    assert transfer.requests(2 * PATIENCE_S) == []
    assert asked(transfer.requests(3 * PATIENCE_S)) == [0]


def test_what_a_neighbour_asked_for_is_taken_and_not_asked_for_again() -> None:
    """Frames go to all booths of a gate."""
    blob, index, data = make_blob(3)
    transfer = Transfer()
    transfer.add(blob, index, range(3))

    assert transfer.arrived(0.0, blob.sha256, frame(index, data, 1))

    assert asked(transfer.requests(0.1)) == [0, 2]


def test_a_blob_the_sender_does_not_have_is_left_for_a_while() -> None:
    """And the booth sleeps meanwhile: its deadline lies ahead."""
    blob, index, _data = make_blob(2)
    transfer = Transfer()
    transfer.add(blob, index, range(2))
    transfer.requests(0.0)

    with pytest.raises(ContractError) as caught:
        transfer.arrived(0.1, blob.sha256, Frame(0, b"", gone=True))

    assert caught.value.code is ErrorCode.MISSING
    assert transfer.requests(1.0) == []
    assert transfer.next_deadline() == 0.1 + GONE_PAUSE_S
    assert asked(transfer.requests(0.1 + GONE_PAUSE_S)) == [0, 1]


def test_a_chunk_that_could_not_be_kept_is_missing_again() -> None:
    """The disk was full: nothing is asked for until there may be space, then again."""
    blob, index, data = make_blob(2)
    transfer = Transfer()
    transfer.add(blob, index, range(2))
    transfer.requests(0.0)
    transfer.arrived(0.1, blob.sha256, frame(index, data, 0))
    transfer.arrived(0.1, blob.sha256, frame(index, data, 1))

    transfer.put_back(blob.sha256, 1, until=30.0)

    assert not transfer.complete(blob.sha256)
    assert transfer.requests(1.0) == []
    assert asked(transfer.requests(30.0)) == [1]


@pytest.mark.parametrize("number", [2, 2**31])
def test_a_chunk_beyond_the_index_is_refused(number: int) -> None:
    blob, index, _data = make_blob(2)
    transfer = Transfer()
    transfer.add(blob, index, range(2))

    with pytest.raises(ContractError) as caught:
        transfer.arrived(0.0, blob.sha256, Frame(number, b"x"))

    assert caught.value.code is ErrorCode.FRAME


def test_the_window_grows_to_the_line_and_never_beyond_its_bounds() -> None:
    """20 Mbit/s with 100 ms: half again the 250 kB that fit into the line, not the most that is allowed."""
    rate, delay = 2.5e6, 0.1
    window = Window()
    flying: deque[tuple[float, object]] = deque()
    now = free_at = 0.0
    on_way = 0
    for _ in range(400):
        while on_way + CHUNK <= window.size:
            sent = window.send(now, CHUNK, 0)
            free_at = max(free_at, now + delay / 2) + CHUNK / rate
            flying.append((free_at + delay / 2, sent))
            on_way += CHUNK
        now, arrived = flying.popleft()
        on_way -= CHUNK
        window.arrive(now, arrived)

    assert 250_000 <= window.size <= 700_000
    assert window.size <= MOST_BYTES
