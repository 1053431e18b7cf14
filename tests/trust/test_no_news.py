"""A set that says something else under the same number is no news: it is let pass, nothing is refused or waited for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from appliance.trust.verifier import Trust
from mqtt.contract.repository import MetaSet
from tests.practice_office import Office

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)


def restated(meta: MetaSet, snapshot: int) -> MetaSet:
    """The same number of the timestamp, and another snapshot in it."""
    timestamp = json.loads(meta.files["timestamp.json"])
    timestamp["signed"]["meta"]["snapshot.json"]["version"] = snapshot
    return msgspec.structs.replace(meta, files={**meta.files, "timestamp.json": json.dumps(timestamp)})


def test_another_timestamp_with_the_number_of_the_one_believed_changes_nothing(tmp_path: Path) -> None:
    with Office(tmp_path, now=NOW) as office, Trust(tmp_path / "trust", office.roots()[1]) as trust:
        office.publish("city", "dic", {"a.txt": b"1"})
        trust.offer_root(1, office.roots()[1])
        trust.offer_meta(office.meta().to_bytes())
        assert trust.refresh(NOW) is not None
        before = trust.versions

        trust.offer_meta(restated(office.meta(), 100).to_bytes())

        assert trust.refresh(NOW) is not None
        assert trust.versions == before
        assert not trust.refuses_newest

        office.publish("city", "dic", {"a.txt": b"2"})
        trust.offer_meta(office.meta().to_bytes())
        trust.refresh(NOW)
        assert trust.versions["timestamp"] == before["timestamp"] + 1
