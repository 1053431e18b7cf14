"""No call at which the power may go harms what readers see or what the booth believes."""

from pathlib import Path

import pytest

from tests.chaos.fuse import Mount
from tests.chaos.systematic import Activation, Owing, TrustUpdate
from tests.practice_office import Office

pytestmark = pytest.mark.disk


def test_an_activation_may_be_cut_at_every_call(mount: Mount) -> None:
    assert Activation(mount).everywhere() > 20


def test_a_trust_update_may_be_cut_at_every_call(mount: Mount, tmp_path: Path) -> None:
    with Office(tmp_path / "at") as office:
        assert TrustUpdate(mount, office).everywhere() > 5


def test_the_outbox_may_be_cut_at_every_call(mount: Mount, tmp_path: Path) -> None:
    assert Owing(mount, tmp_path / "promises").everywhere() > 20
