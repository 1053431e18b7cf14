"""The switch and the way back, cut at every step on the disk: the old set or the new one, never a mixture."""

from typing import Any

import pytest

from appliance.content.catalogue import Catalogue
from appliance.content.judgements import REFUSALS_KEPT, Judgements
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import ErrorCode, RefusedError

ORDER = ("dic",)
STREAM = "essentials/dic"
REFUSED = RefusedError(ErrorCode.HEALTH, "kiosk: 500")


def texts(layout: Layout) -> list[str]:
    catalogue = Catalogue.open(layout)
    return [item.body("vi") for item in catalogue.items] if catalogue else []


def show(store: Store, made: Any) -> int:
    made.install_into(store)
    return store.activate({made.head.stream: made.head.number}, ORDER)


@pytest.fixture
def two(store: Store, make: Any) -> Store:
    """A booth that shows set 2 and could return to set 1."""
    for number, text in ((1, "old"), (2, "new")):
        show(store, make.release(number, make.item("money", text)))
    return store


def test_a_cut_at_any_step_of_staging_showing_and_collecting_shows_old_or_new(
    two: Store, layout: Layout, make: Any, power: Any
) -> None:
    third = make.release(3, make.item("money", "third"))
    third.install_into(two)

    def work() -> None:
        store = Store(layout)
        number = store.sets.stage({STREAM: 3}, ORDER)
        (layout.derived_of(number) / "made").write_bytes(b"x")
        store.sets.show(number)
        store.collect_garbage(frozenset())

    seen = []

    def restart() -> None:
        store = Store(layout)
        seen.append(texts(layout))
        shown = store.shown()
        assert shown is not None
        assert seen[-1] == (["third"] if shown.releases == {STREAM: 3} else ["new"])
        assert (store.sets.on_trial() is None) or store.sets.on_trial() == shown
        assert all(store.sets.read(number) for number in store.sets.kept()), "there is always a way back"
        store.sets.show(2)  # for the next cut, as if the set had not held
        if not store.installed(third.head):
            third.install_into(store)

    steps = power.cut_at_every_step(work, restart)
    assert steps > 20
    assert {"new", "third"} == {text for found in seen for text in found}
    work()
    assert texts(layout) == ["third"]


def test_a_cut_at_any_step_of_the_return_ends_in_the_set_before(two: Store, layout: Layout, power: Any) -> None:
    """Refused first, then the rename: whichever happened, the next evidence or the next start finishes it."""

    def work() -> None:
        store = Store(layout)
        store.refuse(STREAM, 2, REFUSED)
        store.sets.show(1)

    seen = []

    def restart() -> None:
        store = Store(layout)
        seen.append(texts(layout))
        assert store.sets.on_trial() is not None or texts(layout) == ["old"], "still on trial, so it can be taken back"
        store.sets.show(2)

    assert power.cut_at_every_step(work, restart) > 8
    assert seen[0] == ["new"]
    assert all(found in (["old"], ["new"]) for found in seen)
    work()
    assert texts(layout) == ["old"]
    assert two.sets.on_trial() is None


def test_a_set_that_did_not_hold_never_pushes_out_the_one_that_did(two: Store, layout: Layout, make: Any) -> None:
    two.sets.show(1)
    show(two, make.release(3, make.item("money", "third")))
    two.collect_garbage(frozenset())
    assert sorted(path.name for path in layout.sets.iterdir()) == ["1", "3"]
    assert [kept.number for kept in two.sets.to_return_to(two.shown())] == [1]


def test_a_release_that_waits_for_the_switch_is_no_garbage(two: Store, make: Any) -> None:
    waits = make.release(7, make.item("money", "waits"))
    waits.install_into(two)
    two.collect_garbage(frozenset(), {STREAM: 7})
    assert two.installed(waits.head)
    two.collect_garbage(frozenset())
    assert not two.installed(waits.head)


def test_what_was_made_for_a_set_goes_with_it(two: Store, layout: Layout) -> None:
    number = two.sets.stage({STREAM: 2}, ORDER)
    assert layout.derived_of(number).is_dir()
    two.sets.drop(number)
    assert not layout.derived_of(number).exists()
    (layout.derived / "99").mkdir()
    two.collect_garbage(frozenset())
    assert not (layout.derived / "99").exists()


def head(make: Any, number: int, **more: Any) -> Any:
    made = make.release(number, {"a": b"a"}).head
    return type(made)(**({name: getattr(made, name) for name in made.__struct_fields__} | more))


def test_a_revoked_release_never_comes_back_also_when_a_later_head_forgets_it(layout: Layout, make: Any) -> None:
    judgements = Judgements(layout.root.parent / "j.json", "1")
    judgements.hear(head(make, 5, revoked=(3,), min_release=2))
    judgements.hear(head(make, 6, revoked=(4,)))
    again = Judgements(layout.root.parent / "j.json", "1")
    assert [number for number in range(1, 8) if again.allows(STREAM, number)] == [2, 5, 6, 7]
    assert again.allows("law/police", 3)
    for number in (1, 3, 4):
        with pytest.raises(RefusedError) as refused:
            again.require(head(make, number), "0" * 64)
        assert refused.value.code is ErrorCode.REVOKED


def test_a_refused_head_is_refused_until_the_software_is_another(layout: Layout, make: Any) -> None:
    """An update may bring the decoder that was missing."""
    path = layout.root.parent / "j.json"
    Judgements(path, "1").refuse("a" * 64, REFUSED)
    with pytest.raises(RefusedError, match="E_HEALTH"):
        Judgements(path, "1").require(head(make, 1), "a" * 64)
    Judgements(path, "1").require(head(make, 1), "b" * 64)
    Judgements(path, "2").require(head(make, 1), "a" * 64)


def test_the_list_of_refusals_is_bounded(layout: Layout, make: Any) -> None:
    judgements = Judgements(layout.root.parent / "j.json", "1")
    for number in range(REFUSALS_KEPT + 10):
        judgements.refuse(f"{number:064d}", REFUSED)
    judgements.require(head(make, 1), f"{0:064d}")
    with pytest.raises(RefusedError):
        judgements.require(head(make, 1), f"{REFUSALS_KEPT + 9:064d}")
