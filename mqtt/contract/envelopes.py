"""DSSE envelopes: bytes with signatures around them, made and opened in one place for both sides.

The digest that an acknowledgement names is that of the envelope as sent.
"""

import json
from collections.abc import Collection
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SigningError
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey

from mqtt.contract.errors import ContractError, ErrorCode

SIGNATURES_LIMIT: Final = 16
"""More signatures than this are not looked at: nobody buys our time with them."""


def seal(payload: bytes, payload_type: str, signers: Collection[Signer]) -> bytes:
    """Return the envelope as it is sent.

    Raises:
        ContractError: ``E_KEY``; a token is not there, or its PIN is wrong.
    """
    envelope = Envelope(payload, payload_type, {})
    for signer in signers:
        try:
            envelope.sign(signer)
        except Exception as error:
            raise ContractError(ErrorCode.KEY, f"the key does not sign: {error!r}") from error
    return msgspec.json.encode(envelope.to_dict())


def open_sealed(data: bytes, payload_type: str, keys: Collection[Key], threshold: int, limit_bytes: int) -> bytes:
    """Return the payload of an envelope that enough of these keys have signed.

    Raises:
        ContractError: ``E_SIZE``, ``E_MALFORMED``, ``E_SCHEMA`` (another type of payload), ``E_SIGNATURE``, or
            ``E_THRESHOLD``: some of them have signed, too few. Drop it.
    """
    envelope = _read(data, payload_type, limit_bytes)
    if not _signed(envelope, keys, threshold):
        one = threshold > 1 and _signed(envelope, keys, 1)
        code = ErrorCode.THRESHOLD if one else ErrorCode.SIGNATURE
        raise ContractError(code, f"envelope: fewer than {threshold} valid signatures of {len(keys)} keys")
    return bytes(envelope.payload)


def peek(data: bytes, payload_type: str, limit_bytes: int) -> bytes:
    """Return the payload of an envelope that nobody has verified: only to learn who would have to have signed it.

    Raises:
        ContractError: ``E_SIZE``, ``E_MALFORMED``, ``E_SCHEMA``. Drop it.
    """
    return bytes(_read(data, payload_type, limit_bytes).payload)


def _read(data: bytes, payload_type: str, limit_bytes: int) -> Envelope:
    if len(data) > limit_bytes:
        raise ContractError(ErrorCode.SIZE, f"envelope of {len(data)} bytes, at most {limit_bytes}")
    try:
        table: Any = json.loads(data)
        if len(table["signatures"]) > SIGNATURES_LIMIT:
            raise ContractError(ErrorCode.MALFORMED, f"envelope with {len(table['signatures'])} signatures")
        envelope = Envelope.from_dict(table)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, SigningError) as error:
        raise ContractError(ErrorCode.MALFORMED, f"envelope: {type(error).__name__}: {error}") from error
    if envelope.payload_type != payload_type:
        raise ContractError(ErrorCode.SCHEMA, f"envelope of {str(envelope.payload_type)[:100]!r}")
    return envelope


def _signed(envelope: Envelope, keys: Collection[Key], threshold: int) -> bool:
    try:
        envelope.verify(list(keys), threshold)
    except (SigningError, ValueError, TypeError):
        return False
    return True


def signer_of(private_pem: bytes) -> Signer:
    """Return the signer of a private key, PEM without a password.

    Raises:
        ContractError: ``E_KEY``.
    """
    try:
        key: Any = load_pem_private_key(private_pem, None)
        return CryptoSigner(key)
    except (ValueError, TypeError, SigningError) as error:
        raise ContractError(ErrorCode.KEY, f"private key: {type(error).__name__}") from error


def key_of(certificate_pem: bytes) -> Key:
    """Return the public key of a certificate.

    Raises:
        ContractError: ``E_KEY``.
    """
    try:
        key: Any = x509.load_pem_x509_certificate(certificate_pem).public_key()
        return SSlibKey.from_crypto(key)
    except (ValueError, TypeError, SigningError) as error:
        raise ContractError(ErrorCode.KEY, f"certificate: {type(error).__name__}") from error
