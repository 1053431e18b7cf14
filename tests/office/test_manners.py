"""How every command of boothctl behaves, seen from outside."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

import provisioning.commands
from mqtt.contract.errors import ErrorCode
from mqtt.office import audit
from mqtt.office.cli import cli
from mqtt.office.commands.manners import DRY
from mqtt.office.reference.commands import walk
from mqtt.office.settings import SETTINGS_FILE
from tests.practice_office import Office

TEXTS = ["--headline", "vi=Sân bay tạm đóng cửa", "--headline", "en=Airport closed for now"]
LONG_RUNNING = ("boothctl serve", "boothctl edge run", "boothctl edge cache", "boothctl practice")
"""Services and the practice: they say what happens line by line until they are told to end."""
PLAIN = {"boothctl completion", "boothctl authority template"}
"""What they print is for another program already."""
ACTS = {"init", "add", "remove", "revoke", "apply", "renew", "push", "rollback", "do"}


def commands() -> list[tuple[str, click.Command]]:
    found = [(name, command) for name, command in walk("boothctl", cli) if not isinstance(command, click.Group)]
    return [(name, command) for name, command in found if not name.startswith(LONG_RUNNING) and name not in PLAIN]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        yield office


def run(office: Office, *arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), env={"GATEBOOTH_HOME": str(office.home.root)})


def traces(office: Office) -> dict[str, str]:
    """Every byte of the office: files, and the database without its log of the moment."""
    return {
        str(path.relative_to(office.home.root.parent)): sha256(path.read_bytes()).hexdigest()
        for path in office.home.root.parent.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def content(office: Office) -> list[tuple[str, int]]:
    with office.database() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return [(name, connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar_one()) for name in names]  # noqa: S608


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_can_say_it_in_json_and_every_act_can_be_rehearsed(name: str) -> None:
    options = {option for parameter in dict(commands())[name].params for option in parameter.opts}
    assert "--json" in options
    if "--as" in options or name.rpartition(" ")[2] in ACTS:
        assert "--dry-run" in options


@pytest.mark.parametrize(
    "arguments",
    [
        ["notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", *TEXTS],
        ["booth", "add", "cb-02", "--gate", "cat-bi", "--roles", "screen"],
        ["booth", "revoke", "cb-01"],
        ["edge", "add", "cat-bi", "--host", "127.0.0.1"],
        ["authority", "renew"],
        ["rotate-key", "police"],
        ["rotate-key", "root", "--yes", "--restart-floors", "--restart-clock"],
    ],
)
def test_a_rehearsal_says_what_would_be_done_and_changes_nothing(office: Office, arguments: list[str]) -> None:
    before, rows = traces(office), content(office)
    rehearsed = run(office, *arguments, "--dry-run")
    assert (rehearsed.exit_code, rehearsed.output.splitlines()[-1]) == (0, DRY)
    assert (traces(office), content(office)) == (before, rows)
    done = run(office, *arguments)
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


def test_a_refusal_has_a_code_and_says_what_to_do_next(office: Office) -> None:
    refused = run(office, "booth", "revoke", "cb-99")
    assert refused.exit_code == 1
    assert refused.stderr == f"boothctl: E_UNKNOWN: booth cb-99. {ErrorCode.UNKNOWN.remedy}\n"
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ((provisioning.commands, "revoke_booth"), ["booth", "revoke", "cb-01"]),
        ((click.termui, "visible_prompt_func"), ["rotate-key", "root"]),
    ],
    ids=["at-work", "at-a-question"],
)
def test_ctrl_c_is_exit_code_130_and_says_how_to_go_on(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: tuple[ModuleType, str],
    arguments: list[str],
) -> None:
    monkeypatch.setattr(*place, _interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--home", str(office.home.root)], prog_name="boothctl")
    assert ended.value.code == 130
    assert capsys.readouterr().err.endswith("Run it again to go on.\n")


def test_a_no_is_exit_code_1(office: Office) -> None:
    answered = CliRunner().invoke(cli, ["rotate-key", "root", "--home", str(office.home.root)], input="n\n")
    assert answered.exit_code == 1


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_refusal_is_json_for_who_asked_for_json(office: Office) -> None:
    refused = run(office, "booth", "revoke", "cb-99", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout) == {
        "code": "E_UNKNOWN",
        "detail": "booth cb-99",
        "remedy": ErrorCode.UNKNOWN.remedy,
    }
    assert run(office, "booth", "revoke", "cb-99").stdout == "", "and the next one asks anew"


def test_wrong_usage_is_exit_code_2_and_a_misspelt_command_is_guessed(office: Office) -> None:
    wrong = run(office, "notcie")
    assert wrong.exit_code == 2
    assert "Did you mean 'notice'?" in wrong.stderr
    assert "Did you mean 'who-saw'?" in run(office, "notice", "whosaw").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(office: Office, shell: str) -> None:
    printed = run(office, "completion", shell)
    assert printed.exit_code == 0
    assert "_BOOTHCTL_COMPLETE" in printed.stdout


def test_acts_and_refused_acts_stand_in_the_audit_log_and_rehearsals_do_not(office: Office) -> None:
    run(office, "booth", "revoke", "cb-99")
    run(office, "booth", "revoke", "cb-01", "--dry-run")
    run(office, "booth", "revoke", "cb-01")
    written = [(entry.act, entry.subject, entry.code) for entry in audit.entries(office.home)]
    assert written == [
        (audit.Act.BOOTH_REVOKED, "cb-99", "E_UNKNOWN"),
        (audit.Act.BOOTH_REVOKED, "cb-01", None),
    ]
    verified = run(office, "audit", "verify")
    assert (verified.exit_code, verified.output) == (0, "audit: ok entries=2\n")
    log = office.home.root / audit.FOLDER / audit.FILE
    log.write_bytes(log.read_bytes().replace(b"cb-99", b"cb-98"))
    broken = run(office, "audit", "verify")
    assert broken.exit_code == 1
    assert "E_AUDIT" in broken.stderr


def test_a_notice_is_raised_updated_and_cancelled_by_commands(office: Office) -> None:
    new = run(office, "notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", *TEXTS, "--json")
    first = json.loads(new.stdout)["result"]["id"]
    update = run(office, "notice", "update", first, "--headline", "en=Airport opens at noon", "--for", "2h", "--json")
    second = json.loads(update.stdout)["result"]
    assert (second["supersedes"], second["texts"]["vi"]["headline"]) == ([first], "Sân bay tạm đóng cửa")
    again = run(office, "notice", "cancel", first)
    assert (again.exit_code, "E_CANCELLED" in again.stderr) == (1, True)
    assert run(office, "notice", "cancel", second["id"]).exit_code == 0
    assert json.loads(run(office, "notice", "list", "--json").stdout) == []
    assert len(json.loads(run(office, "notice", "list", "--all", "--json").stdout)) == 3


def test_a_notice_goes_out_as_cap_and_comes_in_elsewhere(office: Office, tmp_path: Path) -> None:
    new = run(office, "notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", *TEXTS, "--json")
    first = json.loads(new.stdout)["result"]
    file = tmp_path / "out.cap"
    assert run(office, "notice", "export", first["id"], str(file)).exit_code == 0
    with Office(tmp_path / "elsewhere") as other:
        came = run(other, "notice", "import", str(file), "--agency", "police", "--json")
        assert json.loads(came.stdout)["result"] == first


def test_texts_come_from_a_file_too_and_what_is_wrong_in_it_is_named(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "texts.toml"
    new = ("notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", "--texts", str(file))
    for text, words in (
        ('[vi]\nheadline = "Sân bay đóng cửa"\n', "en: is missing"),
        ("[vi\n", "texts.toml"),
        ('[fr]\nheadline = "x"\n', "fr; languages are"),
        ('[vi]\nheadlin = "x"\n', "vi: nobody knows headlin"),
        ('[vi]\nheadline = ""\n', "vi: "),
    ):
        file.write_text(text, "utf-8")
        refused = run(office, *new)
        assert (refused.exit_code, "E_TEXT" in refused.stderr, words in refused.stderr) == (1, True, True), (
            refused.stderr
        )


def test_a_duration_and_a_moment_are_read_and_what_is_neither_is_explained(office: Office) -> None:
    new = ["notice", "new", "--gate", "cat-bi", "--kind", "security", "--urgent", *TEXTS]
    for wrong in (
        ["--for", "soon"],
        ["--expires", "2026-12-01T10:00"],
        ["--for", "1h", "--expires", "2026-12-01T10:00Z"],
    ):
        assert run(office, *new, *wrong).exit_code == 2
    assert "E_MALFORMED" in run(office, *new, "--for", "4d").stderr
