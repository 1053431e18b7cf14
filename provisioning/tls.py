"""The X.509 authority for mutual TLS: one certificate per process, broker and booth; the CN is the name.

    tls/ca.pem  ca.key                  signs the others
        broker-control  broker-bulk     servers, with the names and addresses of office.toml
        publisher  chunks  collector    clients at the office
        {booth}                         clients at the gates

Dates begin in the past: a booth that slept for a year with a flat battery believes an old day, and must still
believe a broker whose certificate was renewed yesterday. Revoking is the brokers' ``deny``, never a short life.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.files import PRIVATE, create

BACKDATED: Final = timedelta(days=730)
CA_LIFE: Final = timedelta(days=20 * 365)
OFFICE_LIFE: Final = timedelta(days=5 * 365)
BOOTH_LIFE: Final = timedelta(days=10 * 365)
SERVERS: Final = ("broker-control", "broker-bulk")
CLIENTS: Final = ("publisher", "chunks", "collector")
CA_NAME: Final = "gatebooth authority"
_OTHERS: Final = 0o077


@dataclass(frozen=True)
class Issued:
    """A certificate and its private key, PEM."""

    certificate: bytes
    key: bytes

    def save(self, certificate: Path, key: Path) -> None:
        """Write both, the key for its owner only.

        Raises:
            FileExistsError: One of them is there already and was not touched.
            OSError: The disk is full or read-only.
        """
        create(key, self.key, PRIVATE)
        create(certificate, self.certificate)


class CertificateAuthority:
    """Signs certificates. Make one with :meth:`found` or :meth:`load`."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def found(cls, now: datetime) -> Self:
        """Make a new authority with a key of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(CA_NAME)
        usage = _usage(signs_certificates=True)
        builder = _builder(name, name, key, now, CA_LIFE).add_extension(usage, critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        return cls(builder.sign(key, SHA256()), key)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``ca.pem`` and ``ca.key``.

        Raises:
            ContractError: ``E_KEY``; missing, damaged, or the key may be read by others.
        """
        try:
            if (folder / "ca.key").stat().st_mode & _OTHERS:
                raise ContractError(ErrorCode.KEY, "ca.key may be read by others")
            key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
            certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        except (OSError, ValueError, TypeError) as error:  # cryptography names a wrong or locked key in these ways
            raise ContractError(ErrorCode.KEY, f"ca.key or ca.pem: {type(error).__name__}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ContractError(ErrorCode.KEY, "ca.key is not the key of ca.pem")
        return cls(certificate, key)

    @property
    def issued(self) -> Issued:
        """The authority's own certificate and key."""
        return Issued(self._certificate.public_bytes(Encoding.PEM), _pem(self._key))

    def server(self, name: str, hosts: Iterable[str], now: datetime) -> Issued:
        """Issue the certificate of a broker that is reached under these host names and addresses."""
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        return self._issue(name, ExtendedKeyUsageOID.SERVER_AUTH, now, OFFICE_LIFE, names)

    def client(self, name: str, now: datetime, life: timedelta = OFFICE_LIFE) -> Issued:
        """Issue the certificate of a process or booth; brokers take the CN as its name."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, now, life, None)

    def _issue(
        self, name: str, use: x509.ObjectIdentifier, now: datetime, life: timedelta, names: x509.ExtensionType | None
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        life = min(life, self._certificate.not_valid_after_utc - now)
        builder = _builder(_name(name), self._certificate.subject, key, now, life)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if names:
            builder = builder.add_extension(names, critical=False)
        return Issued(builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM), _pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    moment = now.astimezone(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - BACKDATED)
        .not_valid_after(moment + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
