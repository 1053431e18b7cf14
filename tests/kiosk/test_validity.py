"""What is in force: by the gate, by the day in the gate's zone, and by how far the clock is believed."""

from datetime import UTC, date, datetime

import pytest

from tests.booths import Booth, item
from tests.kiosk.conftest import Kiosk

ENDS = (date(2026, 1, 1), date(2026, 11, 25))
OVER = (date(2026, 1, 1), date(2026, 11, 1))
BEGINS = (date(2026, 11, 26), None)


def titles(kiosk: Kiosk) -> set[str]:
    return {item.document.slug for item in kiosk.desk.edition().items}


def test_an_item_is_shown_to_the_end_of_its_last_day_at_the_gate(kiosk: Kiosk, booth: Booth) -> None:
    """Midnight at the gate is five in the afternoon in UTC."""
    kiosk.shows(item("essentials/dic/last-day", valid=ENDS), item("essentials/dic/tomorrow", valid=BEGINS))
    booth.set_clock(datetime(2026, 11, 25, 16, 59, tzinfo=UTC))
    before = kiosk.desk.edition()
    assert {one.document.slug for one in before.items} == {"last-day"}

    booth.set_clock(datetime(2026, 11, 25, 17, 0, tzinfo=UTC))
    assert titles(kiosk) == {"tomorrow"}
    assert kiosk.desk.edition().version != before.version, "an open page must follow the day"
    kiosk.get("/vi/essentials/dic/last-day", 404)


def test_items_of_other_gates_are_not_here(kiosk: Kiosk) -> None:
    kiosk.shows(
        item("essentials/dic/airport", gates=("cat-bi",)), item("essentials/port/quay", gates=("hai-phong-port",))
    )
    assert titles(kiosk) == {"airport"}
    kiosk.get("/vi/essentials/port/quay", 404)


def test_an_untrusted_clock_shows_what_has_no_end(kiosk: Kiosk, booth: Booth) -> None:
    kiosk.shows(
        item("essentials/dic/evergreen"),
        item("essentials/dic/ends", valid=ENDS),
        item("events/dic/begins", valid=BEGINS),
    )
    booth.set_clock(trusted=False)
    assert titles(kiosk) == {"evergreen", "begins"}, "a release of which nothing has begun still shows what it has"
    assert "chưa được xác nhận" in kiosk.text("/vi")


@pytest.mark.parametrize("has_fact", [True, False])
def test_an_untrusted_clock_never_empties_the_page(kiosk: Kiosk, booth: Booth, *, has_fact: bool) -> None:
    """Emergency numbers with an end next year must not vanish because a battery is flat."""
    kiosk.shows(item("essentials/police/emergency", valid=(date(2026, 1, 1), date(2027, 12, 31))), item("city/dic/all"))
    if has_fact:
        booth.set_clock(trusted=False)
    else:
        (booth.runtime / "clock.json").unlink()
    assert titles(kiosk) == {"emergency", "all"}


def test_what_is_certainly_over_stays_away_also_on_an_untrusted_clock(kiosk: Kiosk, booth: Booth) -> None:
    """Trusted time never goes backwards: a day that has come has come."""
    kiosk.shows(item("essentials/dic/over", valid=OVER), item("essentials/dic/ends", valid=ENDS))
    booth.set_clock(trusted=False)
    assert titles(kiosk) == {"ends"}
