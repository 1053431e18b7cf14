"""What stands in the audit log after a command of boothctl, done, refused, or cut short."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt.office import audit
from mqtt.office.chain import Act, Entry
from mqtt.office.content import publishing
from tests.desk import run, write_source
from tests.practice_office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        yield office


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The agency dic may publish in city, police may not."""
    return write_source(tmp_path / "source", "dic", "police")


def written(office: Office) -> list[tuple[Act, str, str | None]]:
    return [(entry.act, entry.subject, entry.code) for entry in audit.entries(office.home)]


def last(office: Office) -> Entry:
    return list(audit.entries(office.home))[-1]


@pytest.mark.parametrize(
    ("arguments", "act", "subject"),
    [
        (("booth", "add", "cb-01", "--gate", "cat-bi", "--roles", "screen"), Act.BOOTH_ADDED, "cb-01"),
        (("booth", "add", "cb-02", "--gate", "catbi", "--roles", "screen"), Act.BOOTH_ADDED, "cb-02"),
        (("booth", "revoke", "cb-99"), Act.BOOTH_REVOKED, "cb-99"),
        (("edge", "add", "catbi", "--host", "edge.example"), Act.EDGE_ADDED, "catbi"),
        (("edge", "remove", "cat-bi"), Act.EDGE_REMOVED, "cat-bi"),
        (("content", "cosign", "city", "dic"), Act.COSIGNED, "city/dic"),
        (("authority", "init"), Act.FOUNDED, "authority"),
    ],
)
def test_a_refused_act_is_found_under_what_it_was_about(
    office: Office, arguments: tuple[str, ...], act: Act, subject: str
) -> None:
    """The same subject as if it had been done, so that who asks for a booth sees what was tried as well."""
    refused = run(office, *arguments)
    assert refused.exit_code == 1, refused.output
    assert written(office) == [(act, subject, refused.stderr.split(": ")[1])]


def test_asking_a_booth_for_its_records_is_an_act_and_looking_at_them_is_none(office: Office) -> None:
    for more in ((), ("--ask-again",)):
        assert run(office, "booth", "records", "cb-01", *more).exit_code == 0
    assert written(office) == [(Act.RECORDS_ASKED, "cb-01", None)]


def test_what_was_published_before_a_refusal_stands_in_the_log(office: Office, source: Path) -> None:
    """The first stream is out for good; the log tells of it, then of the one that was refused."""
    refused = run(office, "content", "publish", str(source))
    assert (refused.exit_code, "E_AUTHORITY" in refused.stderr) == (1, True)
    assert written(office) == [(Act.PUBLISHED, "city/dic", None), (Act.PUBLISHED, "*/*", "E_AUTHORITY")]


def test_what_was_published_before_ctrl_c_stands_in_the_log(
    office: Office, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = publishing.build_release

    def only_the_first(source: object, category: str, agency: str, **given: object) -> object:
        if agency == "police":
            raise KeyboardInterrupt
        return build(source, category, agency, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "build_release", only_the_first)
    assert run(office, "content", "publish", str(source)).exit_code == 130
    assert written(office) == [(Act.PUBLISHED, "city/dic", None)]


def test_a_source_with_mistakes_is_refused_with_a_code_and_the_refusal_is_logged(office: Office, source: Path) -> None:
    (source / "city/dic/money/en.md").unlink()
    refused = run(office, "content", "publish", str(source), "--agency", "dic", "--json")
    said = json.loads(refused.stdout)
    assert (refused.exit_code, said["code"], said["detail"]) == (
        1, "E_SOURCE_LANGUAGE", "1 errors; nothing was published",
    )  # fmt: skip
    assert written(office) == [(Act.PUBLISHED, "*/dic", "E_SOURCE_LANGUAGE")]


def test_publishing_nothing_new_is_about_what_was_asked_for(office: Office, source: Path) -> None:
    for _ in range(2):
        assert run(office, "content", "publish", str(source), "--agency", "dic").exit_code == 0
    assert [(entry.subject, entry.detail) for entry in audit.entries(office.home)] == [
        ("city/dic", {"city/dic": "1"}),
        ("*/dic", {}),
    ]


def test_an_act_that_the_log_cannot_take_says_that_it_is_done(office: Office) -> None:
    """Else somebody would believe that a booth is still trusted, or do it twice."""
    run(office, "booth", "revoke", "cb-99")
    (office.home.root / audit.FOLDER / audit.FILE).unlink()
    done = run(office, "booth", "revoke", "cb-01")
    assert (done.exit_code, "E_AUDIT" in done.stderr) == (1, True)
    assert "cb-01: it is done and does not stand there" in done.stderr
    assert run(office, "booth", "revoke", "cb-01", "--dry-run").stdout.startswith("cb-01 was revoked before")


def test_the_log_is_shown_by_act_and_by_subject(office: Office) -> None:
    for booth in ("cb-98", "cb-99"):
        run(office, "booth", "revoke", booth)
    run(office, "edge", "remove", "cat-bi")
    by_act = json.loads(run(office, "audit", "show", "--act", "booth-revoked", "--json").stdout)
    assert [one["subject"] for one in by_act] == ["cb-98", "cb-99"]
    by_subject = json.loads(run(office, "audit", "show", "--subject", "cat-bi", "--limit", "1", "--json").stdout)
    assert [one["act"] for one in by_subject] == ["edge-removed"]


def test_a_copy_is_new_and_has_its_end_beside_it(office: Office, tmp_path: Path) -> None:
    run(office, "booth", "revoke", "cb-99")
    copy = tmp_path / "copy.jsonl"
    first, again = (run(office, "audit", "export", str(copy)) for _ in range(2))
    assert (first.exit_code, first.stdout.startswith(f"1 entries in {copy}; the last has digest ")) == (0, True)
    assert json.loads((tmp_path / "copy.jsonl.head").read_bytes())["digest"] in first.stdout
    assert (again.exit_code, "E_EXISTS" in again.stderr) == (1, True)
