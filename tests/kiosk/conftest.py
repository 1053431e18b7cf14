"""The touch page on a booth with real content sets."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.kiosk.app import create_app
from appliance.kiosk.edition import Desk
from appliance.kiosk.glass import Glass
from appliance.kiosk.shelf import Shelf
from appliance.lib.clock import Clock
from appliance.lib.words import Words
from tests.booths import Booth, Given


class Kiosk:
    """The application over one booth; ``shows`` publishes and looks, ``get`` asks as a browser does."""

    def __init__(self, booth: Booth) -> None:
        self.booth = booth
        self.shelf = Shelf(booth.layout)
        self.desk = Desk(self.shelf, Clock(booth.runtime / "clock.json"), booth.gate, ZoneInfo("Asia/Ho_Chi_Minh"))
        self.app = create_app(self.desk, Words.load(), Glass.of(None))
        self.client: FlaskClient = self.app.test_client()

    def shows(self, *items: Given) -> int:
        number = self.booth.publish(*items)
        self.shelf.look()
        return number

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        answer = self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status_code == status, (path, answer.status)
        return answer

    def text(self, path: str, status: int = 200) -> str:
        return self.get(path, status).get_data(as_text=True)


@pytest.fixture
def booth(tmp_path: Path) -> Booth:
    booth = Booth(tmp_path / "booth")
    booth.set_clock()
    return booth


@pytest.fixture
def kiosk(booth: Booth) -> Kiosk:
    return Kiosk(booth)
