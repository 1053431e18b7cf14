"""Roll-outs: a few first, more when they are well, all back when too many are not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.layers import KeyRefusal
from mqtt.contract.state import CommitState, ConfigReport, Reported
from mqtt.office.configuration.asking import Standing, merged_for, standing_of
from mqtt.office.configuration.pushing import history, push, rollback
from mqtt.office.configuration.rolling import move_on
from mqtt.office.configuration.rollout import ABORTED, SETTLED, Rollout, advance
from mqtt.office.configuration.targets import Target, set_key, target_of
from mqtt.office.database import reports
from mqtt.office.reference.examples import example_of
from tests.practice_office import Office

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
LABEL = "all/all"


def said(revision: int | None = 2, *, refused: bool = False, commit: CommitState = CommitState.SETTLED) -> Reported:
    report = example_of(Reported)
    assert isinstance(report, Reported)
    refusal = KeyRefusal(key="screen.volume_percent", code=ErrorCode.CONFIG, detail="no", layer=LABEL)
    told = ConfigReport(
        revisions={LABEL: revision} if revision else {},
        fingerprint="f" * 64,
        refused=(refusal,) * refused,
        commit=commit,
    )
    return msgspec.structs.replace(report, configuration=told)


def plan(**parts: Any) -> Rollout:
    given: dict[str, Any] = {"waves": (10, 50, 100), "pause_s": 60.0, "abort_percent": 20, "since": NOW}
    return Rollout(**(given | parts))


def step(rollout: Rollout, *reached: Reported | None, after_s: float = 60) -> Rollout | str:
    named = {f"cb-{number:02}": one for number, one in enumerate(reached)}
    return advance(rollout, LABEL, 2, named, NOW + timedelta(seconds=after_s))


def test_the_next_wave_waits_for_the_pause_and_for_every_booth() -> None:
    assert step(plan(), said(), after_s=59) == plan()
    assert step(plan(), said(), said(1)) == plan()
    assert step(plan(), said(), None) == plan()
    following = step(plan(), said())
    assert isinstance(following, Rollout)
    assert (following.wave, following.since) == (1, NOW + timedelta(seconds=60))
    assert step(plan(wave=2), said(), said()) == SETTLED


@pytest.mark.parametrize("bad", [{"refused": True}, {"commit": CommitState.REVERTED}])
def test_too_many_failures_end_it_at_once_and_few_do_not(bad: dict[str, Any]) -> None:
    assert step(plan(), said(**bad), *[said()] * 4) != ABORTED, "a fifth is allowed"
    assert step(plan(), said(**bad), *[said()] * 3, after_s=0) == ABORTED
    assert step(plan(abort_percent=0), said(**bad), *[said()] * 50, after_s=0) == ABORTED


def test_waves_grow_and_hold_the_booths_before_them() -> None:
    booths = [f"cb-{number:02}" for number in range(20)]
    reached = [{one for one in booths if plan(wave=wave).reaches(one, booths, 7)} for wave in range(3)]
    assert [len(one) for one in reached] == [2, 10, 20]
    assert reached[0] < reached[1] < reached[2]
    assert reached[0] != {one for one in booths if plan().reaches(one, booths, 8)}, "another revision, another first"


@pytest.mark.parametrize("waves", [(), (50,), (100, 50), (50, 50, 100), (0, 100)])
def test_waves_that_make_no_sense_are_refused(waves: tuple[int, ...]) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError)):
        msgspec.convert({"waves": waves, "pause_s": 1, "abort_percent": 1, "since": NOW}, Rollout)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOW) as office:
        for number in range(10):
            office.add_booth(f"cb-{number:02}")
        yield office


def everybody(office: Office) -> Target:
    with office.engine.connect() as connection:
        return target_of(connection, "all")


def has(office: Office) -> dict[str, int]:
    """Which revision each booth is assigned."""
    assignment = office.assignment("cat-bi")
    return {
        one.booth: layer.revision for one in assignment.booths for layer in assignment.configuration_of(one.booth)[0]
    }


def report(office: Office, booth: str, one: Reported) -> None:
    with office.engine.begin() as connection:
        connection.execute(reports.delete().where(reports.c.booth == booth))
        row = {"booth": booth, "kind": "reported", "body": encode(one), "received": NOW}
        connection.execute(reports.insert().values(row))


def test_a_revision_spreads_by_what_booths_report_and_settles(office: Office) -> None:
    office.configure("all", "[screen]\nvolume_percent = 1\n")
    rollout = plan(pause_s=0)
    push(office.home, office.engine, everybody(office), "[screen]\nvolume_percent = 2\n", NOW, rollout=rollout)
    for expected in (1, 5, 10):
        new = [booth for booth, revision in has(office).items() if revision == 2]
        assert len(new) == expected
        for booth in new:
            report(office, booth, said())
        move_on(office.home, office.engine, NOW)
    with office.engine.connect() as connection:
        assert history(connection, everybody(office))[0].state == SETTLED


def test_a_revision_that_booths_refuse_is_taken_from_all_of_them(office: Office) -> None:
    office.configure("all", "[screen]\nvolume_percent = 1\n")
    push(office.home, office.engine, everybody(office), "[screen]\nvolume_percent = 2\n", NOW, rollout=plan())
    (first,) = (booth for booth, revision in has(office).items() if revision == 2)
    with pytest.raises(ContractError, match="E_EXISTS"):
        office.configure("all", "[screen]\nvolume_percent = 3\n")
    report(office, first, said(refused=True))
    move_on(office.home, office.engine, NOW)
    assert set(has(office).values()) == {1}
    assert office.configure("all", "[screen]\nvolume_percent = 3\n") == 3, "numbers are never used twice"


def test_rolling_back_ends_a_roll_out_and_says_an_old_text_under_a_new_number(office: Office) -> None:
    office.configure("all", "[screen]\nvolume_percent = 1\n")
    push(office.home, office.engine, everybody(office), "[screen]\nvolume_percent = 2\n", NOW, rollout=plan())
    assert rollback(office.home, office.engine, everybody(office), None, NOW).revision == 1
    assert set(has(office).values()) == {1}
    office.configure("all", "[screen]\nvolume_percent = 9\n")
    back = rollback(office.home, office.engine, everybody(office), 1, NOW)
    assert (back.revision, back.text) == (4, "[screen]\nvolume_percent = 1\n")
    with pytest.raises(ContractError, match="E_UNKNOWN"):
        rollback(office.home, office.engine, everybody(office), 99, NOW)


def test_drift_is_seen(office: Office) -> None:
    office.configure("all", "[screen]\nvolume_percent = 1\n")

    def standing() -> Standing:
        with office.engine.connect() as connection:
            return standing_of(connection, "cb-00", "cat-bi").standing

    assert standing() is Standing.UNHEARD
    for told, expected in (
        (said(None), Standing.BEHIND),
        (said(1), Standing.SAME),
        (said(1, refused=True), Standing.REFUSED),
        (said(1, commit=CommitState.ON_TRIAL), Standing.ON_TRIAL),
        (said(1, commit=CommitState.REVERTED), Standing.REVERTED),
        (said(7), Standing.BEHIND),
    ):
        report(office, "cb-00", told)
        assert standing() is expected
    with office.engine.connect() as connection:
        assert merged_for(connection, "cb-00").configuration.screen.volume_percent == 1


def test_a_draft_is_edited_key_by_key_and_keeps_its_comments(office: Office) -> None:
    target = everybody(office)
    target.draft(office.home).parent.mkdir(exist_ok=True)
    target.draft(office.home).write_text("# quiet at night\n[screen]\nvolume_percent = 1  # percent\n")
    set_key(office.home, target, "screen.volume_percent", "20")
    set_key(office.home, target, "log.level", "warning")
    set_key(office.home, target, "network.brokers", '[{ host = "a.example" }]')
    text = target.draft(office.home).read_text()
    assert "# quiet at night" in text
    assert "volume_percent = 20" in text
    for key, value in (("screen.volume_percent", "900"), ("screen.loud", "1"), ("log.level", "very loud")):
        with pytest.raises(ContractError):
            set_key(office.home, target, key, value)
    assert target.draft(office.home).read_text() == text
    set_key(office.home, target, "log.level", None)
    assert "level" not in target.draft(office.home).read_text()


@pytest.mark.parametrize("what", ["", "gate", "gate/moon", "booth/cb-99", "booth/../x", "everybody"])
def test_a_target_that_nobody_knows_is_refused(office: Office, what: str) -> None:
    with office.engine.connect() as connection, pytest.raises(ContractError) as caught:
        target_of(connection, what)
    assert caught.value.code is ErrorCode.UNKNOWN
