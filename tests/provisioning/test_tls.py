"""Certificates that OpenSSL accepts for what they are for, and for nothing else, through a year asleep."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socketpair

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from mqtt.contract.errors import ContractError, ErrorCode
from provisioning.tls import BOOTH_LIFE, CLIENTS, SERVERS, CertificateAuthority
from tests.practice_office import Office


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    with Office(tmp_path) as office:
        office.add_booth("cb-01")
        return office.home.tls


def _server(tls: Path, name: str = "broker-control") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / f"{name}.pem", tls / f"{name}.key")
    context.load_verify_locations(tls / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def _client(tls: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(tls / "ca.pem"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(certificate, key)
    return context


def _meet(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str:
    """Shake hands over a socket pair; returns the name the server reads."""
    ours, theirs = socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    problems: list[Exception] = []

    def visit() -> None:
        try:
            with client.wrap_socket(theirs, server_hostname=host) as there:
                there.recv(1)
        except OSError as error:
            problems.append(error)
            theirs.close()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        with server.wrap_socket(ours, server_side=True) as here:
            subject = here.getpeercert()
            here.send(b"x")
    except OSError as error:
        problems.append(error)
    finally:
        ours.close()
        visitor.join()
    if problems:
        raise max(problems, key=lambda one: isinstance(one, ssl.SSLCertVerificationError))
    assert subject
    return dict(pair[0] for pair in subject["subject"])["commonName"]  # type: ignore[misc]


@pytest.mark.parametrize("broker", SERVERS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_booth_and_a_broker_believe_each_other(tls: Path, broker: str, host: str) -> None:
    folder = tls.parent.parent / "booths/cb-01"
    assert _meet(_server(tls, broker), _client(tls, folder / "cert.pem", folder / "key.pem"), host) == "cb-01"


@pytest.mark.parametrize("name", CLIENTS)
def test_each_process_has_its_own_name(tls: Path, name: str) -> None:
    assert _meet(_server(tls), _client(tls, tls / f"{name}.pem", tls / f"{name}.key"), "localhost") == name


def test_a_broker_under_another_name_is_not_believed(tls: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _meet(_server(tls), _client(tls, tls / "chunks.pem", tls / "chunks.key"), "elsewhere.example")


def test_a_booth_cannot_play_the_broker(tls: Path) -> None:
    """Its certificate is for clients: who steals a booth does not own the gate's traffic."""
    folder = tls.parent.parent / "booths/cb-01"
    context = _server(tls)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with pytest.raises(ssl.SSLError):
        _meet(context, _client(tls, tls / "chunks.pem", tls / "chunks.key"), "localhost")


def test_a_stranger_s_certificate_is_refused(tls: Path, tmp_path: Path) -> None:
    other = CertificateAuthority.found(datetime.now(UTC)).client("cb-01", datetime.now(UTC))
    other.save(tmp_path / "cert.pem", tmp_path / "key.pem")
    with pytest.raises(ssl.SSLError):
        _meet(_server(tls), _client(tls, tmp_path / "cert.pem", tmp_path / "key.pem"), "localhost")


def test_dates_hold_for_a_device_that_slept_for_a_year() -> None:
    """It believes the day it fell asleep, and must believe a broker renewed while it slept; and be believed itself."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    office = CertificateAuthority.found(now - timedelta(days=4 * 365))
    broker = x509.load_pem_x509_certificate(office.server("broker-control", ["localhost"], now).certificate)
    booth = x509.load_pem_x509_certificate(
        office.client("cb-01", now - timedelta(days=3 * 365), BOOTH_LIFE).certificate
    )
    asleep_since = now - timedelta(days=366)
    assert broker.not_valid_before_utc <= asleep_since <= broker.not_valid_after_utc
    assert booth.not_valid_after_utc > now + timedelta(days=5 * 365)


def test_no_certificate_outlives_its_authority() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    office = CertificateAuthority.found(now)
    late = now + timedelta(days=18 * 365)
    issued = x509.load_pem_x509_certificate(office.client("cb-01", late, BOOTH_LIFE).certificate)
    authority = x509.load_pem_x509_certificate(office.issued.certificate)
    assert issued.not_valid_after_utc == authority.not_valid_after_utc
    assert issued.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "cb-01"


def test_an_open_or_missing_authority_key_is_not_used(tls: Path) -> None:
    (tls / "ca.key").chmod(0o644)
    with pytest.raises(ContractError) as caught:
        CertificateAuthority.load(tls)
    assert caught.value.code is ErrorCode.KEY
    (tls / "ca.key").unlink()
    with pytest.raises(ContractError) as caught:
        CertificateAuthority.load(tls)
    assert caught.value.code is ErrorCode.KEY
