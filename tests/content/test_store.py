"""Whole releases or none, one switch, and nothing that readers may hold open is taken away."""

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.content.catalogue import Catalogue
from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import BoothError, DeviceError, ErrorCode, RefusedError

ORDER = ("dic",)
STREAM = "essentials/dic"


def texts(layout: Layout) -> list[str]:
    """What a reader finds."""
    catalogue = Catalogue.open(layout)
    return [item.body("vi") for item in catalogue.items] if catalogue else []


def show(store: Store, made: Any) -> int:
    made.install_into(store)
    return store.activate({made.head.stream: made.head.number}, ORDER)


@pytest.mark.parametrize(
    ("data", "code"), [(b"shorter", ErrorCode.SIZE), (b"other bytes", ErrorCode.DIGEST)], ids=["size", "digest"]
)
def test_bytes_that_are_not_those_signed_are_not_kept(store: Store, make: Any, data: bytes, code: ErrorCode) -> None:
    blob = make.ref(b"these bytes")
    with pytest.raises(RefusedError) as refused:
        store.put(blob, data)
    assert refused.value.code is code
    assert not store.has(blob)
    assert store.content_bytes == 0


def test_a_release_is_laid_out_as_its_list_says_and_shown_after_the_switch(
    store: Store, layout: Layout, make: Any
) -> None:
    made = make.release(3, make.item("money", "Đổi tiền"))
    assert not store.installed(made.head)
    made.install_into(store)
    assert store.installed(made.head)
    assert texts(layout) == []
    assert store.activate({STREAM: 3}, ORDER) == 1
    assert texts(layout) == ["Đổi tiền"]
    shown = store.shown()
    assert shown is not None
    assert (shown.number, shown.releases, shown.order) == (1, {STREAM: 3}, ORDER)


def test_a_power_cut_while_installing_or_switching_shows_the_old_or_the_new_whole(
    store: Store, layout: Layout, make: Any, power: Any
) -> None:
    show(store, make.release(1, make.item("money", "old")))
    new = make.release(2, make.item("money", "new") | make.item("health", "new"))
    new.put_into(store)

    def switch() -> None:
        store.install(new.head, make.digest(new.signed))
        store.activate({STREAM: 2}, ORDER)

    seen = []

    def restart() -> None:
        again = Store(layout)
        seen.append(texts(layout))
        assert not list(layout.root.rglob("*.draft"))
        again.activate({STREAM: 1}, ORDER)

    steps = power.cut_at_every_step(switch, restart)
    assert steps > 20
    assert all(found in (["old"], ["new", "new"]) for found in seen)
    assert texts(layout) == ["new", "new"]


def test_the_release_shown_is_never_replaced_by_another_of_its_number(store: Store, layout: Layout, make: Any) -> None:
    """Numbers are never reused; an agency that does so anyway may not pull the page from under its readers."""
    show(store, make.release(1, make.item("money", "first")))
    other = make.release(1, make.item("money", "second"))
    with pytest.raises(RefusedError) as refused:
        other.install_into(store)
    assert refused.value.code is ErrorCode.ROLLBACK
    assert texts(layout) == ["first"]


def test_a_release_never_shown_may_be_replaced_by_its_correction(store: Store, layout: Layout, make: Any) -> None:
    make.release(1, make.item("money", "first")).install_into(store)
    show(store, make.release(1, make.item("money", "second")))
    assert texts(layout) == ["second"]


def test_a_damaged_release_can_be_laid_out_again(store: Store, layout: Layout, make: Any) -> None:
    made = make.release(1, make.item("money", "text"))
    show(store, made)
    (layout.release("essentials", "dic", 1) / "head.json").unlink()
    assert not store.installed(made.head)
    made.install_into(store)
    assert store.installed(made.head)
    assert texts(layout) == ["text"]


@pytest.mark.parametrize("poison", ["item", "text", "programme"])
def test_a_poisoned_release_leaves_what_is_shown_and_no_trace(
    store: Store, layout: Layout, make: Any, poison: str
) -> None:
    show(store, make.release(1, make.item("money", "good")))
    files = make.item("money", "bad")
    match poison:
        case "item":
            files["money/item.json"] = b'{"schema":"item/1"}'
        case "text":
            del files["money/vi.md"]
        case _:
            files |= make.programme("missing.png")
    make.release(2, files).install_into(store)
    before = sorted(layout.sets.iterdir())
    with pytest.raises(RefusedError) as refused:
        store.activate({STREAM: 2}, ORDER)
    assert refused.value.code is ErrorCode.PREPARE
    assert texts(layout) == ["good"]
    assert sorted(layout.sets.iterdir()) == before


def test_a_release_that_was_never_installed_is_not_shown(store: Store, layout: Layout, make: Any) -> None:
    show(store, make.release(1, make.item("money", "good")))
    with pytest.raises(RefusedError):
        store.activate({STREAM: 9}, ORDER)
    assert texts(layout) == ["good"]


def test_garbage_never_holds_what_is_shown_or_was_shown_before(store: Store, layout: Layout, make: Any) -> None:
    for number in range(1, 6):
        show(store, make.release(number, make.item("money", f"text {number}")))
        store.sets.proven()
        before = Catalogue.open(layout)
        store.collect_garbage(frozenset())
        assert texts(layout) == [f"text {number}"]
        assert before is not None
        assert before.items[0].body("vi") == f"text {number}"
        store.sets.proven()
    assert sorted(path.name for path in layout.sets.iterdir()) == ["4", "5"]
    assert sorted(path.name for path in (layout.releases / "essentials/dic").iterdir()) == ["4", "5"]
    whole = {make.digest(path.read_bytes()) for path in layout.releases.rglob("*") if path.is_file()}
    assert {path.name for path in layout.objects.glob("*/*")} == whole


def test_while_sets_are_on_trial_the_last_one_before_them_is_no_garbage(
    store: Store, layout: Layout, make: Any
) -> None:
    """Several switches within one trial: what held before all of them can still be returned to, and no more is kept."""
    show(store, make.release(1, make.item("money", "text 1")))
    store.sets.proven()
    for number in range(2, 6):
        show(store, make.release(number, make.item("money", f"text {number}")))
        store.collect_garbage(frozenset())
    assert sorted(path.name for path in layout.sets.iterdir()) == ["1", "4", "5"]
    store.sets.proven()
    store.collect_garbage(frozenset())
    assert sorted(path.name for path in layout.sets.iterdir()) == ["4", "5"]


def test_a_set_that_a_power_cut_left_unshown_does_not_push_out_the_previous_one(
    store: Store, layout: Layout, make: Any
) -> None:
    for number in (1, 2):
        show(store, make.release(number, make.item("money", f"text {number}")))
    (layout.sets / "3").mkdir()
    store.collect_garbage(frozenset())
    assert sorted(path.name for path in layout.sets.iterdir()) == ["1", "2"]


def test_garbage_is_the_same_where_the_data_partition_is_reached_through_a_link(tmp_path: Path, make: Any) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to("disk")
    store = Store(Layout(tmp_path / "data/content"))
    show(store, make.release(1, make.item("money", "text")))
    store.collect_garbage(frozenset())
    assert texts(store.layout) == ["text"]


def test_bytes_on_their_way_are_no_garbage_while_pinned(store: Store, layout: Layout, make: Any) -> None:
    blob, index = make.chunked(bytes(5000))
    with store.open_partial(blob, index) as partial:
        partial.write(0, bytes(1000))
    store.put(make.ref(b"head"), b"head")
    store.collect_garbage(frozenset({blob.sha256, make.digest(b"head")}))
    assert store.has(make.ref(b"head"))
    assert len(list(layout.partial.iterdir())) == 2
    store.collect_garbage(frozenset())
    assert not store.has(make.ref(b"head"))
    assert list(layout.partial.iterdir()) == []


def test_drafts_are_swept_at_the_next_start_and_files_of_that_name_in_a_release_are_not(
    store: Store, layout: Layout, make: Any
) -> None:
    files = make.item("money", "text") | {"money/plan.draft": b"a file may have any name", "x.draft/y": b"z"}
    show(store, make.release(1, files))
    release = layout.release("essentials", "dic", 1)
    drafts = [layout.root / "current.draft", layout.sets / "9.draft", layout.sets / "1/set.json.draft"]
    drafts += [release.with_name("2.draft"), layout.objects / "ab" / ("ab" * 32 + ".draft")]
    for draft in drafts:
        draft.parent.mkdir(exist_ok=True)
    drafts[0].symlink_to("sets/9")
    for draft in (drafts[1], drafts[3]):
        (draft / "files").mkdir(parents=True)
    for draft in (drafts[2], drafts[4]):
        draft.write_bytes(b"half")
    again = Store(layout)
    assert not any(os.path.lexists(draft) for draft in drafts)
    assert (release / "files/money/plan.draft").read_bytes() == b"a file may have any name"
    assert (release / "files/x.draft/y").exists()
    assert again.shown() is not None


def test_an_object_that_lost_bytes_in_a_power_cut_is_fetched_again(store: Store, layout: Layout, make: Any) -> None:
    """Small blobs do not wait for the disk; until a release holds them they are proven at each start."""
    for data in (b"whole", b"torn"):
        store.put(make.ref(data), data)
    layout.object(make.digest(b"torn")).write_bytes(b"to\0\0")
    again = Store(layout)
    assert again.has(make.ref(b"whole"))
    assert not again.has(make.ref(b"torn"))


def test_what_an_edit_did_not_touch_is_taken_from_the_release_on_disk(store: Store, make: Any) -> None:
    old = os.urandom(5000)
    blob, index = make.chunked(old)
    listing_entry = {"film.mp4": old}
    made = make.release(1, listing_entry)
    entry = made.head
    assert entry.number == 1
    store.put(make.ref(index.to_bytes()), index.to_bytes())
    from mqtt.contract.documents import encode  # noqa: PLC0415 - only here a list names an index
    from mqtt.contract.releases import FileEntry, FileList  # noqa: PLC0415 - as above

    listing = encode(FileList(files=(FileEntry(path="film.mp4", sha256=blob.sha256, size=5000, index=blob.index),)))
    made.blobs[0] = listing
    made.head = type(entry)(
        **{name: getattr(entry, name) for name in entry.__struct_fields__} | {"list": make.ref(listing)}
    )
    show(store, made)
    edited = old[:2000] + os.urandom(1000) + old[3000:]
    new_blob, new_index = make.chunked(edited)
    with store.open_partial(new_blob, new_index) as partial:
        assert partial.missing == [2]


def limited(work: Callable[[], object], size: int) -> int:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            work()
        except BoothError as error:
            os._exit(7 if isinstance(error, DeviceError) and error.code is ErrorCode.DISK else 8)
        finally:
            os._exit(9)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1])


def test_a_disk_that_is_full_while_keeping_or_switching_changes_nothing(
    store: Store, layout: Layout, make: Any
) -> None:
    show(store, make.release(1, make.item("money", "old")))
    new = make.release(2, make.item("money", "new"))
    new.install_into(store)
    before = sorted(path.relative_to(layout.root) for path in layout.root.rglob("*"))
    big = bytes(100_000)
    assert limited(lambda: store.put(make.ref(big), big), 1000) == 7
    assert limited(lambda: store.activate({STREAM: 2}, ORDER), 10) == 7
    after = sorted(path.relative_to(layout.root) for path in layout.root.rglob("*"))
    assert [path for path in after if path.parent != Path("objects")] == [
        p for p in before if p.parent != Path("objects")
    ]
    assert texts(layout) == ["old"]
