"""What was not accepted and why, bounded, newest kept; an accepted subject clears its refusal.

What the wire spoils (a corrupt chunk, a frame that is none) has no acceptance: it stays until newer refusals push it
out, so that the office hears of it however short it was.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from mqtt.contract import topics
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import ERRORS_KEPT, Refusal

_log = logging.getLogger(__name__)


def subject_of(topic: str) -> str:
    """Return under which name the refusal of a message is told: the topic's own, digests cut to twelve digits."""
    if topics.ASSIGN.match(topic):
        return "assign"
    for kind, name in ((topics.INLINE, "inline"), (topics.BLOB, "blob")):
        if found := kind.match(topic):
            return f"{name}/{found['digest'][:12]}"
    return topic.removeprefix(topics.PREFIX)


class Refusals:
    """Refusals by subject (a stream, ``repo/meta``, ``assign``).

    Args:
        now: Trusted time.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_subject: dict[str, Refusal] = {}

    def add(self, subject: str, error: ContractError) -> bool:
        """Remember and log a refusal; False if it is the one already known."""
        known = self._by_subject.get(subject)
        detail = error.detail[:500]
        if known and (known.code, known.detail) == (error.code, detail):
            return False
        _log.warning("%s refused: %s", subject, error)
        self._by_subject.pop(subject, None)
        self._by_subject[subject] = Refusal(code=error.code, subject=subject[:200], detail=detail, at=self._now())
        if len(self._by_subject) > ERRORS_KEPT:
            del self._by_subject[next(iter(self._by_subject))]
        return True

    def clear(self, subject: str) -> None:
        """Forget a subject's refusal, if there is one."""
        if self._by_subject.pop(subject, None) is not None:
            _log.info("%s accepted", subject)

    def code_of(self, subject: str) -> ErrorCode | None:
        """Why a subject is refused now, None if it is not."""
        known = self._by_subject.get(subject)
        return known.code if known else None

    @property
    def all(self) -> tuple[Refusal, ...]:
        """Refusals, oldest first."""
        return tuple(self._by_subject.values())
