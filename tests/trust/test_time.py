"""What time a booth believes: never backwards, never far ahead on one word, never for ever wrong."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.lib import clock, facts
from appliance.lib.clock import BUILD_TIME, ClockFact
from appliance.trust.time import (
    AGREEMENT,
    FLOOR_FILE,
    JUMP,
    LATEST,
    TrustedTime,
    Witness,
    believe,
    clocks_here,
)
from mqtt.contract.state import ClockState

FLOOR = datetime(2027, 1, 1, tzinfo=UTC)
CLOCKS = {Witness.NTP, Witness.RTC, Witness.SYSTEM}
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

_ANY = st.datetimes(timezones=st.just(UTC)) | st.timedeltas(-2 * JUMP, 3 * JUMP).map(lambda by: FLOOR + by)
_SAID = st.dictionaries(st.sampled_from(Witness), _ANY)
_laws = settings(deadline=None, derandomize=True, database=None)


@_laws
@given(said=_SAID, floor=st.datetimes(BUILD_TIME.replace(tzinfo=None), datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is beside it
def test_time_never_goes_backwards_and_never_beyond_the_last_moment(
    said: dict[Witness, datetime], floor: datetime
) -> None:
    assert floor <= believe(floor, said).now < LATEST


@_laws
@given(said=_SAID)
def test_a_jump_of_more_than_30_days_needs_two_witnesses(said: dict[Witness, datetime]) -> None:
    belief = believe(FLOOR, said)
    if belief.now > FLOOR + JUMP:
        assert sum(at >= belief.now for at in said.values()) >= 2


@_laws
@given(said=_SAID)
def test_what_is_believed_was_said_by_somebody_or_is_the_floor(said: dict[Witness, datetime]) -> None:
    belief = believe(FLOOR, said)
    assert belief.now == FLOOR or belief.now in said.values()
    assert belief.source == "floor" or all(who in set(said) for who in belief.source.split("+"))


@_laws
@given(said=_SAID)
def test_the_present_is_known_only_when_a_clock_agrees(said: dict[Witness, datetime]) -> None:
    """A signed time says that it is at least so late; whether it is exactly so late only a clock can say."""
    belief = believe(FLOOR, said)
    agreeing = [who for who, at in said.items() if who in CLOCKS and abs(at - belief.now) <= AGREEMENT]
    assert belief.trusted == bool(agreeing)


def test_a_clock_that_was_stepped_back_a_little_is_still_believed() -> None:
    """NTP corrects a fast RTC by seconds: the floor stays ahead for this boot, and that is no reason for distrust."""
    belief = believe(FLOOR, {Witness.NTP: FLOOR - 2 * SECOND})
    assert (belief.now, belief.trusted) == (FLOOR, True)


def test_a_clock_far_behind_what_was_signed_is_not_believed() -> None:
    belief = believe(FLOOR, {Witness.RTC: FLOOR + SECOND, Witness.TIMESTAMP: FLOOR + 20 * DAY})
    assert (belief.now, belief.trusted) == (FLOOR + 20 * DAY, False)


def test_a_flat_battery_is_not_believed() -> None:
    assert not believe(FLOOR, {Witness.RTC: datetime(1970, 1, 1, tzinfo=UTC)}).trusted


def test_one_word_from_far_ahead_changes_nothing_and_two_do() -> None:
    far = FLOOR + 400 * DAY
    assert believe(FLOOR, {Witness.NTP: far}).now == FLOOR
    both = believe(FLOOR, {Witness.NTP: far, Witness.TIMESTAMP: far - SECOND})
    assert (both.now, both.trusted) == (far - SECOND, True)


def test_the_earlier_of_two_far_witnesses_is_believed_and_then_the_later_is_near() -> None:
    said = {Witness.NTP: FLOOR + 401 * DAY, Witness.TIMESTAMP: FLOOR + 400 * DAY}
    first = believe(FLOOR, said)
    assert (first.now, first.trusted) == (FLOOR + 400 * DAY, False)
    second = believe(first.now, said)
    assert (second.now, second.trusted) == (FLOOR + 401 * DAY, True)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, ClockState.LOWER_BOUND),
        ({Witness.TIMESTAMP: FLOOR + DAY}, ClockState.LOWER_BOUND),
        ({Witness.NTP: FLOOR + DAY}, ClockState.OK),
        ({Witness.NTP: datetime(1970, 1, 1, tzinfo=UTC)}, ClockState.SUSPECT),
        ({Witness.RTC: datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)}, ClockState.SUSPECT),
        ({Witness.SYSTEM: datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC)}, ClockState.SUSPECT),
        ({Witness.RTC: FLOOR, Witness.TIMESTAMP: FLOOR + 20 * DAY}, ClockState.SUSPECT),
        ({Witness.NTP: FLOOR + 400 * DAY, Witness.RTC: FLOOR + 400 * DAY}, ClockState.OK),
        ({Witness.NTP: FLOOR + DAY, Witness.RTC: datetime(1970, 1, 1, tzinfo=UTC)}, ClockState.OK),
    ],
)
def test_a_clock_that_speaks_and_is_not_believed_is_suspect(said: dict[Witness, datetime], state: ClockState) -> None:
    """The office learns whether there is no clock, or one that somebody should look at."""
    assert believe(FLOOR, said).state is state


@_laws
@given(said=_SAID)
def test_only_a_clock_that_is_ok_is_trusted(said: dict[Witness, datetime]) -> None:
    belief = believe(FLOOR, said)
    assert (belief.state is ClockState.OK) == belief.trusted
    assert (belief.state is ClockState.LOWER_BOUND) == (CLOCKS.isdisjoint(said) and not belief.trusted)


class Device:
    """A device with a tree for ``/sys`` and ``/run``, whose agent can be restarted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fact = root / "clock.json"

    def rtc(self, at: datetime) -> None:
        (self.root / "sys/class/rtc/rtc0").mkdir(parents=True, exist_ok=True)
        (self.root / "sys/class/rtc/rtc0/since_epoch").write_text(f"{int(at.timestamp())}\n")

    def synchronize(self) -> None:
        (self.root / "run/systemd/timesync").mkdir(parents=True, exist_ok=True)
        (self.root / "run/systemd/timesync/synchronized").touch()

    def start(self, source: str = "auto") -> TrustedTime:
        return TrustedTime(self.root, self.fact, clocks_here(source, self.root), self.root)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> "object":
    """Set what the operating system believes: the world's clock, the only one these tests cannot turn otherwise."""

    def turn_to(at: datetime) -> None:
        monkeypatch.setattr(clock, "system_now", lambda: at)

    return turn_to


def test_a_device_without_any_clock_lives_at_its_floor(device: Device) -> None:
    belief = device.start().now()
    assert (belief.source, belief.trusted) == ("floor", False)
    assert BUILD_TIME <= belief.now < BUILD_TIME + DAY


def test_what_was_signed_is_remembered_over_a_restart(device: Device) -> None:
    first = device.start()
    first.hear(Witness.TIMESTAMP, BUILD_TIME + 20 * DAY)
    assert first.now().now == BUILD_TIME + 20 * DAY
    assert device.start().now().now >= BUILD_TIME + 20 * DAY


def test_ntp_counts_from_the_moment_it_is_synchronized(device: Device, system: "object") -> None:
    """A Pi has no RTC and hears NTP a minute after the agent has started."""
    assert callable(system)
    system(BUILD_TIME + DAY)
    time = device.start()
    assert not time.now().trusted
    device.synchronize()
    belief = time.now()
    assert (belief.now, belief.source, belief.trusted) == (BUILD_TIME + DAY, "ntp", True)


def test_an_rtc_goes_on_from_what_it_said_at_the_start(device: Device) -> None:
    device.rtc(BUILD_TIME + 5 * DAY)
    time = device.start()
    first, second = time.now(), time.now()
    assert (first.source, first.trusted) == ("rtc", True)
    assert BUILD_TIME + 5 * DAY <= first.now <= second.now < BUILD_TIME + 5 * DAY + timedelta(minutes=5)


def test_an_rtc_and_ntp_that_agree_carry_a_booth_over_a_year_on_the_shelf(device: Device, system: "object") -> None:
    assert callable(system)
    device.rtc(BUILD_TIME + 400 * DAY)
    time = device.start()
    assert time.now().source == "floor"
    system(BUILD_TIME + 400 * DAY)
    device.synchronize()
    belief = time.now()
    assert belief.trusted
    assert abs(belief.now - (BUILD_TIME + 400 * DAY)) < AGREEMENT


@pytest.mark.parametrize("restart", [False, True])
def test_false_ntp_is_one_witness_also_after_it_has_set_the_rtc(
    device: Device,
    system: "object",
    restart: bool,  # noqa: FBT001 - a column
) -> None:
    """The kernel copies NTP's time into the RTC: the same lie heard twice is no second witness."""
    assert callable(system)
    device.rtc(BUILD_TIME + DAY)
    time = device.start()
    system(BUILD_TIME + 4000 * DAY)
    device.synchronize()
    device.rtc(BUILD_TIME + 4000 * DAY)
    if restart:
        time = device.start()
    assert time.now().now < BUILD_TIME + 2 * DAY


@pytest.mark.parametrize("reading", ["", "x", "-99999999999999999", "9" * 30])
def test_an_rtc_that_says_nothing_sensible_is_not_there(device: Device, reading: str) -> None:
    device.rtc(BUILD_TIME)
    (device.root / "sys/class/rtc/rtc0/since_epoch").write_text(reading)
    assert device.start().now().source == "floor"


def test_a_new_clock_epoch_repairs_a_wrong_floor_once(device: Device) -> None:
    time = device.start()
    for witness in (Witness.TIMESTAMP, Witness.AGENCY):
        time.hear(witness, BUILD_TIME + 9000 * DAY)
    assert time.now().now == BUILD_TIME + 9000 * DAY
    time.new_epoch(1)
    assert time.now().now < BUILD_TIME + DAY
    time.hear(Witness.TIMESTAMP, BUILD_TIME + 3 * DAY)
    assert time.now().now >= BUILD_TIME + 3 * DAY
    for again in (1, 0):
        time.new_epoch(again)
        assert time.now().now >= BUILD_TIME + 3 * DAY
    restarted = device.start()
    restarted.new_epoch(1)
    assert restarted.now().now >= BUILD_TIME + 3 * DAY


def test_a_repair_survives_a_power_cut_right_after_it(device: Device) -> None:
    time = device.start()
    for witness in (Witness.TIMESTAMP, Witness.AGENCY):
        time.hear(witness, BUILD_TIME + 9000 * DAY)
    time.now()
    time.new_epoch(1)
    assert device.start().now().now < BUILD_TIME + DAY


def test_a_moment_at_the_end_of_time_stops_nobody(device: Device) -> None:
    time = device.start()
    for witness in (Witness.TIMESTAMP, Witness.AGENCY):
        time.hear(witness, datetime.max.replace(tzinfo=UTC))
        time.hear(witness, BUILD_TIME + DAY)
    assert time.now().now == BUILD_TIME + DAY
    assert device.start().now().now < LATEST


@pytest.mark.parametrize("spoilt", [b"", b"{", b'{"floor":"1970-01-01T00:00:00Z"}', b'{"floor":5}'])
def test_a_floor_that_cannot_be_read_or_is_too_old_is_the_build_time(device: Device, spoilt: bytes) -> None:
    (device.root / FLOOR_FILE).write_bytes(spoilt)
    assert BUILD_TIME <= device.start().now().now < BUILD_TIME + DAY


def test_a_disk_that_takes_no_floor_does_not_stop_the_clock(device: Device) -> None:
    (device.root / (FLOOR_FILE + ".draft")).mkdir()
    time = device.start()
    time.hear(Witness.TIMESTAMP, BUILD_TIME + 20 * DAY)
    assert time.now().now == BUILD_TIME + 20 * DAY
    assert not (device.root / FLOOR_FILE).exists()
    (device.root / (FLOOR_FILE + ".draft")).rmdir()
    time.now()
    assert (device.root / FLOOR_FILE).exists()


def test_everyone_reads_what_the_agent_states(device: Device, system: "object") -> None:
    assert callable(system)
    system(BUILD_TIME + DAY)
    stated = device.start("system").state()
    fact = facts.read(device.fact, ClockFact)
    assert fact is not None
    assert (fact.now, fact.source, fact.trusted) == (stated.now, "system", True)
    now, trusted = clock.Clock(device.fact).read()
    assert trusted
    assert stated.now <= now < stated.now + timedelta(minutes=5)
    assert fact.boot == clock.boot_id()


def test_the_clocks_of_a_device_are_found(device: Device) -> None:
    assert clocks_here("auto", device.root) == {Witness.NTP}
    device.rtc(FLOOR)
    assert clocks_here("auto", device.root) == {Witness.NTP, Witness.RTC}
    assert clocks_here("system", device.root) == {Witness.SYSTEM}
    assert os.fspath(device.root)
