"""Laws of the journal: what happened is recorded with its own time, whatever the disk and whoever sends rubbish."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.outbox.file import prepare
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Moment
from appliance.sync.journal import REFUSALS, WAITING, WINDOW_S, Journal
from mqtt.contract.records import Priority, Record

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
SPOILT = RefusedError(ErrorCode.SIGNATURE, "x" * 2000)


class Device:
    """A disk that may be full, and a clock that goes on."""

    def __init__(self, folder: Path) -> None:
        self.at = NOON
        self.full = False
        self.path = folder / "outbox" / "outbox.db"
        self.journal = Journal(self.open, self.read)

    def read(self) -> Moment:
        return Moment(self.at, trusted=True, boot="b", boottime_ns=0)

    def open(self) -> Outbox:
        if self.full:
            raise DeviceError(ErrorCode.DISK, "no space left")
        return prepare(self.path, self.read)

    def records(self, priority: Priority) -> list[Record]:
        portion = self.open().portion(priority, 0, 1 << 20)
        return [one for one in portion.records if one.kind != "outbox-begun"] if portion else []


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_a_full_disk_delays_a_record_and_does_not_date_it_anew(device: Device) -> None:
    device.full = True
    device.journal.started("1.0")
    device.at += timedelta(hours=3)
    device.journal.shows(4, {"city/dic": 7})
    with pytest.raises(DeviceError):
        device.journal.flush()

    device.full = False
    device.journal.flush()
    device.journal.flush()

    found = device.records(Priority.OPERATION)
    assert [(one.kind, one.at) for one in found] == [("started", NOON), ("switched", NOON + timedelta(hours=3))]
    assert found[1].body == {"content_set": 4, "releases": {"city/dic": 7}}


def test_what_even_memory_did_not_hold_is_counted(device: Device) -> None:
    device.full = True
    for number in range(WAITING + 5):
        device.journal.shows(number, {})
    device.full = False

    device.journal.flush()

    assert [one.body for one in device.records(Priority.AUDIT)] == [{"count": 5}]
    assert len(device.records(Priority.OPERATION)) == WAITING


def test_the_same_set_is_told_once(device: Device) -> None:
    for shown in ({"city/dic": 1}, {"city/dic": 1}, {"city/dic": 2}):
        device.journal.shows(1, shown)
    device.journal.shows(None, {})
    device.journal.flush()

    assert len(device.records(Priority.OPERATION)) == 2


def test_rubbish_fills_an_hour_with_so_many_rows_and_the_next_says_how_many_more(device: Device) -> None:
    for number in range(REFUSALS + 40):
        device.journal.refused(f"blob/{number}", SPOILT, float(number))
    device.journal.flush()
    assert len(device.records(Priority.AUDIT)) == REFUSALS

    device.journal.refused("assign", SPOILT, WINDOW_S)
    device.journal.flush()

    last = device.records(Priority.AUDIT)[-1]
    assert last.body == {"subject": "assign", "code": "E_SIGNATURE", "detail": "x" * 500, "unheard": "40"}
