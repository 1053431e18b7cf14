"""How every command of boothctl behaves, seen from outside."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import provisioning.commands
from mqtt.contract.errors import ErrorCode
from mqtt.office import audit
from mqtt.office.chain import Act
from mqtt.office.cli import cli
from mqtt.office.reference.commands import walk
from mqtt.office.spelling import unknown
from tests.desk import run, traces
from tests.practice_office import Office

TEXTS = ["--headline", "vi=Sân bay tạm đóng cửa", "--headline", "en=Airport closed for now"]
LONG_RUNNING = ("boothctl serve", "boothctl edge run", "boothctl edge cache", "boothctl practice")
"""Services and the practice: they say what happens line by line until they are told to end."""
PLAIN = {"boothctl completion", "boothctl authority template"}
"""What they print is for another program already."""
QUESTIONS = [
    ["audit", "show"], ["audit", "verify"],
    ["authority", "show"], ["regulation", "show"], ["regulation", "explain", "police", "essentials"],
    ["booth", "list"], ["booth", "records", "cb-01"],
    ["config", "keys"], ["config", "diff", "all"], ["config", "history", "all"], ["config", "show", "cb-01"],
    ["config", "status"], ["content", "proposals"], ["notice", "list"], ["notice", "kinds", "--gate", "cat-bi"],
]  # fmt: skip
"""They change nothing: :func:`test_a_question_changes_nothing_and_is_answered_in_json` asks them."""
NOT_REHEARSED = {" ".join(["boothctl", *words[:2]]) for words in QUESTIONS} | {
    "boothctl content check", "boothctl content coverage", "boothctl regulation check", "boothctl notice who-saw",
    # they write one new file or folder, which the person names, and nothing of the office
    "boothctl audit export", "boothctl content sample", "boothctl contract export", "boothctl notice export",
    # on the officer's own machine, where no office is to be copied; both show what they sign
    "boothctl signer sign", "boothctl signer notice",
}  # fmt: skip


def commands() -> list[tuple[str, click.Command]]:
    found = [(name, command) for name, command in walk("boothctl", cli) if not isinstance(command, click.Group)]
    return [(name, command) for name, command in found if not name.startswith(LONG_RUNNING) and name not in PLAIN]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        yield office


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_can_say_it_in_json_and_every_act_can_be_rehearsed(name: str) -> None:
    options = {option for parameter in dict(commands())[name].params for option in parameter.opts}
    assert "--json" in options
    assert ("--dry-run" in options) is not (name in NOT_REHEARSED)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_changes_nothing_and_is_answered_in_json(office: Office, question: list[str]) -> None:
    before = traces(office)
    answer = run(office, *question, "--json")
    assert answer.exit_code == 0, answer.output
    json.loads(answer.stdout)
    assert traces(office) == before


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["booth", "revoke", "cb-1"],
        ["booth", "records", "bc-01"],
        ["booth", "do", "cb-001", "reboot"],
        ["config", "show", "cb01"],
        ["config", "diff", "booth/cb-0l"],
    ],
)
def test_the_name_of_a_booth_is_guessed(office: Office, arguments: list[str]) -> None:
    assert "; perhaps cb-01 is meant. " in run(office, *arguments).stderr


@pytest.mark.parametrize("arguments", [["edge", "add", "cat-bj", "--host", "a"], ["config", "diff", "gate/catbi"]])
def test_the_name_of_a_gate_is_guessed(office: Office, arguments: list[str]) -> None:
    assert "; perhaps cat-bi is meant. " in run(office, *arguments).stderr


def test_a_name_like_no_other_is_not_guessed() -> None:
    assert unknown("booth", "cb-99", ["cb-01", "cb-02"]).detail == "booth cb-99"


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
        (Act.BOOTH_REVOKED, "cb-99", "E_UNKNOWN"),
        (Act.BOOTH_REVOKED, "cb-01", None),
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
