"""What ``[transfer]`` in identity.toml means, and that a booth keeps to it."""

import tomllib
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import pytest

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.identity import Broker, Identity, Transfer
from appliance.sync.fetch import Fetch
from appliance.sync.limits import LOOK_EVERY_S, Limits
from appliance.sync.messages import Publish
from appliance.trust.time import Belief, Witness
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.releases import BlobRef
from mqtt.contract.topics import Plane

NIGHT = """
rate_limit = 100000
windows = [
  { begins = "22:00", ends = "05:00" },
  { begins = "11:00", ends = "13:30", rate_limit = 0 },
]
"""


def read(text: str) -> Transfer:
    return msgspec.convert(tomllib.loads(text), Transfer)


@pytest.mark.parametrize(
    ("clock", "rate"),
    [
        ("21:59", 100000),
        ("22:00", None),
        ("00:00", None),
        ("04:59", None),
        ("05:00", 100000),
        ("12:00", 0),
        (None, 100000),
    ],
)
def test_the_time_of_day_decides_and_an_unknown_one_means_the_general_limit(
    clock: str | None, rate: int | None
) -> None:
    assert read(NIGHT).rate(clock) == rate


def test_paused_is_paused_at_any_time() -> None:
    assert read("paused = true\n" + NIGHT).rate("23:00") == 0


def test_without_a_word_nothing_is_limited() -> None:
    assert Transfer().rate("12:00") is None


@pytest.mark.parametrize("text", ['windows = [{ begins = "24:00", ends = "05:00" }]', "rate_limit = -1", "speed = 3"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(text)


PAUSED_BY_DAY: Final = """
rate_limit = 0
windows = [{ begins = "22:00", ends = "05:00" }]
"""
CHUNK: Final = 64 * 1024


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime, *, trusted: bool) -> None:
        self.belief = Belief(now, "test", trusted=trusted)

    def now(self) -> Belief:
        return self.belief

    def hear(self, witness: Witness, at: datetime) -> None:
        raise AssertionError(witness, at)

    def new_epoch(self, epoch: int) -> None:
        raise AssertionError(epoch)


def fetching_a_film(folder: Path) -> Fetch:
    store = Store(Layout(folder / "content"))
    data = bytes(4 * CHUNK)
    listed = ChunkIndex.of_lengths(data, [CHUNK] * 4).to_bytes()
    index = BlobRef(sha256=sha256(listed).hexdigest(), size=len(listed))
    store.put(index, listed)
    fetch = Fetch(store, "cb-01", "cat-bi")
    fetch.connected(Plane.BULK)
    fetch.want(BlobRef(sha256=sha256(data).hexdigest(), size=len(data), index=index))
    return fetch


def asks(fetch: Fetch, now: float) -> bool:
    fetch.tick(now)
    asked = any(isinstance(message, Publish) for message in fetch.outgoing)
    fetch.outgoing.clear()
    return asked


EVENING: Final = datetime(2026, 5, 1, 14, 59, 50, tzinfo=UTC)  # 21:59:50 at the gate


def limits(clock: Clock, fetch: Fetch) -> Limits:
    here = (Broker(host="office.example"),)
    me = Identity(booth="cb-01", gate="cat-bi", roles=("screen",), brokers=here, transfer=read(PAUSED_BY_DAY))
    return Limits(me.zone, lambda: me.transfer, clock, fetch)


def test_the_gate_s_own_clock_opens_the_window(tmp_path: Path) -> None:
    """The office's or the machine's zone would open it hours off."""
    clock, fetch = Clock(EVENING, trusted=True), fetching_a_film(tmp_path)
    kept = limits(clock, fetch)

    kept.tick(0.0)
    assert not asks(fetch, 0.0)
    clock.belief = Belief(EVENING + timedelta(seconds=10), "test", trusted=True)
    kept.tick(LOOK_EVERY_S)
    assert asks(fetch, LOOK_EVERY_S)


def test_a_clock_that_is_not_to_be_trusted_opens_no_window(tmp_path: Path) -> None:
    fetch = fetching_a_film(tmp_path)
    limits(Clock(EVENING + timedelta(hours=1), trusted=False), fetch).tick(0.0)

    assert not asks(fetch, 0.0)
