"""Laws of activation: prepared before it is shown, taken back when it does not hold, never tried twice in vain."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.sync.messages import Evidence, Prepared
from appliance.sync.switch import TRIES
from appliance.sync.trial import TRIAL_S
from mqtt.contract.state import StreamState
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth
from tests.sync.test_session import NOON, PAGE, STREAM, item, make_booth, noise, show

CITY = "city/dic/a.txt"
SPOILT = RefusedError(ErrorCode.PREPARE, "essentials/dic/money/cover.png: is not what its name says")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOON) as office:
        yield office


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> SimulatedBooth:
    return make_booth(office, tmp_path)


def publish(office: Office, booth: SimulatedBooth, text: str, **head: object) -> None:
    office.publish("essentials", "dic", item(text), **head)
    booth.follow_office()


def text_of(booth: SimulatedBooth) -> str:
    return (booth.shows(PAGE) or b"").decode()


def says(booth: SimulatedBooth, **what: object) -> None:
    """The kiosk says this of a content set, by default that the one shown does not hold."""
    shown = booth.store.shown()
    assert shown is not None
    booth._take(Evidence(**({"process": "kiosk", "set": shown.number, "holds": False, "detail": "500"} | what)))
    booth.run(5.0)


def restart(booth: SimulatedBooth) -> None:
    booth.power_off()
    booth.power_on()
    booth.connect()
    booth.follow_office()


def test_nothing_is_shown_before_it_is_prepared_and_the_session_goes_on_meanwhile(
    office: Office, booth: SimulatedBooth
) -> None:
    show(office, booth, "cũ")
    booth.prepare_s = 60.0
    publish(office, booth, "mới")
    booth.run(30.0)
    assert text_of(booth) == "cũ"
    office.publish("city", "dic", {"a.txt": b"a"})
    booth.follow_office()
    booth.run(20.0)
    assert booth.reports[-1].streams["city/dic"].target == 1, "the office hears of what comes meanwhile"
    booth.run(20.0)
    assert text_of(booth) == "mới"
    assert booth.shows(CITY) is None, "what came meanwhile waits for a preparation of its own"
    assert booth.run(100.0, until=lambda: booth.shows(CITY) == b"a")
    assert len(booth.preparations) == 3


def test_what_cannot_be_prepared_is_refused_by_name_and_not_tried_again(office: Office, booth: SimulatedBooth) -> None:
    """Not at the hourly look, not after a restart; another release is tried."""
    show(office, booth, "cũ")
    booth.prepare = lambda number: Prepared(number, SPOILT, STREAM)
    publish(office, booth, "hỏng")
    booth.run(5.0)
    assert booth.codes() == {STREAM: "E_PREPARE"}
    assert "cover.png" in booth.reports[-1].errors[0].detail
    assert booth.reports[-1].streams[STREAM].state is StreamState.REFUSED
    tried = len(booth.preparations)
    booth.run(3 * 3600.0)
    restart(booth)
    booth.run(10.0)
    assert len(booth.preparations) == tried
    assert (text_of(booth), booth.codes()) == ("cũ", {STREAM: "E_PREPARE"})
    booth.prepare = Prepared
    publish(office, booth, "mới")
    assert booth.run(until=lambda: text_of(booth) == "mới")
    booth.run(2.0)
    assert booth.codes() == {}


def test_the_others_switch_without_the_culprit(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth, "cũ")

    def prepare(number: int) -> Prepared:
        made = booth.store.sets.read(number)
        assert made is not None
        spoilt = made.releases.get(STREAM) == 2
        return Prepared(number, SPOILT if spoilt else None, STREAM if spoilt else None)

    booth.prepare = prepare
    booth.disconnect()
    publish(office, booth, "hỏng")
    office.publish("city", "dic", {"a.txt": b"a"})
    booth.follow_office()
    booth.connect()
    assert booth.run(until=lambda: booth.shows(CITY) == b"a")
    assert text_of(booth) == "cũ"


def test_a_culprit_that_nobody_names_is_found_by_trying_one_by_one(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth, "cũ")

    def prepare(number: int) -> Prepared:
        made = booth.store.sets.read(number)
        assert made is not None
        return Prepared(number, RefusedError(ErrorCode.PREPARE, "?") if made.releases.get(STREAM) == 2 else None)

    booth.prepare = prepare
    booth.prepare_s = 1.0
    office.publish("city", "dic", {"a.txt": b"a"})
    publish(office, booth, "hỏng")
    assert booth.run(until=lambda: booth.shows(CITY) == b"a")
    booth.run(20.0)
    assert text_of(booth) == "cũ"
    assert booth.codes() == {STREAM: "E_PREPARE"}


def test_a_preparation_that_dies_is_tried_again_and_at_last_its_release_is_refused(
    office: Office, booth: SimulatedBooth
) -> None:
    """Killed for want of memory it may be the device; every time at the same release it is the release."""
    show(office, booth, "cũ")
    before = len(booth.preparations)
    booth.prepare = lambda number: Prepared(number, DeviceError(ErrorCode.PREPARE, "signal 9"), STREAM)
    publish(office, booth, "mới")
    booth.run(3600.0)
    assert len(booth.preparations) - before == TRIES
    assert booth.codes()[STREAM] == "E_PREPARE"
    assert text_of(booth) == "cũ"


def test_a_full_disk_is_nobodys_fault_and_is_tried_again_until_there_is_space(
    office: Office, booth: SimulatedBooth
) -> None:
    show(office, booth, "cũ")
    booth.prepare = lambda number: Prepared(number, DeviceError(ErrorCode.DISK, "no space"))
    publish(office, booth, "mới")
    booth.run(3600.0)
    assert len(booth.preparations) > 10 * TRIES
    booth.prepare = Prepared
    assert booth.run(60.0, until=lambda: text_of(booth) == "mới")


def test_a_plug_pulled_while_preparing_shows_the_old_and_fetches_nothing_again(
    office: Office, booth: SimulatedBooth
) -> None:
    show(office, booth, "cũ")
    booth.prepare_s = 50.0
    office.publish("essentials", "dic", item("mới", **{"film.mp4": noise(500_000)}))
    booth.follow_office()
    booth.run(20.0)
    assert len(booth.preparations) == 2
    booth.asked.clear()
    restart(booth)
    assert text_of(booth) == "cũ"
    assert booth.run(100.0, until=lambda: text_of(booth) == "mới")
    assert booth.asked == [], "a release that lies complete on disk is never fetched again"


def test_an_answer_for_another_set_shows_nothing(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth, "cũ")
    booth.prepare_s = 50.0
    publish(office, booth, "mới")
    booth.run(10.0)
    for number in (0, 1, 3, 99):
        booth._take(Prepared(number))
    assert text_of(booth) == "cũ"


@pytest.mark.parametrize("stream", [STREAM, None])
def test_a_set_that_does_not_hold_gives_way_to_the_one_before(
    office: Office, booth: SimulatedBooth, stream: str | None
) -> None:
    """By evidence; the release is refused for good, reported, and the next one is shown."""
    show(office, booth, "cũ")
    show(office, booth, "hỏng")
    tried = len(booth.preparations)
    says(booth, stream=stream)
    assert text_of(booth) == "cũ"
    assert booth.codes() == {STREAM: "E_HEALTH"}
    assert booth.reports[-1].streams[STREAM].shown == 1
    restart(booth)
    booth.run(2 * 3600.0)
    assert (text_of(booth), len(booth.preparations)) == ("cũ", tried)
    show(office, booth, "mới")
    assert booth.codes() == {}
    says(booth)
    assert text_of(booth) == "cũ", "the set that did hold is still there to return to"


def test_only_the_release_that_fails_is_taken_back(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth, "cũ")
    booth.disconnect()
    publish(office, booth, "hỏng")
    office.publish("city", "dic", {"a.txt": b"a"})
    booth.follow_office()
    booth.connect()
    assert booth.run(until=lambda: (text_of(booth), booth.shows(CITY)) == ("hỏng", b"a"))
    says(booth, stream=STREAM)
    assert text_of(booth) == "cũ"
    assert booth.run(until=lambda: booth.shows(CITY) == b"a")
    assert text_of(booth) == "cũ"


def test_silence_is_no_evidence_and_time_proves_a_set(office: Office, booth: SimulatedBooth) -> None:
    """An agent alone never takes back; a set that held for a while is not taken back for what happens later."""
    show(office, booth, "cũ")
    show(office, booth, "mới")
    booth.run(TRIAL_S + 10.0)
    assert text_of(booth) == "mới"
    says(booth)
    assert text_of(booth) == "mới"
    restart(booth)
    says(booth)
    assert text_of(booth) == "mới"


def test_a_trial_survives_a_restart(office: Office, booth: SimulatedBooth) -> None:
    """The plug is pulled between the switch and the evidence."""
    show(office, booth, "cũ")
    show(office, booth, "hỏng")
    booth.power_off()
    booth.power_on()
    says(booth)
    assert text_of(booth) == "cũ"
    booth.connect()
    booth.follow_office()
    booth.run(3600.0)
    assert text_of(booth) == "cũ"


@pytest.mark.parametrize("what", [{"set": 1}, {"set": None}, {"set": 77}, {"holds": True}, {"stream": "law/police"}])
def test_evidence_of_something_else_takes_nothing_back(
    office: Office, booth: SimulatedBooth, what: dict[str, object]
) -> None:
    """Of another set, of success, of content that was there before."""
    show(office, booth, "cũ")
    show(office, booth, "mới")
    says(booth, **what)
    assert text_of(booth) == "mới"


@pytest.mark.parametrize("head", [{"min_release": 2}, {"revoked": (1,)}])
def test_no_way_back_leads_to_a_release_that_the_agency_has_closed(
    office: Office, booth: SimulatedBooth, head: dict[str, object]
) -> None:
    """Then the stream is left out rather than shown again, also after a restart; the next release is shown."""
    show(office, booth, "cũ")
    publish(office, booth, "hỏng", **head)
    assert booth.run(until=lambda: text_of(booth) == "hỏng")
    says(booth)
    assert booth.run(until=lambda: text_of(booth) == "")
    restart(booth)
    booth.run(3600.0)
    assert text_of(booth) == ""
    assert booth.codes() == {STREAM: "E_HEALTH"}
    show(office, booth, "mới")
    assert text_of(booth) == "mới"


def test_an_item_in_quarantine_is_reported_until_it_is_played_again(office: Office, booth: SimulatedBooth) -> None:
    show(office, booth)
    name = "programme/dic/media/killer.mp4"
    says(booth, process="player", holds=True, quarantined=(name,))
    assert booth.codes() == {name: "E_QUARANTINE"}
    says(booth, process="kiosk", holds=True)
    assert booth.codes() == {name: "E_QUARANTINE"}, "another process says nothing of it"
    says(booth, process="player", holds=True)
    assert booth.codes() == {}
