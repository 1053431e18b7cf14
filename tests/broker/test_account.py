"""As whom brokers run, and that they do."""

import os
from pathlib import Path
from typing import Any

import pytest

from mqtt.broker.account import Account
from mqtt.broker.inventory import Identity, Inventory
from mqtt.contract.topics import Party, Plane

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
BOOTHS = Inventory([Identity("cb-01", frozenset({Party.BOOTH}), "cat-bi")])


@as_root
def test_root_gives_its_rights_away_where_it_can(open_folder: Path) -> None:
    assert Account.for_folder(open_folder / "control").name == "mosquitto"


@as_root
def test_below_a_folder_only_root_may_enter_it_stays_root(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    assert Account.for_folder(tmp_path / "control").name == "root"


@pytest.mark.broker
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_brokers_run_read_their_files_again_and_keep_their_store(open_folder: Path, make_place: Any, mode: int) -> None:
    folder = open_folder / f"{mode:o}"
    folder.mkdir(mode)
    place = make_place(folder, BOOTHS)
    with place.run() as brokers, place.peer("observer") as observer:
        status = Path(f"/proc/{brokers.processes[Plane.CONTROL].pid}/status").read_text()
        assert f"\nUid:\t{place.folders[Plane.CONTROL].account.uid}\t" in status
        observer.say([("gb/v1/repo/meta", b"kept")], retain=True)
    with place.run(), place.peer("cb-01") as booth:
        booth.listen("gb/v1/repo/meta")
        assert booth.wait_heard("gb/v1/repo/meta") == b"kept"
