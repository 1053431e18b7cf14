"""Laws of the quarantine: two deaths with an item and it is skipped, whatever happens to the player in between."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.content.catalogue import Frame
from appliance.lib import facts
from appliance.lib.health import HealthFact
from appliance.player.facts import Ledger, Now
from appliance.player.health import PlayerHealth
from appliance.player.programme import Entry
from appliance.player.quarantine import KEPT, Quarantine, QuarantineFile
from mqtt.contract.items import Kind

KILLER = Entry(Frame("killer", Path("k.mp4"), Kind.VIDEO, 10.0, item="programme/dic/k.mp4"), (1, 2, 3, 4))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "quarantine.json"


def died(file: Path, times: int = 1, entry: Entry = KILLER) -> None:
    for _ in range(times):
        Quarantine(file).died_with(entry.frame.id, entry.stamp)


def test_two_deaths_and_it_is_skipped_also_by_the_next_player(file: Path) -> None:
    died(file)
    assert not Quarantine(file).holds(KILLER)
    died(file)
    assert Quarantine(file).holds(KILLER)


def test_other_bytes_of_that_name_are_another_item(file: Path) -> None:
    """A corrected file has its chance; another number of the disk after a start makes no difference."""
    died(file, 2)
    assert not Quarantine(file).holds(replace(KILLER, stamp=(1, 2, 3, 5)))
    assert Quarantine(file).holds(replace(KILLER, stamp=(9, 2, 3, 4)))


def test_what_is_played_to_its_end_is_forgiven(file: Path) -> None:
    """Two deaths in a year with the only item on the screen are no proof."""
    died(file)
    Quarantine(file).played(KILLER)
    died(file)
    assert not Quarantine(file).holds(KILLER)


def test_the_list_is_bounded_and_the_newest_stay(file: Path) -> None:
    died(file, 2)
    for number in range(KEPT):
        died(file, 2, replace(KILLER, frame=replace(KILLER.frame, id=f"other-{number}")))
    found = facts.read(file, QuarantineFile)
    assert found is not None
    assert len(found.struck) == KEPT
    assert not Quarantine(file).holds(KILLER)
    assert Quarantine(file).holds(replace(KILLER, frame=replace(KILLER.frame, id=f"other-{KEPT - 1}")))


@pytest.mark.parametrize("spoilt", [b"", b"{", b'{"struck":5}'])
def test_a_list_that_cannot_be_read_is_empty(file: Path, spoilt: bytes) -> None:
    file.write_bytes(spoilt)
    assert not Quarantine(file).holds(KILLER)
    died(file, 2)
    assert Quarantine(file).holds(KILLER)


def test_a_disk_that_takes_no_list_stops_nobody(file: Path) -> None:
    (file.parent / "quarantine.json.draft").mkdir()
    died(file, 2)
    assert not file.exists()


def test_a_death_is_a_start_that_follows_no_end(tmp_path: Path) -> None:
    def start() -> Ledger:
        return Ledger(tmp_path / "now.json", tmp_path / "glass.json")

    assert start().died_with() is None
    start().loading("killer", 3, (1, 2))
    found = start().died_with()
    assert found is not None
    assert (found.item, found.set, found.stamp) == ("killer", 3, (1, 2))
    start().stopped()
    assert start().died_with() is None
    assert start().before() is not None, "the place in the programme is not forgotten"


def test_a_pulled_plug_and_the_slate_are_no_deaths(tmp_path: Path) -> None:
    now = tmp_path / "now.json"
    for left in (Now(item="killer", set=1, boot="another start"), Now(item="killer", set=1)):
        facts.write_durable(now, left)
        assert Ledger(now, tmp_path / "glass.json").died_with() is None
    Ledger(now, tmp_path / "glass.json").loading(None, 1)
    assert Ledger(now, tmp_path / "glass.json").died_with() is None


def test_the_player_names_who_fails_and_whom_it_skips(tmp_path: Path) -> None:
    path = tmp_path / "player.json"
    health = PlayerHealth(path)
    health.quarantines(("programme/dic/k.mp4",))
    assert not path.exists(), "nothing is said before something was played"
    health.shows(4)
    said = facts.read(path, HealthFact)
    assert said == HealthFact(set=4, holds=True, quarantined=("programme/dic/k.mp4",))
    health.fails(4, KILLER.frame)
    health.shows(4)
    said = facts.read(path, HealthFact)
    assert said is not None
    assert (said.holds, said.stream) == (False, "programme/dic"), "a set that failed once has failed"
    health.quarantines(())
    health.shows(5)
    assert facts.read(path, HealthFact) == HealthFact(set=5, holds=True)
