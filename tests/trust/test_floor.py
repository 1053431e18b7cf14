"""Version floors: what was once believed is the least that will be believed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.trust.floor import Floors

_SEEN = st.dictionaries(st.sampled_from(["root", "timestamp@a", "timestamp@b", "dic@c"]), st.integers(0, 5))


def test_an_older_version_is_refused_and_changes_nothing_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    Floors(path).raise_to({"timestamp@a": 5, "root": 2})
    for floors in (Floors(path), Floors(path)):
        with pytest.raises(RefusedError) as refused:
            floors.raise_to({"root": 3, "timestamp@a": 4})
        assert refused.value.code is ErrorCode.ROLLBACK
        assert floors.by_role == {"timestamp": 5, "root": 2}


def test_new_keys_start_again_and_the_old_keys_never_do(tmp_path: Path) -> None:
    """Fast-forward recovery: root replaces the timestamp keys, versions may begin at 1."""
    floors = Floors(tmp_path / "floors.json")
    floors.raise_to({"timestamp@a": 900})
    floors.raise_to({"timestamp@b": 1})
    with pytest.raises(RefusedError):
        floors.raise_to({"timestamp@a": 899})
    with pytest.raises(RefusedError):
        floors.raise_to({"timestamp@b": 0})


@pytest.mark.parametrize("spoilt", [b"", b"{", b'{"versions":{"root":"x"}}', bytes(100)])
@pytest.mark.parametrize("copy", ["floors.json", "floors.copy.json"])
def test_one_spoilt_copy_is_no_reason_to_believe_less(tmp_path: Path, copy: str, spoilt: bytes) -> None:
    path = tmp_path / "floors.json"
    Floors(path).raise_to({"root": 7})
    (tmp_path / copy).write_bytes(spoilt)
    with pytest.raises(RefusedError):
        Floors(path).raise_to({"root": 6})


def test_floors_that_were_lost_altogether_are_not_taken_for_none(tmp_path: Path) -> None:
    """Only a device that never believed anything starts at nothing."""
    path = tmp_path / "floors.json"
    assert Floors(path).by_role == {}
    Floors(path).raise_to({"root": 7})
    for copy in tmp_path.iterdir():
        copy.write_bytes(b"")
    with pytest.raises(DeviceError) as refused:
        Floors(path)
    assert refused.value.code is ErrorCode.DISK


def test_what_cannot_be_remembered_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    floors = Floors(path)
    floors.raise_to({"root": 1})
    (tmp_path / "floors.copy.json.draft").mkdir()
    with pytest.raises(DeviceError) as refused:
        floors.raise_to({"root": 2})
    assert refused.value.code is ErrorCode.DISK
    assert floors.by_role == {"root": 1}


@settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(_SEEN, max_size=6))
def test_floors_only_rise(tmp_path: Path, history: list[dict[str, int]]) -> None:
    path = tmp_path / "floors.json"
    for copy in tmp_path.iterdir():
        copy.unlink()
    highest: dict[str, int] = {}
    for seen in history:
        falls = any(version < highest.get(key, 0) for key, version in seen.items())
        try:
            Floors(path).raise_to(seen)
        except RefusedError:
            assert falls
        else:
            assert not falls
            highest |= seen
    by_role = {key.partition("@")[0]: 0 for key, version in highest.items() if version}
    for key, version in highest.items():
        if version:
            role = key.partition("@")[0]
            by_role[role] = max(by_role[role], version)
    assert Floors(path).by_role == by_role
