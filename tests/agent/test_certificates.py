"""Laws of certificates and clocks: the chain counts always, dates by trusted time, and a wrong clock stops nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from mqtt.contract.topics import Plane
from provisioning.tls import CertificateAuthority
from tests.agent.conftest import Booth, World, item

pytestmark = pytest.mark.broker

LIBRARY: Final = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
YEARS: Final = timedelta(days=365)


def at(moment: str) -> dict[str, str]:
    """The environment of a process whose wall clock says this; clocks that only count are left alone."""
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"@{moment} 00:00:00", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@contextmanager
def broker_certificate(world: World, plane: Plane, issued: datetime) -> Iterator[None]:
    """The broker of this plane shows a certificate that was issued then, and lives five years."""
    tls = world.office.home.tls
    files = [tls / f"broker-{plane}.pem", tls / f"broker-{plane}.key"]
    kept = [file.read_bytes() for file in files]
    other = CertificateAuthority.load(tls).server(f"broker-{plane}", ["127.0.0.1"], issued)
    _serve_with(world, dict(zip(files, (other.certificate, other.key), strict=True)), doubtful=plane)
    try:
        yield
    finally:
        _serve_with(world, dict(zip(files, kept, strict=True)))


def _serve_with(world: World, files: dict[Path, bytes], *, doubtful: Plane | None = None) -> None:
    world.stop_brokers()
    for file, content in files.items():
        file.write_bytes(content)
    world.admit()
    world.start_brokers(doubtful=doubtful)


def test_a_broker_of_another_authority_is_refused(world: World, booth: Booth) -> None:
    world.publish(item("ai đó"))
    (booth.state / "identity/ca.pem").write_bytes(CertificateAuthority.found(datetime.now(UTC)).issued.certificate)
    booth.start()
    booth.until(lambda: booth.log.count("CERTIFICATE_VERIFY_FAILED") >= 2)

    assert booth.shows() is None
    assert (booth.link().control, booth.link().bulk) == (False, False)
    assert booth.said("conn") is None


def test_an_expired_certificate_is_refused_and_the_office_hears_of_it(world: World, booth: Booth) -> None:
    """On the bulk plane: the control plane still carries the report."""
    number = world.publish(item("hết hạn"))
    booth.start()
    booth.until_reported(number)
    with broker_certificate(world, Plane.BULK, datetime.now(UTC) - 6 * YEARS), booth.unmoved():
        booth.until_refused("link/bulk", "E_TLS_DATES")
        booth.until(lambda: booth.link().control)
        assert not booth.link().bulk
    booth.until(lambda: "link/bulk" not in booth.codes())


def test_an_expired_certificate_of_the_control_broker_stands_in_the_log(world: World, booth: Booth) -> None:
    number = world.publish(item("cũng hết hạn"))
    booth.start()
    booth.until_reported(number)
    with broker_certificate(world, Plane.CONTROL, datetime.now(UTC) - 6 * YEARS), booth.unmoved():
        booth.until(lambda: "link/control refused: E_TLS_DATES" in booth.log)
        assert not booth.link().control
    assert "broker is out of reach: 127.0.0.1" in booth.log
    assert "('" not in booth.log
    booth.until(lambda: booth.link().control)


@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("wall", ["1970-01-02", "2038-01-20", "2106-02-08"])
def test_a_booth_whose_clock_is_wrong_connects_and_shows(world: World, booth: Booth, wall: str) -> None:
    """A flat battery, or a clock beyond what 32 bits hold: trusted time is not the machine's."""
    number = world.publish(item(f"đồng hồ {wall}"))
    booth.start(at(wall))
    booth.until_shown(f"đồng hồ {wall}")
    booth.until_reported(number)

    report = booth.reported()
    assert report is not None
    assert report.clock.now.year < 2038
    assert report.clock.now.year > 1970
    assert booth.link().control
