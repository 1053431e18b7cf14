"""Whose single envelopes count: the first delegation of the newest verified targets that matches, even if expired.

    bytes ─► what do they claim? ─► path ─► who may say that? ─► enough of their signatures, in their time?

Notices, commands and protected configuration are such envelopes. Booth and office judge them by this one function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Targets

from mqtt.contract.documents import Document, decode
from mqtt.contract.envelopes import open_sealed, peek
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import NOTICE_LIMIT, NOTICE_PAYLOAD_TYPE, Notice, duty_role

UNTIL_FIELD: Final = "x-gatebooth-until"
"""Signed extra field of a delegation: until when each key counts, RFC 3339 by key id; a key not named has no end."""

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Delegated:
    """Keys of one role, how many must sign, and until when officers are appointed (by key id)."""

    role: str
    keys: tuple[Key, ...]
    threshold: int
    until: Mapping[str, datetime] = field(default_factory=dict)

    def keys_at(self, now: datetime) -> tuple[Key, ...]:
        """Return the keys of officers whose appointment has not run out."""
        return tuple(key for key in self.keys if key.keyid not in self.until or now < self.until[key.keyid])


def delegated(targets: Targets, path: str) -> Delegated | None:
    """Return who may say ``path`` in an envelope of its own, None if nobody may."""
    delegations = targets.delegations
    if delegations is None or not delegations.roles:
        return None
    for role in delegations.roles.values():
        if role.is_delegated_path(path):
            keys = tuple(delegations.keys[keyid] for keyid in role.keyids if keyid in delegations.keys)
            return Delegated(role.name, keys, role.threshold, _until(role))
    return None


DutyOf = Callable[[str], Delegated | None]
"""Tells who may say a path; None: nobody may."""


@dataclass(frozen=True)
class Envelope(Generic[D]):
    """What kind of document an envelope carries, and under which path somebody must be allowed to say it."""

    document: type[D]
    payload_type: str
    limit_bytes: int
    path_of: Callable[[D], str]

    def verify(self, data: bytes, duty_of: DutyOf, now: datetime) -> tuple[D, Delegated]:
        """Return the document that enough competent officers have signed, and in which role they did.

        Args:
            data: As it came.
            duty_of: By the newest regulation that is believed.
            now: Trusted time.

        Raises:
            ContractError: ``E_AUTHORITY``, ``E_SIGNATURE``, ``E_THRESHOLD``, ``E_EXPIRED`` (the appointment of who
                signed has run out), ``E_SIZE``, ``E_SCHEMA`` or ``E_MALFORMED``. Drop it.
        """
        claimed = decode(self.document, peek(data, self.payload_type, self.limit_bytes), self.limit_bytes)
        path = self.path_of(claimed)
        duty = duty_of(path)
        if duty is None:
            raise ContractError(ErrorCode.AUTHORITY, f"nobody may say {path}")
        open_sealed(data, self.payload_type, duty.keys, duty.threshold, self.limit_bytes)
        try:
            open_sealed(data, self.payload_type, duty.keys_at(now), duty.threshold, self.limit_bytes)
        except ContractError as error:
            raise ContractError(ErrorCode.EXPIRED, f"{duty.role}: an appointment has run out") from error
        return claimed, duty


_NOTICE: Final = Envelope(Notice, NOTICE_PAYLOAD_TYPE, NOTICE_LIMIT, lambda notice: notice.path)


def verify_notice(data: bytes, duty_of: DutyOf, now: datetime) -> Notice:
    """Return the notice in an envelope that officers on duty of its agency have signed.

    Raises:
        ContractError: As :meth:`Envelope.verify`. Drop it.
    """
    notice, duty = _NOTICE.verify(data, duty_of, now)
    if duty.role != duty_role(notice.agency):
        raise ContractError(ErrorCode.AUTHORITY, f"{notice.path} is the duty of {duty.role}, not of {notice.agency}")
    return notice


def _until(role: DelegatedRole) -> dict[str, datetime]:
    said: Any = role.unrecognized_fields.get(UNTIL_FIELD, {})
    ends = {str(keyid): _end(text) for keyid, text in said.items()} if isinstance(said, dict) else {}
    return {keyid: end for keyid, end in ends.items() if end is not None}


def _end(text: object) -> datetime | None:
    try:
        end = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return end.astimezone(UTC) if end.tzinfo else None
