"""An outbox on a disk, under a clock that a test sets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.outbox.file import prepare
from appliance.outbox.policy import Caps
from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Moment

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)


@dataclass
class Hands:
    """The clocks of a device."""

    at: datetime = NOON
    trusted: bool = True
    boot: str = "boot-1"
    boottime_ns: int = 0

    def read(self) -> Moment:
        return Moment(self.at, self.trusted, self.boot, self.boottime_ns)

    def pass_by(self, span: timedelta) -> None:
        self.at += span
        self.boottime_ns += int(span.total_seconds() * 1e9)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "outbox.db"


@pytest.fixture
def make(path: Path, hands: Hands) -> Callable[[Caps | None], Outbox]:
    return lambda caps=None: prepare(path, hands.read, caps)
