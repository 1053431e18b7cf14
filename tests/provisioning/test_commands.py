"""``boothctl authority``, ``booth`` and ``content publish`` at the terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mqtt.office.cli import cli
from mqtt.office.settings import Settings, read_settings
from tests.practice_office import REGULATION

ITEM = "+++\n{front}\n+++\n\nText.\n"
VI = """title = "Tiền"\nsummary = "Đổi."\nagency = "dic"\ngates = ["*"]\nvisitors = ["everyone"]\norder = 1
as_of = 2026-01-01\nvalid_from = 2026-01-01\nvalid_until = 2999-12-31\nsource = "x"
sample = true
territory = {territory}"""
STREAMS = """gates = ["cat-bi"]\n[[streams]]\nnumber = 1\nvi = "a"\nen = "b"\n
[categories.city]\nstream = 1\nagencies = ["dic", "police"]\n"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "authority.toml").write_text(REGULATION, "utf-8")
    return tmp_path / "office"


def _run(home: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(arguments), env={"GATEBOOTH_HOME": str(home)})
    return result.exit_code, result.output


def _init(home: Path, *options: str) -> tuple[int, str]:
    return _run(home, "authority", "init", str(home.parent / "authority.toml"), *options)


def _source(root: Path, agency: str = "dic", territory: str = "false") -> Path:
    item = root / f"city/{agency}/money"
    item.mkdir(parents=True)
    (root / "streams.toml").write_text(STREAMS, "utf-8")
    front = VI.format(territory=territory).replace('"dic"', f'"{agency}"')
    (item / "vi.md").write_text(ITEM.format(front=front), "utf-8")
    (item / "en.md").write_text(ITEM.format(front='title = "Money"\nsummary = "Change."'), "utf-8")
    return root


def test_init_says_what_it_made_and_that_keys_are_for_practice(home: Path) -> None:
    code, output = _init(home)
    assert code == 0
    assert "3 agencies, 2 gates" in output
    assert "for practice" in output


def test_init_without_a_file_takes_the_plan_s_regulation(home: Path) -> None:
    assert _run(home, "authority", "init")[0] == 0
    code, output = _run(home, "authority", "show")
    assert code == 0
    assert "Bộ Chỉ huy Bộ đội Biên phòng" in output
    assert "must co-sign every release that shows territory" in output


def test_init_writes_where_the_brokers_are(home: Path) -> None:
    options = ("--host", "10.0.0.5", "--host", "office.example", "--control-port", "1883", "--bulk-port", "1884")
    assert _init(home, *options)[0] == 0
    assert read_settings(home) == Settings(hosts=("10.0.0.5", "office.example"), control_port=1883, bulk_port=1884)


def test_init_twice_is_refused_with_a_remedy(home: Path) -> None:
    _init(home)
    code, output = _init(home, "--host", "elsewhere")
    assert (code, "E_EXISTS" in output, "move the old one away" in output) == (1, True, True)
    assert read_settings(home) == Settings()


@pytest.mark.parametrize("host", ["", "a b", "*", "tên"])
def test_init_refuses_what_is_no_host(home: Path, host: str) -> None:
    code, output = _init(home, "--host", host)
    assert (code, "E_CONFIG: office.toml" in output, home.exists()) == (1, True, False)


@pytest.mark.parametrize(
    "command",
    [["authority", "show"], ["authority", "renew"], ["booth", "list"], ["booth", "revoke", "cb-01"],
     ["booth", "add", "cb-01", "--gate", "cat-bi", "--roles", "screen"], ["content", "cosign", "city", "dic"]],
)  # fmt: skip
def test_a_home_without_authority_is_not_filled_by_accident(home: Path, command: list[str]) -> None:
    code, output = _run(home, *command)
    assert (code, "E_CONFIG" in output, home.exists()) == (1, True, False)


def test_a_booth_is_added_listed_and_revoked(home: Path) -> None:
    _init(home)
    code, output = _run(home, "booth", "add", "cb-01", "--gate", "cat-bi", "--roles", "screen, lookup",
                        "--panel", "HDMI-A-1:screen:1920x1080:43", "--clock", "system")  # fmt: skip
    assert (code, "for practice" in output) == (0, True)
    (line,) = json.loads(_run(home, "booth", "list", "--json")[1])
    assert (line["booth"], line["gate"], line["roles"], line["revoked"], line["online"]) == (
        "cb-01", "cat-bi", ["screen", "lookup"], False, None,
    )  # fmt: skip
    assert "not seen yet" in _run(home, "booth", "list")[1]
    assert _run(home, "booth", "revoke", "cb-01") == (0, "cb-01 is revoked\n")
    assert _run(home, "booth", "revoke", "cb-01") == (0, "cb-01 was revoked before\n")
    assert "revoked" in _run(home, "booth", "list")[1]


@pytest.mark.parametrize(
    "panel", ["HDMI-A-1", "HDMI-A-1:screen:1920x1080", "HDMI-A-1:screen:1x1:43", "a:door:800x600:20"]
)
def test_a_wrong_display_is_refused(home: Path, panel: str) -> None:
    _init(home)
    code, _ = _run(home, "booth", "add", "cb-01", "--gate", "cat-bi", "--roles", "screen", "--panel", panel)
    assert code != 0
    assert not (home / "booths").exists()


def test_the_template_is_a_regulation_that_init_takes(home: Path) -> None:
    (home.parent / "authority.toml").write_text(_run(home, "authority", "template")[1], "utf-8")
    assert "8 agencies, 2 gates" in _init(home)[1]


def test_nothing_is_renewed_on_the_first_day(home: Path) -> None:
    _init(home)
    assert _run(home, "authority", "renew") == (0, "nothing is old enough to be signed again\n")


def test_a_source_is_published_once_and_again_after_an_edit(home: Path) -> None:
    _init(home)
    source = _source(home.parent / "source")
    assert "city/dic: release 1 (3 files" in _run(home, "content", "publish", str(source))[1]
    assert _run(home, "content", "publish", str(source))[1] == "city/dic: release 1 is up to date\n"
    (source / "city/dic/money/en.md").write_text(ITEM.format(front='title = "Cash"\nsummary = "x"'), "utf-8")
    assert "city/dic: release 2 (3 files" in _run(home, "content", "publish", str(source))[1]


def test_an_agency_may_not_publish_what_the_regulation_forbids(home: Path) -> None:
    _init(home)
    code, output = _run(home, "content", "publish", str(_source(home.parent / "source", "police")))
    assert (code, "E_AUTHORITY: police may not publish in city" in output) == (1, True)


def test_foreign_affairs_cosigns_a_release_that_was_reviewed(home: Path) -> None:
    _init(home)
    keys = home / "authority/keys"
    (keys / "foreign-affairs-2.pem").rename(home / "two")
    (keys / "foreign-affairs-3.pem").rename(home / "three")
    source = str(_source(home.parent / "source", territory="true"))
    waits = "; booths wait for Foreign Affairs: boothctl content cosign city dic\n"
    assert _run(home, "content", "publish", source)[1].endswith(waits)
    assert "E_KEY: 1 valid keys of foreign-affairs" in _run(home, "content", "cosign", "city", "dic")[1]
    (home / "two").rename(keys / "foreign-affairs-2.pem")
    assert _run(home, "content", "cosign", "city", "dic", "--number", "1") == (0, "city/dic: release 1 is co-signed\n")
    code, output = _run(home, "content", "cosign", "city", "dic", "--number", "2")
    assert (code, "E_COSIGN" in output) == (1, True)
    assert _run(home, "content", "publish", source)[1] == "city/dic: release 1 is up to date\n"
