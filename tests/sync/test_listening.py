"""Laws of listening: nobody stays deaf because a broker was not ready for them."""

import itertools
from pathlib import Path

from appliance.sync.listening import FIRST_S, LONGEST_S
from appliance.sync.messages import Arrived, Connected, Disconnected, Subscribe
from mqtt.contract import topics
from mqtt.contract.topics import Plane
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth


def booth_of(folder: Path, office: Office) -> SimulatedBooth:
    folder.mkdir()
    return SimulatedBooth(office, folder, office.add_booth("cb-01"))


def asked(booth: SimulatedBooth) -> int:
    """How often it has asked by now; what it sends is taken."""
    meta = topics.META.filter()
    return sum(isinstance(one, Subscribe) and meta in one.topics for one in booth.session.outgoing(booth.now))


def test_a_broker_that_withholds_everything_is_asked_again_ever_less_until_metadata_come(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        booth = booth_of(tmp_path / "booth", office)
        times = []
        booth.session.take(Connected(Plane.CONTROL), 0.0)
        while booth.now < 5000:
            if asked(booth):
                times.append(booth.now)
            booth.clock.seconds += 0.5
            booth.session.tick(booth.now)
        pauses = [after - before for before, after in itertools.pairwise(times)]
        assert pauses[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
        assert pauses[-1] == LONGEST_S

        booth.session.take(Arrived(Plane.CONTROL, topics.META.at(), office.meta().to_bytes()), booth.now)
        for _ in range(1000):
            booth.clock.seconds += 1
            booth.session.tick(booth.now)
            assert not asked(booth)


def test_nobody_is_asked_while_there_is_no_connection(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        booth = booth_of(tmp_path / "booth", office)
        booth.session.take(Connected(Plane.CONTROL), 0.0)
        assert asked(booth) == 1
        booth.session.take(Disconnected(Plane.CONTROL, "cut"), 0.0)
        booth.clock.seconds += 100
        booth.session.tick(booth.now)
        assert not asked(booth)
