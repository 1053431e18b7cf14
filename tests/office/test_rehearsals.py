"""A dry run says what would be done, and leaves no trace of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mqtt.office.cli import cli
from mqtt.office.commands.manners import DRY
from mqtt.office.settings import SETTINGS_FILE
from tests.desk import run, traces, write_source
from tests.practice_office import Office

TEXTS = ("--headline", "vi=Sân bay tạm đóng cửa", "--headline", "en=Airport closed for now")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With a booth, an edge at another gate, two releases without co-signature, a source, and an empty stick."""
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        edge = run(office, "edge", "add", "hai-phong-port", "--host", "edge.example")
        assert edge.exit_code == 0, edge.output
        for text in (b"first", b"second"):
            office.publish("city", "dic", {"map/vi.md": text}, territory_files=("map/vi.md",))
        write_source(tmp_path / "source", "dic")
        (tmp_path / "stick").mkdir()
        yield office


@pytest.mark.parametrize(
    "arguments",
    [
        ("notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", *TEXTS),
        ("booth", "add", "cb-02", "--gate", "cat-bi", "--roles", "screen"),
        ("booth", "revoke", "cb-01"),
        ("edge", "add", "cat-bi", "--host", "127.0.0.1"),
        ("edge", "remove", "hai-phong-port"),
        ("authority", "renew"),
        ("content", "publish", "SOURCE"),
        ("content", "cosign", "city", "dic"),
        ("content", "export", "STICK", "--gate", "cat-bi"),
        ("config", "set", "all", "screen.volume_percent", "40"),
        ("withdraw", "city/dic"),
        ("rotate-key", "police"),
        ("rotate-key", "root", "--yes", "--restart-floors", "--restart-clock"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_rehearsal_says_what_would_be_done_and_changes_nothing(
    office: Office, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """No file, in the office or beside it, no row; and the act itself, done afterwards, does leave something."""
    places = {"SOURCE": str(tmp_path / "source"), "STICK": str(tmp_path / "stick")}
    words = [places.get(word, word) for word in arguments]
    before = traces(office)
    rehearsed = run(office, *words, "--dry-run")
    assert (rehearsed.exit_code, rehearsed.output.splitlines()[-1]) == (0, DRY), rehearsed.output
    assert traces(office) == before
    done = run(office, *words)
    assert done.exit_code == 0, done.output
    assert traces(office) != before


def test_a_rehearsal_leaves_a_database_alone_that_lies_elsewhere(office: Office, tmp_path: Path) -> None:
    """The copy of the office has a copy of the database, also where ``office.toml`` names another file."""
    office.close()
    elsewhere = tmp_path / "elsewhere.db"
    (office.home.root / "office.db").rename(elsewhere)
    settings = office.home.root / SETTINGS_FILE
    settings.write_text(settings.read_text("utf-8").replace('url = ""', f'url = "sqlite:///{elsewhere}"'), "utf-8")
    before = run(office, "booth", "list", "--json").stdout
    assert "cb-01" in before
    rehearsed = run(office, "booth", "revoke", "cb-01", "--dry-run")
    assert (rehearsed.exit_code, rehearsed.output) == (0, f"cb-01 is revoked\n{DRY}\n")
    assert run(office, "booth", "list", "--json").stdout == before


def test_a_rehearsal_makes_no_folder_and_speaks_of_the_office_itself(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet" / "office"
    rehearsed = CliRunner().invoke(cli, ["authority", "init", "--dry-run", "--home", str(home)])
    assert (rehearsed.exit_code, rehearsed.output.splitlines()[-1]) == (0, DRY)
    assert f"authority in {home / 'authority'}" in rehearsed.output
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_in_json_speaks_of_the_office_itself(office: Office) -> None:
    add = ("booth", "add", "cb-02", "--gate", "cat-bi", "--roles", "screen", "--dry-run", "--json")
    said = json.loads(run(office, *add).stdout)
    assert said["done"] is False
    assert said["result"]["identity"] == str(office.home.booths / "cb-02")
