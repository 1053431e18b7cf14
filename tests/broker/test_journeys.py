"""What the regulation promises, on real brokers: office, edge and agents as processes, a line that can be cut.

Each journey is walked as people walk it: by commands of boothctl, and by what the booth has on disk.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance.config.files import ConfigFiles, Effective
from appliance.notices.folder import Folder
from mqtt.contract.notices import Notice
from mqtt.contract.state import CommitState
from mqtt.office import audit
from mqtt.office.brokers import update_brokers
from mqtt.office.chain import Act
from mqtt.office.cli import cli
from mqtt.office.notices.asking import who_saw
from tests.gate_world import GATE, GateWorld
from tests.practice_office import REGULATION

pytestmark = pytest.mark.broker

BOOTH = "cb-01"
NAMED = (
    REGULATION
    + """
[officers]
hoa = { name = "Phạm Thị Hoa", agency = "police", duties = ["notices"], gate = "cat-bi" }
son = { name = "Đỗ Ngọc Sơn", agency = "police", duties = ["notices"] }
an = { name = "Bùi An", agency = "dic", duties = ["operations"] }
"""
)
TEXTS = ["--headline", "vi=Sân bay tạm đóng cửa", "--headline", "en=Airport closed for now"]


class World(GateWorld):
    """One gate with an edge and one booth, and the terminal of the office."""

    def run(self, *arguments: str, exit_code: int = 0) -> Result:
        """Run boothctl for the office."""
        done = CliRunner().invoke(cli, list(arguments), env={"GATEBOOTH_HOME": str(self.office.home.root)})
        assert done.exit_code == exit_code, done.output
        return done

    def json(self, *arguments: str) -> Any:
        """Run boothctl and return what it says."""
        return json.loads(self.run(*arguments, "--json").stdout)

    @property
    def kept(self) -> tuple[Notice, ...]:
        """Notices on the booth's disk."""
        return Folder(self.folder / BOOTH / "notices").notices()

    def until_kept(self, *ids: str) -> None:
        """Wait until the booth keeps exactly these."""
        self.until(lambda: {one.id for one in self.kept} == set(ids), f"the booth keeps {ids}")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="journeys-"))
    folder.chmod(0o755)
    with World(folder, regulation=NAMED) as world:
        world.add_booth(BOOTH)
        world.start_booth(BOOTH)
        world.publish(b"one")
        world.until(lambda: world.shown(BOOTH) == 1, "the booth follows")
        yield world
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def clean(world: World) -> Iterator[None]:
    yield
    for line in world.lines.values():
        line.mend()


def raised(world: World, *more: str, officer: str = "son") -> str:
    new = world.json("notice", "new", "--gate", GATE, "--kind", "security", "--urgent", *TEXTS, "--as", officer, *more)
    return str(new["result"]["id"])


def test_a_notice_is_raised_updated_and_cancelled_and_the_office_hears_of_each(world: World) -> None:
    first = raised(world)
    world.until_kept(first)
    update = world.json("notice", "update", first, "--headline", "en=Open again at noon", "--for", "1h", "--as", "son")
    second = update["result"]["id"]
    world.until_kept(first, second)
    world.run("notice", "cancel", second, "--as", "son")
    world.until(lambda: len(world.kept) == 3, "the cancellation came")

    def told() -> bool:
        with world.office.engine.connect() as connection:
            return all(who_saw(connection, one)[0].received for one in (first, second))

    world.until(told, "the office knows that the booth has received them")


def test_a_cut_off_gate_hears_its_own_officer_and_the_office_merges_it_once(world: World, tmp_path: Path) -> None:
    """Through the gate's own broker; the line comes back, twice, and there is one notice and one entry in the log."""
    world.run("signer", "kit", "hoa")
    kit = tmp_path / "kit"
    shutil.copytree(world.office.home.root / "officers/hoa", kit)
    world.until(lambda: "officer-hoa" in (world.edge_folder / "brokers/control/acl").read_text(), "the edge knows her")
    before = {one.id for one in world.kept}
    world.cut()
    time.sleep(0.5)
    said = world.json("signer", "notice", "--kit", str(kit), "--kind", "security", "--urgent", *TEXTS)
    world.until(lambda: said["id"] in {one.id for one in world.kept}, "the booth has it without the office", 5)
    assert not any(line["notice"]["id"] == said["id"] for line in world.json("notice", "list"))

    world.mend()
    world.until(lambda: any(one["notice"]["id"] == said["id"] for one in world.json("notice", "list")), "merged")
    world.cut()
    world.mend()
    time.sleep(2)
    lines = [one for one in world.json("notice", "list", "--all") if one["notice"]["id"] == said["id"]]
    assert [one["way"] for one in lines] == ["local"]
    merged = [one for one in audit.entries(world.office.home) if one.act is Act.NOTICE_MERGED]
    assert [one.subject for one in merged] == [said["id"]]
    assert {one.id for one in world.kept} == {*before, said["id"]}

    cancel = world.json("signer", "notice", "--kit", str(kit), "--cancel", said["id"])
    world.until(lambda: cancel["id"] in {one.id for one in world.kept}, "her cancellation")


def test_an_officer_of_another_gate_or_without_a_certificate_does_not_reach_the_broker(
    world: World, tmp_path: Path
) -> None:
    world.run("signer", "kit", "son")
    kit = tmp_path / "kit"
    shutil.copytree(world.office.home.root / "officers/son", kit)
    refused = world.run("signer", "notice", "--kit", str(kit), "--kind", "security", *TEXTS, exit_code=1)
    assert "E_" in refused.stderr


def test_configuration_is_confirmed_or_taken_back(world: World) -> None:
    """A value that counts at once, then brokers that nobody answers at; a start in the middle changes nothing."""
    state = world.folder / BOOTH
    world.run("config", "set", f"booth/{BOOTH}", "screen.volume_percent", "33")
    world.run("config", "push", f"booth/{BOOTH}")
    world.until(lambda: Effective(state).read().screen.volume_percent == 33, "the volume")
    before = Effective(state).read().network.brokers

    world.run("config", "set", f"booth/{BOOTH}", "network.confirm_within_s", "10")
    world.run("config", "set", f"booth/{BOOTH}", "network.brokers", '[{host = "127.0.0.1", control = 1, bulk = 1}]')
    refused = world.run("config", "push", f"booth/{BOOTH}", exit_code=1)
    assert "E_OFFICER" in refused.stderr
    world.run("config", "push", f"booth/{BOOTH}", "--as", "an")

    def state_of_commit() -> CommitState | None:
        kept = ConfigFiles(state).commit()
        return kept.state if kept else None

    world.until(lambda: state_of_commit() is CommitState.ON_TRIAL, "the trial")
    world.until(lambda: state_of_commit() is CommitState.REVERTED, "the old brokers are back", 40)
    assert Effective(state).read().network.brokers == before

    def standing() -> str:
        return str(world.json("config", "status")[0]["standing"])

    world.until(lambda: standing() == "reverted", "the office knows")
    world.run("config", "rollback", f"booth/{BOOTH}", "1", "--as", "an")
    world.until(lambda: standing() == "same", "rolled back")


def test_a_roll_out_is_given_up_when_booths_refuse_it(world: World) -> None:
    """Here the one booth of the wave is refused nothing, so it settles; the decision itself is tested apart."""
    world.run("config", "set", "all", "screen.notice_seconds", "12")
    world.run("config", "push", "all", "--waves", "50,100", "--pause", "1m", "--dry-run")
    world.run("config", "push", "all", "--waves", "100", "--pause", "0m")
    world.until(lambda: world.json("config", "history", "all")[0]["state"] == "settled", "every booth has it", 30)


def test_a_command_is_done_once_and_answered_as_often_as_it_comes(world: World) -> None:
    done = world.json("booth", BOOTH, "do", "identify", "seconds=5", "--as", "an")
    assert done["result"]["outcome"] == "ok"
    fact = world.folder / f"{BOOTH}-run/identify.json"
    first = fact.read_bytes()
    with world.office.database() as connection:
        row = connection.exec_driver_sql("SELECT command, envelope FROM commands").one()
        connection.exec_driver_sql("UPDATE commands SET result = NULL, done = 0")
        connection.exec_driver_sql("UPDATE revision SET number = number + 1")
        connection.commit()

    def answered() -> bool:
        with world.office.database() as connection:
            return connection.exec_driver_sql("SELECT done FROM commands").scalar_one() == 1

    world.until(answered, "the same answer again")
    assert fact.read_bytes() == first, "nothing was done a second time"
    assert row.command


def test_what_the_booth_cannot_do_is_said_plainly(world: World) -> None:
    for order in (["selftest"], ["update"], ["reboot"], ["restart", "unit=kiosk"]):
        refused = world.run("booth", BOOTH, "do", *order, "--as", "an", exit_code=1)
        assert "E_UNSUPPORTED" in refused.stderr
    wrong = world.run("booth", BOOTH, "do", "identify", "colour=red", "--as", "an", exit_code=1)
    assert "E_MALFORMED" in wrong.stderr
    assert "E_OFFICER" in world.run("booth", BOOTH, "do", "identify", "--as", "son", exit_code=1).stderr


def test_a_revoked_officer_is_not_heard_at_the_booth_either(world: World, tmp_path: Path) -> None:
    """Her kit still signs; the booth has heard that her key counts no more, and so has the gate's broker."""
    kit = tmp_path / "kit"
    shutil.copytree(world.office.home.root / "officers/hoa", kit)
    world.run("revoke-officer", "hoa")
    update_brokers(world.office.home, world.office.engine)
    world.until(lambda: "officer-hoa" not in (world.edge_folder / "brokers/control/acl").read_text(), "the edge knows")
    before = {one.id for one in world.kept}
    CliRunner().invoke(cli, ["signer", "notice", "--kit", str(kit), "--kind", "security", "--urgent", *TEXTS], env={})
    time.sleep(1)
    assert {one.id for one in world.kept} <= before


def test_the_log_of_all_this_is_whole(world: World) -> None:
    assert world.run("audit", "verify").stdout.startswith("audit: ok entries=")
