"""Configuration through a whole session: what arrives counts, what is wrong is named, what cuts off is taken back."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from appliance.config.files import Effective
from appliance.sync.configured import KEEP_EVERY_S
from mqtt.contract.configuration import Broker, Configuration
from mqtt.contract.documents import encode
from mqtt.contract.envelopes import peek, seal
from mqtt.contract.layers import CONFIG_PAYLOAD_TYPE, LAYER_LIMIT, Layer
from mqtt.contract.releases import assign_target
from mqtt.contract.state import CommitState, ConfigReport
from mqtt.office.assign import reassign
from mqtt.office.configuration.asking import Standing, standing_of
from mqtt.office.database import assignments, layers
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth

ELSEWHERE = '[network]\nbrokers = [{ host = "elsewhere.example" }]\nconfirm_within_s = 60\n'
THERE = (Broker(host="elsewhere.example"),)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.fixed_now = office.now.replace(microsecond=0)
        yield office


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> SimulatedBooth:
    folder = tmp_path / "booth"
    folder.mkdir()
    booth = SimulatedBooth(office, folder, office.add_booth("cb-01"))
    booth.follow_office()
    booth.connect()
    booth.run(5)
    return booth


def follow(booth: SimulatedBooth, seconds: float = 5) -> None:
    booth.follow_office()
    booth.run(seconds)


def counts(booth: SimulatedBooth) -> Configuration:
    return Effective(booth.folder).read()


def says(booth: SimulatedBooth) -> ConfigReport:
    said = booth.reports[-1].configuration
    assert said is not None
    return said


def test_layers_lie_over_each_other_and_the_booth_says_what_counts(office: Office, booth: SimulatedBooth) -> None:
    office.configure("all", "[screen]\nvolume_percent = 10\nnotice_seconds = 20\n")
    office.configure("gate/cat-bi", "[screen]\nvolume_percent = 20\n")
    office.configure("gate/hai-phong-port", "[screen]\nvolume_percent = 90\n")
    follow(booth)
    assert (counts(booth).screen.volume_percent, counts(booth).screen.notice_seconds) == (20, 20)
    assert says(booth).revisions == {"all/all": 1, "gate/cat-bi": 1}
    office.configure("booth/cb-01", "[screen]\nvolume_percent = 30\n")
    follow(booth)
    assert counts(booth).screen.volume_percent == 30
    with office.database() as connection:
        assert standing_of(connection, "cb-01", "cat-bi").standing is Standing.UNHEARD


def test_wrong_keys_are_refused_one_by_one_and_all_others_count(office: Office, booth: SimulatedBooth) -> None:
    """Somebody has written into the office's database by hand; the booth says key by key what it does not take."""
    office.configure("all", "[screen]\nvolume_percent = 10\n")
    wrong = {
        "screen": {"volume_percent": 400, "notice_seconds": 9, "colour": "red"},
        "network": {"brokers": [{"host": "evil.example"}]},
        "nothing": {"at": "all"},
    }
    with office.changing() as change:
        change.connection.execute(layers.update().values(opened=wrong))
        reassign(change)
    follow(booth)
    assert (counts(booth).screen.volume_percent, counts(booth).screen.notice_seconds) == (60, 9)
    assert {one.key: one.code.value for one in says(booth).refused} == {
        "screen.volume_percent": "E_CONFIG",
        "screen.colour": "E_UNKNOWN_FIELD",
        "network.brokers": "E_PROTECTED",
        "nothing.at": "E_UNKNOWN_FIELD",
    }
    assert booth.used == []


def test_brokers_that_reach_the_office_are_kept(office: Office, booth: SimulatedBooth) -> None:
    booth.reachable.append(THERE)
    office.configure("booth/cb-01", ELSEWHERE)
    follow(booth, 30)
    assert booth.used == [THERE]
    assert says(booth).commit is CommitState.SETTLED
    follow(booth, 600)
    assert counts(booth).network.brokers == THERE


def test_brokers_that_do_not_reach_the_office_are_taken_back_and_not_tried_again(
    office: Office, booth: SimulatedBooth
) -> None:
    before = counts(booth).network.brokers
    office.configure("booth/cb-01", ELSEWHERE)
    follow(booth, 30)
    assert counts(booth).network.brokers == THERE
    booth.run(40)
    assert booth.used == [THERE, before]
    booth.run(60)
    assert says(booth).commit is CommitState.REVERTED
    follow(booth, 3600)
    assert booth.used == [THERE, before]
    office.configure("booth/cb-01", ELSEWHERE.replace("elsewhere", "third"))
    follow(booth, 100)
    assert booth.used[2:] == [(Broker(host="third.example"),), before], "something new is tried"


@pytest.mark.parametrize("cuts", [1, 2, 5])
def test_power_cuts_during_the_trial_end_it_all_the_same(office: Office, booth: SimulatedBooth, cuts: int) -> None:
    """Time goes on from what was written; a booth that starts again and again has its old brokers back as well."""
    before = counts(booth).network.brokers
    office.configure("booth/cb-01", ELSEWHERE)
    follow(booth, KEEP_EVERY_S + 1)
    for _ in range(cuts):
        booth.power_off()
        booth.power_on()
        booth.run(1)
    booth.run(60)
    assert counts(booth).network.brokers == before
    booth.connect()
    booth.run(10)
    assert says(booth).commit is CommitState.REVERTED


def sealed(office: Office, layer: Layer, role: str) -> str:
    with office.changing() as change:
        return seal(encode(layer), CONFIG_PAYLOAD_TYPE, change.signers(role)).decode()


def offer(office: Office, booth: SimulatedBooth, *envelopes: str) -> None:
    """A broken-in office assigns these sealed layers; its own role it can sign for."""
    assignment = office.assignment("cat-bi")
    places = tuple(range(len(envelopes)))
    booths = tuple(msgspec.structs.replace(one, sealed=places) for one in assignment.booths)
    body = encode(msgspec.structs.replace(assignment, booths=booths, sealed=envelopes))
    with office.changing() as change:
        change.list_target("assignments", assign_target("cat-bi"), body)
        change.connection.execute(assignments.update().where(assignments.c.gate == "cat-bi").values(body=body))
    follow(booth)


def test_a_sealed_layer_of_the_wrong_role_of_others_or_older_than_another_changes_nothing(
    office: Office, booth: SimulatedBooth
) -> None:
    office.configure("booth/cb-01", "[network]\nconfirm_within_s = 100\n")
    office.configure("booth/cb-01", "[network]\nconfirm_within_s = 200\n")
    follow(booth)
    assert counts(booth).network.confirm_within_s == 200
    with office.database() as connection:
        rows = connection.execute(layers.select().order_by(layers.c.revision)).all()
    old, new = (bytes(row.sealed).decode() for row in rows)
    layer = msgspec.json.decode(peek(new.encode(), CONFIG_PAYLOAD_TYPE, LAYER_LIMIT), type=Layer)
    ahead = msgspec.structs.replace(layer, revision=9, values={"network": {"confirm_within_s": 999}})
    for envelope, code in (
        (old, "E_ROLLBACK"),
        (sealed(office, ahead, "dic"), "E_SIGNATURE"),
        (sealed(office, msgspec.structs.replace(ahead, name="cb-99"), "operations"), "E_AUDIENCE"),
    ):
        offer(office, booth, envelope)
        assert [one.code.value for one in says(booth).refused] == [code]
        assert counts(booth).network.confirm_within_s == 200


def test_a_sealed_layer_that_is_left_out_stays(office: Office, booth: SimulatedBooth) -> None:
    """Else a broken-in office would change protected keys by saying nothing of them."""
    office.configure("booth/cb-01", "[network]\nconfirm_within_s = 200\n")
    follow(booth)
    offer(office, booth)
    assert counts(booth).network.confirm_within_s == 200
    office.configure("booth/cb-01", "")
    follow(booth)
    assert counts(booth).network.confirm_within_s == 300, "operations have said that nothing is said"
