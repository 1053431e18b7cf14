"""The trust update, cut at every step on the disk: what was believed or what is newer, and never less."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.errors import ErrorCode, RefusedError
from appliance.trust.time import TrustedTime, Witness
from appliance.trust.verifier import Trust
from tests.content.conftest import Power
from tests.practice_office import Office

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_a_cut_at_any_step_of_a_trust_update_believes_the_old_or_the_new(tmp_path: Path) -> None:
    """A restart recovers by itself, takes the new set, and refuses the old one from then on."""
    with Office(tmp_path, now=NOON) as office:
        factory = (office.add_booth("cb-01") / "root.json").read_bytes()
        office.publish("essentials", "dic", {"a.txt": b"1"})
        old, old_assign = office.meta().to_bytes(), office.assign("cat-bi")
        office.publish("essentials", "dic", {"a.txt": b"2"})
        new, new_assign = office.meta().to_bytes(), office.assign("cat-bi")
    assert old_assign is not None
    assert new_assign is not None
    folder = tmp_path / "trust"

    def take(meta: bytes, assign: bytes) -> None:
        with Trust(folder, factory) as trust:
            trust.offer_meta(meta)
            trust.offer_assignment(assign)
            view = trust.refresh(NOON)
            assert view is not None
            trust.assignment(view, "cat-bi")

    def believed() -> str:
        with Trust(folder, factory) as trust:
            view = trust.refresh(NOON)
            assert view is not None
            signed = view.release("essentials", "dic")
            assert signed is not None
            return signed.sha256

    take(old, old_assign)
    first, seen = believed(), []

    def restart() -> None:
        seen.append(believed())

    assert Power().cut_at_every_step(lambda: take(new, new_assign), restart) > 10
    take(new, new_assign)
    second = believed()
    assert first != second
    assert set(seen) <= {first, second}
    assert seen[0] == first
    with pytest.raises(RefusedError) as refused:
        take(old, old_assign)
    assert refused.value.code is ErrorCode.ROLLBACK
    assert believed() == second


def test_a_cut_at_any_step_of_the_clock_floor_never_turns_time_back(tmp_path: Path) -> None:
    fact = tmp_path / "clock.json"

    def start() -> TrustedTime:
        return TrustedTime(tmp_path, fact, frozenset(), tmp_path)

    first = start()
    first.hear(Witness.TIMESTAMP, NOON)
    first.now()
    later = NOON.replace(day=30)

    def work() -> None:
        time = start()
        time.hear(Witness.TIMESTAMP, later)
        time.state()

    seen: list[datetime] = []
    assert Power().cut_at_every_step(work, lambda: seen.append(start().now().now)) > 1
    assert all(at >= NOON for at in seen)
