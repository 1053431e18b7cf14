"""An office with one booth's trust beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.trust.verifier import Trust
from appliance.trust.view import View
from tests.practice_office import Office

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


class BoothTrust:
    """What a booth with the office's first root believes of what the office sends."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.trust = Trust(folder, office.roots()[1])

    def receive(self, files: dict[str, str] | None = None) -> None:
        """Everything the publisher would send arrives; ``files`` replaces metadata files by name."""
        for number, body in self.office.roots().items():
            self.trust.offer_root(number, body)
        meta = self.office.meta()
        altered = type(meta)(root_latest=meta.root_latest, files=meta.files | (files or {}))
        self.trust.offer_meta(altered.to_bytes())

    def view(self, now: datetime | None = None) -> View:
        """What is believed now, which must be something."""
        view = self.trust.refresh(now or self.office.now)
        assert view is not None
        return view


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, now=NOW) as made:
        yield made


@pytest.fixture
def booth(office: Office, tmp_path: Path) -> Iterator[BoothTrust]:
    made = BoothTrust(office, tmp_path / "trust")
    yield made
    made.trust.close()
