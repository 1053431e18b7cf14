"""Laws of the switch: what is ready is shown together, what cannot be shown stays off by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.errors import RefusedError
from appliance.sync.messages import Prepared
from appliance.sync.switch import Refused, Switch
from mqtt.contract.errors import ErrorCode
from mqtt.contract.releases import ReleaseHead
from tests.content.conftest import item, release

ORDER = ("dic",)
Ready = Callable[..., ReleaseHead]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Layout(tmp_path / "content"))


@pytest.fixture
def ready(store: Store) -> Ready:
    """Install a release of ``dic`` and return its head."""

    def install(category: str, number: int, files: dict[str, bytes] | None = None) -> ReleaseHead:
        made = release(number, files or {"a.txt": b"%d" % number}, category)
        made.install_into(store)
        return made.head

    return install


@pytest.fixture
def switch(store: Store) -> Switch:
    return Switch(store)


def settle(switch: Switch, *, spoilt: Path | None = None) -> dict[str, Refused]:
    """Run the switch to its end; a set that leads to the release in the folder ``spoilt`` cannot be prepared."""
    refused, switched = switch.run(), switch.switched
    while asked := switch.take_asked():
        links = switch._store.layout.sets.glob(f"{asked.set}/*/*")
        culprit = next((f"{link.parent.name}/{link.name}" for link in links if link.resolve() == spoilt), None)
        error = RefusedError(ErrorCode.PREPARE, "broken") if culprit else None
        refused |= switch.prepared(Prepared(asked.set, error, culprit))
        switched = switched or switch.switched
        refused |= switch.run()
    switch.switched = switched
    return refused


def shown(store: Store) -> dict[str, int]:
    found = store.shown()
    return dict(found.releases) if found else {}


def test_nothing_is_shown_before_somebody_has_said_what(store: Store, switch: Switch, ready: Ready) -> None:
    switch.ready(ready("city", 1))
    assert settle(switch) == {}
    assert not switch.switched
    assert shown(store) == {}


def test_all_that_is_ready_is_shown_by_one_switch(store: Store, switch: Switch, ready: Ready) -> None:
    switch.assigned(("city/dic", "essentials/dic"), ORDER)
    switch.ready(ready("city", 1))
    switch.ready(ready("essentials", 4))
    assert settle(switch) == {}
    assert switch.switched
    assert shown(store) == {"city/dic": 1, "essentials/dic": 4}
    assert store.shown().number == 1  # type: ignore[union-attr]


def test_where_nothing_is_new_nothing_switches(switch: Switch, ready: Ready) -> None:
    """No set, no rename, no page that reloads."""
    switch.assigned(("city/dic",), ORDER)
    switch.ready(ready("city", 1))
    settle(switch)
    switch.ready(ready("city", 1))
    settle(switch)
    assert not switch.switched


def test_a_release_that_cannot_be_shown_stays_off_and_the_others_go_on(
    store: Store, switch: Switch, ready: Ready
) -> None:
    switch.assigned(("city/dic", "essentials/dic"), ORDER)
    switch.ready(ready("essentials", 1, item("money", "cũ")))
    settle(switch)
    switch.ready(ready("essentials", 2, item("money", "hỏng") | {"money/item.json": b"{}"}))
    switch.ready(ready("city", 1))

    refused = settle(switch, spoilt=store.layout.release("essentials", "dic", 2).resolve())

    assert {name: (number, error.code) for name, (number, error) in refused.items()} == {
        "essentials/dic": (2, ErrorCode.PREPARE)
    }
    assert shown(store) == {"city/dic": 1, "essentials/dic": 1}


def test_what_is_no_longer_assigned_leaves_and_the_order_counts(store: Store, switch: Switch, ready: Ready) -> None:
    switch.assigned(("city/dic", "essentials/dic"), ORDER)
    switch.ready(ready("city", 1))
    switch.ready(ready("essentials", 1))
    settle(switch)
    switch.assigned(("city/dic",), ORDER)
    settle(switch)
    assert shown(store) == {"city/dic": 1}

    switch.assigned(("city/dic",), ("police", "dic"))
    settle(switch)
    assert switch.switched
    assert store.shown().order == ("police", "dic")  # type: ignore[union-attr]
