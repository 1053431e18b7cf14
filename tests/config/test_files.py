"""What counts, as other processes read it; a damaged card is no worse than an empty one."""

from pathlib import Path

import pytest

from appliance.config.commit import Committed
from appliance.config.files import ConfigFiles, Effective
from mqtt.contract.configuration import Broker, Configuration, Screen

LOUD = Configuration(screen=Screen(volume_percent=90))


def test_other_processes_see_what_the_agent_has_stated(tmp_path: Path) -> None:
    files, effective = ConfigFiles(tmp_path), Effective(tmp_path)
    assert effective.read() == Configuration()
    files.state(LOUD)
    assert effective.read() == LOUD
    files.state(Configuration())
    assert effective.read() == Configuration()


@pytest.mark.parametrize("spoilt", [b"", b"{", b'{"screen":{"volume_percent":900}}', b"\xff" * 100])
def test_what_cannot_be_read_is_as_if_it_were_not_there(tmp_path: Path, spoilt: bytes) -> None:
    files, effective = ConfigFiles(tmp_path), Effective(tmp_path)
    files.state(LOUD)
    assert effective.read() == LOUD
    for name in ("effective.json", "commit.json", "sealed.json"):
        (tmp_path / "config" / name).write_bytes(spoilt)
    assert effective.read() == LOUD, "a process that runs keeps what it had"
    assert Effective(tmp_path).read() == Configuration()
    assert files.commit() is None
    assert files.sealed() == {}


def test_a_commit_is_there_after_the_power_went(tmp_path: Path) -> None:
    here = (Broker(host="here.example"),)
    ConfigFiles(tmp_path).keep_commit(Committed(born=here, settled=here))
    assert ConfigFiles(tmp_path).commit() == Committed(born=here, settled=here)
