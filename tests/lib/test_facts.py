"""Facts: whole or absent, and told to whoever watches."""

from pathlib import Path
from queue import Queue

import msgspec
import pytest

from appliance.lib import facts
from appliance.lib.clock import BUILD_TIME, Clock, ClockFact, boottime_ns

BOOT = "7f9c2ba4-e88f-427d-b4ea-1b6b5b0f0d11"


class Glass(msgspec.Struct, frozen=True):
    output: str
    on: bool


@pytest.mark.parametrize("write", [facts.write, facts.write_durable])
def test_a_fact_reads_back(tmp_path: Path, write: "object") -> None:
    assert callable(write)
    write(tmp_path / "glass.json", Glass("HDMI-A-1", on=True))
    assert facts.read(tmp_path / "glass.json", Glass) == Glass("HDMI-A-1", on=True)


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"output":1,"on":true}', b"\xff", b"[" * 100_000, b"null"])
def test_what_cannot_be_read_has_not_been_said(tmp_path: Path, spoilt: bytes) -> None:
    path = tmp_path / "glass.json"
    assert facts.read(path, Glass) is None
    path.write_bytes(spoilt)
    assert facts.read(path, Glass) is None
    path.unlink()
    path.mkdir()
    assert facts.read(path, Glass) is None


def test_a_watch_tells_of_each_change_of_its_facts_and_of_no_other_file(tmp_path: Path) -> None:
    told: Queue[str] = Queue()
    with facts.Watch([tmp_path / "link.json", tmp_path / "clock.json"], told.put):
        facts.write(tmp_path / "other.json", Glass("x", on=False))
        facts.write(tmp_path / "link.json", Glass("x", on=False))
        assert told.get(timeout=5) == "link.json"
        facts.write_durable(tmp_path / "clock.json", Glass("x", on=False))
        names = {told.get(timeout=5)}
        while "clock.json" not in names:
            names.add(told.get(timeout=5))
    assert names <= {"link.json", "clock.json"}


def state(path: Path, *, boot: str = BOOT, ago_s: int = 0, trusted: bool = True) -> ClockFact:
    at_ns = boottime_ns() - ago_s * 10**9
    fact = ClockFact(now=BUILD_TIME.replace(year=2027), boottime_ns=at_ns, boot=boot, source="ntp", trusted=trusted)
    facts.write(path, fact)
    return fact


def test_time_goes_on_from_the_fact_also_with_the_agent_dead(tmp_path: Path) -> None:
    fact = state(tmp_path / "clock.json", ago_s=3600)
    clock = Clock(tmp_path / "clock.json", BOOT)
    now, trusted = clock.read()
    assert trusted
    assert 3600 <= (now - fact.now).total_seconds() < 3700
    assert clock.now() >= now


def test_a_fact_of_an_earlier_boot_is_a_lower_bound_and_not_believed(tmp_path: Path) -> None:
    fact = state(tmp_path / "clock.json", boot="another", ago_s=3600)
    assert Clock(tmp_path / "clock.json", BOOT).read() == (fact.now, False)


def test_without_a_fact_it_is_the_build_time_and_not_believed(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json", BOOT)
    assert clock.read() == (BUILD_TIME, False)
    assert not clock.trusted


def test_what_the_agent_does_not_believe_nobody_believes(tmp_path: Path) -> None:
    state(tmp_path / "clock.json", trusted=False)
    assert not Clock(tmp_path / "clock.json", BOOT).trusted


def test_a_folder_watch_rings_for_what_appears_and_what_leaves(tmp_path: Path) -> None:
    """Sticks come and go as folders; what lies deeper makes no noise."""
    rung: Queue[str] = Queue()
    with facts.FolderWatch(tmp_path, lambda: rung.put("rung")):
        (tmp_path / "sda1").mkdir()
        assert rung.get(timeout=10)
        (tmp_path / "sda1").rmdir()
        assert rung.get(timeout=10)
