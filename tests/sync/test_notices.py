"""Notices through a whole session: kept, followed, told of, and given up with their officers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.notices.folder import Folder
from appliance.notices.force import in_force
from mqtt.contract import topics
from mqtt.contract.notices import MessageType, NoticeText
from mqtt.contract.records import Priority
from provisioning.regulation import rotate_role
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.fixed_now = office.now.replace(microsecond=0)
        yield office


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> SimulatedBooth:
    folder = tmp_path / "booth"
    folder.mkdir()
    booth = SimulatedBooth(office, folder, office.add_booth("cb-01"))
    booth.follow_office()
    booth.connect()
    booth.run(5)
    return booth


def shown(booth: SimulatedBooth) -> list[str]:
    kept = Folder(booth.folder / "notices").notices()
    return [one.id for one in in_force(kept, "cat-bi", booth.clock.now().now, trusted=True)]


def told(booth: SimulatedBooth, kind: str) -> list[str]:
    portion = booth.outbox.portion(Priority.OPERATION, 0, 10**6)
    return [row.body["notice"] for row in portion.records if row.kind == kind] if portion else []


def follow(booth: SimulatedBooth) -> None:
    booth.follow_office()
    booth.run(5)


def test_a_notice_is_kept_and_the_office_is_told_once(office: Office, booth: SimulatedBooth) -> None:
    made = office.announce()
    follow(booth)
    assert shown(booth) == [made.id]
    booth.disconnect()
    booth.connect()
    booth.run(5)
    assert told(booth, "notice-received") == [made.id], "a retained message that comes again is no news"


def test_an_update_takes_its_place_and_a_cancellation_ends_it(office: Office, booth: SimulatedBooth) -> None:
    first = office.announce()
    follow(booth)
    second = office.announce(type=MessageType.UPDATE, supersedes=(first.id,))
    follow(booth)
    assert shown(booth) == [second.id]
    office.announce(type=MessageType.CANCEL, supersedes=(second.id,), texts={})
    follow(booth)
    assert shown(booth) == []


def test_a_cancelled_notice_sent_again_by_somebody_in_the_broker_is_refused_and_reported(
    office: Office, booth: SimulatedBooth
) -> None:
    first = office.announce()
    envelope = next(iter(office.notices(office.now).values()))
    office.announce(type=MessageType.CANCEL, supersedes=(first.id,), texts={})
    follow(booth)
    topic = topics.NOTICE.at(gate="cat-bi", id=first.id)
    booth.inject(topic, envelope)
    booth.run(2)
    assert booth.codes()[f"gate/cat-bi/notice/{first.id}"] == "E_CANCELLED"
    assert shown(booth) == []


def test_a_notice_that_was_readdressed_is_refused(office: Office, booth: SimulatedBooth) -> None:
    """The same bytes at another gate's topic, or under another name."""
    made = office.announce()
    envelope = next(iter(office.notices(office.now).values()))
    booth.inject(topics.NOTICE.at(gate="hai-phong-port", id=made.id), envelope)
    booth.inject(topics.NOTICE.at(gate="cat-bi", id="another-name"), envelope)
    booth.run(2)
    assert set(booth.codes().values()) == {"E_MALFORMED"}
    assert shown(booth) == []


def test_it_ends_by_itself_without_any_broker(office: Office, booth: SimulatedBooth) -> None:
    office.announce(expires=office.now + timedelta(hours=1))
    follow(booth)
    booth.disconnect()
    booth.run(3500)
    assert shown(booth)
    booth.run(100)
    assert not shown(booth)


def test_an_empty_retained_message_takes_nothing_away(office: Office, booth: SimulatedBooth) -> None:
    """Whoever is in the broker can stop a notice from coming, not take one that has come."""
    made = office.announce()
    follow(booth)
    booth.inject(topics.NOTICE.at(gate="cat-bi", id=made.id), b"")
    assert shown(booth) == [made.id]


def test_a_notice_before_the_regulation_that_allows_it_waits_for_it(office: Office, tmp_path: Path) -> None:
    made = office.announce()
    (tmp_path / "late").mkdir()
    booth = SimulatedBooth(office, tmp_path / "late", office.add_booth("cb-02"))
    booth.inject(topics.NOTICE.at(gate="cat-bi", id=made.id), next(iter(office.notices(office.now).values())))
    assert shown(booth) == []
    booth.overrides = {topics.NOTICE.at(gate="cat-bi", id=made.id): b""}
    booth.follow_office()
    booth.connect()
    booth.run(5)
    assert shown(booth) == [made.id]
    assert "E_AUTHORITY" not in booth.codes().values() or booth.codes()


def test_words_of_keys_that_count_no_more_leave_the_glass(office: Office, booth: SimulatedBooth) -> None:
    """Stolen keys: what they had signed goes with them."""
    office.announce()
    follow(booth)
    assert shown(booth)
    booth.overrides = dict.fromkeys(office.notices(office.now), b"")
    rotate_role(office.home, office.engine, "police-duty", office.now)
    follow(booth)
    assert shown(booth) == []


def test_a_power_cut_forgets_nothing(office: Office, booth: SimulatedBooth) -> None:
    made = office.announce()
    follow(booth)
    booth.power_off()
    booth.power_on()
    assert shown(booth) == [made.id]


def test_texts_in_other_languages_may_follow(office: Office, booth: SimulatedBooth) -> None:
    first = office.announce()
    texts = {**first.texts, "lo": NoticeText(headline="ສະໜາມບິນປິດຊົ່ວຄາວ")}
    office.announce(type=MessageType.UPDATE, supersedes=(first.id,), texts=texts)
    follow(booth)
    (one,) = in_force(Folder(booth.folder / "notices").notices(), "cat-bi", booth.clock.now().now, trusted=True)
    assert set(one.texts) == {"vi", "en", "lo"}
