"""Notices as the agent sees them: judged when they arrive, judged again when other officers are in charge, forgotten.

    notice/{id}, local/{id} ─► verify ─► admit ─► notices/{id}.dsse ─► page and screen
                                                  └─► record: received

A notice ends by its own expiry or by a later one; that a broker has nothing retained any more says nothing.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.notices.folder import Folder
from appliance.notices.judge import admit
from appliance.trust.time import Time
from mqtt.contract import topics
from mqtt.contract.duty import DutyOf, verify_notice
from mqtt.contract.errors import ContractError
from mqtt.contract.names import GateId

LOOK_EVERY_S: Final = 60.0
WAITING: Final = 32
"""Notices that are refused now and may be right by a regulation or on a disk that comes later."""
_MAY_HOLD_LATER: Final = frozenset({ErrorCode.AUTHORITY, ErrorCode.SIGNATURE, ErrorCode.THRESHOLD, ErrorCode.DISK})

_log = logging.getLogger(__name__)


class Notices:
    """The only writer of ``notices/``.

    Args:
        gate: Where the booth stands.
        folder: Where they are kept.
        duty_of: Who may say a path, by the newest regulation that was believed.
        time: Trusted time.
        record: Puts a record into the outbox: its kind, its body.
    """

    def __init__(
        self,
        gate: GateId,
        folder: Folder,
        duty_of: DutyOf,
        time: Time,
        record: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._gate = gate
        self._folder = folder
        self._duty_of = duty_of
        self._time = time
        self._record = record
        self._regulation: int | None = None
        self._waiting: dict[str, bytes] = {}
        self._look_at = 0.0

    def take(self, topic: str, payload: bytes) -> bool:
        """Take a message if it is a notice; False leaves it to others.

        Raises:
            ContractError: It is refused; nothing has changed.
            DeviceError: ``E_DISK``; it could not be kept, and is tried again.
        """
        if topics.NOTICE.match(topic) is None and topics.LOCAL.match(topic) is None:
            return False
        if payload:
            self._take(topic, payload)
        return True

    def regulated(self, version: int | None) -> None:
        """Judge again by a regulation that was not believed before: what waited for it, and what is kept.

        A revoked officer's words leave the glass; those of one whose appointment has run out since do not.
        """
        if version == self._regulation:
            return
        self._regulation = version
        for notice in self._folder.notices():
            try:
                verify_notice(self._folder.envelope(notice.id), self._duty_of, self._time.now().now)
            except ContractError as error:
                if error.code is not ErrorCode.EXPIRED:
                    _log.warning("notice %s is believed no more: %s", notice.id, error)
                    self._folder.drop(notice.id)
        self._try_again()

    def tick(self, now: float) -> None:
        """Look now and then at what is long over and what the disk did not take; ``now`` never steps."""
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._folder.forget(self._time.now().now)
            self._try_again()

    def _try_again(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for topic, payload in waiting.items():
            try:
                self._take(topic, payload)
            except ContractError as error:
                _log.info("%s is still refused: %s", topic, error)

    def _take(self, topic: str, payload: bytes) -> None:
        kind = topics.NOTICE if topics.NOTICE.match(topic) else topics.LOCAL
        found = kind.match(topic) or {}
        try:
            self._offer(found["gate"], found["id"], payload, kind.name)
        except ContractError as error:
            if error.code in _MAY_HOLD_LATER and len(self._waiting) < WAITING:
                self._waiting[topic] = payload
            raise

    def _offer(self, gate: str, notice_id: str, payload: bytes, way: str) -> None:
        belief = self._time.now()
        notice = verify_notice(payload, self._duty_of, belief.now)
        if (notice.id, self._gate) != (notice_id, gate):
            raise RefusedError(ErrorCode.MALFORMED, f"notice {notice.id} came as {notice_id} of {gate}")
        if not admit(notice, self._folder.notices(), self._gate, belief.now, trusted=belief.trusted):
            return
        try:
            self._folder.keep(notice, payload)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"notice {notice.id}: {error.strerror}") from error
        _log.info("notice %s of %s is kept", notice.id, notice.agency)
        self._record("notice-received", {"notice": notice.id, "way": way})
