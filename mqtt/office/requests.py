"""One act of signing on the officer's own machine: what is carried there, and what is carried back.

office ── request.json ─► officer: looks, signs with a key that never leaves ── signed.json ─► office
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from securesystemslib.signer import Signature, Signer
from tuf.api.metadata import Metadata
from tuf.api.serialization import DeserializationError

from mqtt.contract.documents import decode, encode
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead
from mqtt.office.terms import Duty

PAYLOAD_TYPE: Final = "application/vnd.gatebooth.approval+json"
PAYLOAD_LIMIT: Final = 8 * 1024
REQUEST_LIMIT: Final = 4 * 1024 * 1024


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an officer signs at a step."""

    proposal: str
    head: str
    officer: str
    step: Duty
    at: datetime


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be signed: the step, the release head it is about, and the agency's file for a publisher."""

    approval: Approval
    head: bytes
    draft: bytes | None

    @property
    def release(self) -> ReleaseHead:
        """What the officer looks at."""
        return decode(ReleaseHead, self.head, HEAD_LIMIT)


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was signed: the step as an envelope, and the signature under the agency's file."""

    envelope: bytes
    keyid: str = ""
    sig: str = ""

    @property
    def signature(self) -> Signature | None:
        """Under the agency's file; None for a step that needs none."""
        return Signature(self.keyid, self.sig) if self.sig else None


def signed(request: Request, signer: Signer) -> Given:
    """Sign a request with an officer's key.

    Raises:
        ContractError: ``E_MALFORMED``; the request cannot be read. ``E_KEY``.
    """
    envelope = seal(encode(request.approval), PAYLOAD_TYPE, [signer])
    if request.draft is None:
        return Given(envelope=envelope)
    try:
        document: Metadata[Any] = Metadata.from_bytes(request.draft)
    except DeserializationError as error:
        raise ContractError(ErrorCode.MALFORMED, f"request: {error}") from error
    try:
        signature = signer.sign(document.signed_bytes)
    except Exception as error:
        raise ContractError(ErrorCode.KEY, f"the key does not sign: {error!r}") from error
    return Given(envelope=envelope, keyid=signature.keyid, sig=signature.signature)


def read_file(path: Path, kind: type[Any]) -> Any:  # noqa: ANN401 - a Request or a Given
    """Read what was carried.

    Raises:
        ContractError: ``E_SIZE``, ``E_MALFORMED``.
    """
    data = path.read_bytes()
    if len(data) > REQUEST_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"{path.name}: {len(data)} bytes")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(ErrorCode.MALFORMED, f"{path.name}: {error}") from error
