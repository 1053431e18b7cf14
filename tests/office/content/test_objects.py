"""The office keeps each file's bytes once, whole, under their digest."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office import objects as store
from mqtt.office.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path / "objects")


def test_what_was_put_is_found_under_its_digest(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"frames" * 1000)
    for stored in (objects.put(b"text"), objects.put_file(tmp_path / "clip.mp4")):
        assert sha256(objects.read(stored.sha256)).hexdigest() == stored.sha256
        assert objects.path(stored.sha256).stat().st_size == stored.size


def test_the_same_bytes_are_kept_once(objects: Objects, tmp_path: Path) -> None:
    """Also when they come as a file the second time."""
    (tmp_path / "a.md").write_bytes(b"text")
    assert objects.put(b"text").is_new
    assert not objects.put(b"text").is_new
    assert not objects.put_file(tmp_path / "a.md").is_new
    assert len(list((tmp_path / "objects").glob("*/*"))) == 1


def test_a_range_ends_where_the_object_ends(objects: Objects) -> None:
    digest = objects.put(b"0123456789").sha256
    assert objects.read_range(digest, 2, 3) == b"234"
    assert objects.read_range(digest, 8, 100) == b"89"
    assert objects.read_range(digest, 100, 5) == b""


def test_a_large_file_passes_in_pieces(objects: Objects, tmp_path: Path, make_noise: Callable[..., bytes]) -> None:
    """A video is never in memory as a whole."""
    data = make_noise(store.PIECE_BYTES * 2 + 17)
    (tmp_path / "film.mp4").write_bytes(data)
    stored = objects.put_file(tmp_path / "film.mp4")
    assert (stored.size, stored.sha256) == (len(data), sha256(data).hexdigest())


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_digests_lead_to_objects(objects: Objects, digest: str) -> None:
    with pytest.raises(ContractError) as caught:
        objects.read_range(digest, 0, 1)
    assert caught.value.code is ErrorCode.MALFORMED


def test_an_unknown_digest_is_missing(objects: Objects) -> None:
    with pytest.raises(ContractError) as caught:
        objects.open("0" * 64)
    assert caught.value.code is ErrorCode.MISSING


def test_a_failed_write_leaves_nothing(objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: no draft stays, no digest answers."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        objects.put(b"text")
    assert not objects.has(sha256(b"text").hexdigest())
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []
