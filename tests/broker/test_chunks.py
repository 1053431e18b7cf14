"""The chunk server on a real broker, asked by real booths."""

import os
import signal
from hashlib import sha256
from typing import Any

import pytest

from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.documents import encode
from mqtt.contract.frames import unpack
from mqtt.contract.topics import Plane
from mqtt.contract.transfer import Range, Want

pytestmark = pytest.mark.broker

FILM = os.urandom(20 * 50_000)
INDEX = ChunkIndex.of_lengths(FILM, [50_000] * 20)


def blob_topic(digest: str, gate: str = "cat-bi") -> str:
    return topics.BLOB.at(gate=gate, digest=digest)


def want(digest: str, index: str | None, *ranges: tuple[int, int], size: int = len(FILM), credit: int = 2**20) -> bytes:
    return encode(Want(blob=digest, size=size, index=index, ranges=tuple(Range(*one) for one in ranges), credit=credit))


def ask(booth: Any, name: str, payload: bytes) -> None:
    booth.say([(topics.WANT.at(gate="cat-bi", booth=name), payload)], expiry_s=30)


def film_frames(booth: Any) -> list[bytes]:
    return [payload for name, payload in booth.heard if name.endswith(sha256(FILM).hexdigest())]


def frames(booth: Any) -> list[int]:
    return [unpack(payload, CHUNK_LIMIT).number for payload in film_frames(booth)]


@pytest.fixture
def film(office: Any) -> tuple[str, str]:
    return tuple(office.release(1, FILM, INDEX.to_bytes(), b"page")[:2])


@pytest.fixture
def booth(office: Any, film: tuple[str, str], eventually: Any):  # noqa: ANN201 - a booth with everything around it
    with office.brokers(), office.serve("chunks"), office.peer("cb-01", Plane.BULK) as found:
        found.listen(blob_topic(film[0]))
        eventually(lambda: "connected" in office.log("chunks"))
        ready = sha256(b"page").hexdigest()
        found.listen(blob_topic(ready))
        eventually(lambda: answered(found, ready))
        found.deaf(blob_topic(ready))
        found.heard.clear()
        yield found


def answered(booth: Any, digest: str) -> bool:
    """Ask until the server has subscribed."""
    ask(booth, "cb-01", want(digest, None, (0, 0), size=4))
    return bool(booth.heard)


def test_frames_put_together_are_the_blob(booth: Any, film: tuple[str, str]) -> None:
    ask(booth, "cb-01", want(*film, (0, 19)))
    booth.wait(lambda: len(frames(booth)) == 20)

    assert b"".join(unpack(payload, CHUNK_LIMIT).data for payload in film_frames(booth)) == FILM
    assert frames(booth) == list(range(20))


def test_the_server_stops_at_the_credit(booth: Any, film: tuple[str, str]) -> None:
    ask(booth, "cb-01", want(*film, (0, 19), credit=150_000))
    ask(booth, "cb-01", want(*film, (19, 19)))
    booth.wait(lambda: 19 in frames(booth))

    assert frames(booth) == [0, 1, 2, 19]


def test_what_is_not_here_is_said_to_be_gone(booth: Any) -> None:
    digest = sha256(b"unpublished").hexdigest()
    booth.listen(blob_topic(digest))
    ask(booth, "cb-01", want(digest, None, (0, 0), size=11))

    assert unpack(booth.wait_heard(blob_topic(digest)), CHUNK_LIMIT).gone


def test_hostile_requests_are_logged_with_their_code_and_change_nothing(
    office: Any, booth: Any, film: tuple[str, str]
) -> None:
    other = office.release(2, ChunkIndex.of_lengths(os.urandom(len(FILM)), [50_000] * 20).to_bytes())[0]
    for payload in (
        b"{",
        b"\xff" * 100,
        want(*film, (0, 20)),
        want(film[0], film[0], (0, 0)),
        want(film[0], other, (0, 0)),
        want(*film, (0, 0), size=1),
        want(film[0], None, (0, 0)),
    ):
        ask(booth, "cb-01", payload)
    ask(booth, "cb-01", want(*film, (7, 7)))
    booth.wait(lambda: frames(booth))

    assert frames(booth) == [7]
    log = office.log("chunks")
    assert all(code in log for code in ("E_MALFORMED", "E_FRAME", "E_SIZE", "E_DIGEST"))


def test_one_copy_serves_all_booths_of_a_gate(office: Any, booth: Any, film: tuple[str, str]) -> None:
    with office.peer("cb-02", Plane.BULK) as neighbour:
        neighbour.listen(blob_topic(film[0]))
        ask(booth, "cb-01", want(*film, (0, 0)))
        ask(neighbour, "cb-02", want(*film, (19, 19)))
        booth.wait(lambda: len(frames(booth)) == 2)

        ask(booth, "cb-01", want(*film, (1, 15)))
        ask(neighbour, "cb-02", want(*film, (1, 15)))
        booth.wait(lambda: set(frames(booth)) == {*range(16), 19})
        ask(neighbour, "cb-02", want(*film, (17, 17)))
        booth.wait(lambda: 17 in frames(booth))

        assert sorted(frames(booth)) == [*range(16), 17, 19]
        neighbour.wait(lambda: sorted(frames(neighbour)) == sorted(frames(booth)))


def test_killed_and_started_again_it_answers(office: Any, film: tuple[str, str], eventually: Any) -> None:
    page = sha256(b"page").hexdigest()
    with office.brokers(), office.peer("cb-01", Plane.BULK) as booth:
        booth.listen(blob_topic(page))
        with office.serve("chunks") as process:
            eventually(lambda: answered(booth, page))
            process.send_signal(signal.SIGKILL)
            process.wait()
        with office.serve("chunks"):
            eventually(lambda: office.log("chunks").count("connected") == 2)
            booth.heard.clear()
            eventually(lambda: answered(booth, page))
        assert unpack(booth.heard[0][1], CHUNK_LIMIT).data == b"page"
        assert film
