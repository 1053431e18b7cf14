"""The kiosk's word on a content set: positive evidence, with the culprit's name."""

from pathlib import Path

import pytest

from appliance.kiosk.check import Check
from appliance.lib import facts
from appliance.lib.health import HealthFact
from mqtt.contract.names import LANGUAGES
from tests.booths import Booth, item
from tests.kiosk.conftest import Kiosk


def check(kiosk: Kiosk, booth: Booth) -> Check:
    return Check(fact(booth), kiosk.app, kiosk.desk)


def fact(booth: Booth) -> Path:
    return booth.runtime / "kiosk.json"


def said(booth: Booth) -> HealthFact:
    found = facts.read(fact(booth), HealthFact)
    assert found is not None
    return found


def test_a_set_whose_pages_can_be_made_holds(kiosk: Kiosk, booth: Booth) -> None:
    number = kiosk.shows(item("essentials/dic/money"), item("law/police/rules"))
    check(kiosk, booth).run()
    assert said(booth) == HealthFact(set=number, holds=True)


def test_a_booth_without_content_holds(kiosk: Kiosk, booth: Booth) -> None:
    """The built-in page is a page."""
    check(kiosk, booth).run()
    assert said(booth) == HealthFact(set=None, holds=True)


def test_a_page_that_cannot_be_made_names_its_stream(kiosk: Kiosk, booth: Booth) -> None:
    """In any language: the text of one has rotted on the card."""
    texts = dict.fromkeys(LANGUAGES, ("Tên", "Lời"))
    number = kiosk.shows(item("essentials/dic/money"), item("law/police/rules", texts=texts))
    (booth.layout.release("law", "police", 1) / "files/rules/km.md").unlink()
    check(kiosk, booth).run()
    assert (said(booth).set, said(booth).holds, said(booth).stream) == (number, False, "law/police")
    assert "/km/law/police/rules" in said(booth).detail


def test_a_home_page_that_cannot_be_made_names_nobody(
    kiosk: Kiosk, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.shows(item("essentials/dic/money"))
    monkeypatch.setitem(kiosk.app.view_functions, "home", lambda **_: 1 / 0)
    check(kiosk, booth).run()
    assert (said(booth).holds, said(booth).stream) == (False, None)


def test_a_set_is_looked_at_once(kiosk: Kiosk, booth: Booth) -> None:
    """A new word only for a new set, also from a new process."""
    kiosk.shows(item("essentials/dic/money"))
    check(kiosk, booth).run()
    before = fact(booth).stat().st_ino
    check(kiosk, booth).run()
    assert fact(booth).stat().st_ino == before
    kiosk.shows(item("essentials/dic/other"))
    check(kiosk, booth).run()
    assert said(booth).set == 2


def test_a_kiosk_that_died_twice_while_it_looked_says_so(kiosk: Kiosk, booth: Booth) -> None:
    number = kiosk.shows(item("essentials/dic/money"))
    facts.write(fact(booth), HealthFact(set=number, holds=True, checking=True, attempts=1))
    check(kiosk, booth).run()
    assert (said(booth).holds, said(booth).attempts, said(booth).checking) == (True, 2, False)
    facts.write(fact(booth), HealthFact(set=number, holds=True, checking=True, attempts=2))
    check(kiosk, booth).run()
    assert not said(booth).holds
