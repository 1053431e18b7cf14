"""No call at which the power may go harms what readers see or what the booth believes."""

import os
import signal
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from appliance.errors import DeviceError
from appliance.outbox.file import path_of, prepare
from appliance.outbox.rows import Entry
from mqtt.contract.records import Priority
from tests.chaos.fuse import Mount
from tests.chaos.systematic import MOMENT, Activation, Owing, TrustUpdate
from tests.practice_office import Office

pytestmark = pytest.mark.disk


def test_an_activation_may_be_cut_at_every_call(mount: Mount) -> None:
    assert Activation(mount).everywhere() > 20


def test_a_trust_update_may_be_cut_at_every_call(mount: Mount, tmp_path: Path) -> None:
    with Office(tmp_path / "at") as office:
        assert TrustUpdate(mount, office).everywhere() > 5


@pytest.mark.parametrize("killed", [True, False])
def test_a_full_disk_is_no_reason_to_give_up_an_outbox(mount: Mount, *, killed: bool) -> None:
    """Whatever room is left when the agent starts on a file that a writer has left: it stays, with every row."""
    path = path_of(mount.folder)

    def write_and_die() -> None:
        outbox = prepare(path, lambda: MOMENT)
        connection = sqlite3.connect(path)  # while it is open nobody takes the log into the file
        connection.execute("SELECT * FROM about").fetchone()
        outbox.append_all([Entry("count", {"pad": "x" * 3000}, Priority.METRIC)] * 5)
        if killed:
            os.kill(os.getpid(), signal.SIGKILL)
        connection.close()

    child = os.fork()
    if child == 0:
        write_and_die()
        os._exit(0)
    os.waitpid(child, 0)
    mount.settle()
    mount.save()
    for room in (*range(0, 60_000, 4000), 100_000, 400_000):
        mount.restore()
        mount.limit(room)
        with suppress(DeviceError):
            prepare(path, lambda: MOMENT)
        mount.limit(None)
        outbox = prepare(path, lambda: MOMENT)
        portion = outbox.portion(Priority.METRIC, 0, 1 << 20)
        assert portion is not None, f"with {room} bytes of room"
        assert len(portion.records) == 5, f"with {room} bytes of room"


def test_the_outbox_may_be_cut_at_every_call(mount: Mount, tmp_path: Path) -> None:
    assert Owing(mount, tmp_path / "promises").everywhere() > 20
