"""What was not accepted and why, bounded, newest kept; an accepted subject clears its refusal."""

from datetime import datetime

from mqtt.contract.errors import ContractError
from mqtt.contract.state import ERRORS_KEPT, Refusal


class Refusals:
    """Refusals by subject (a stream, ``metadata``, ``assignment``)."""

    def __init__(self) -> None:
        self._by_subject: dict[str, Refusal] = {}

    def add(self, subject: str, error: ContractError, at: datetime) -> bool:
        """Remember a refusal; False if it is the one already known."""
        known = self._by_subject.get(subject)
        detail = error.detail[:500]
        if known and (known.code, known.detail) == (error.code, detail):
            return False
        self._by_subject.pop(subject, None)
        self._by_subject[subject] = Refusal(code=error.code, subject=subject[:200], detail=detail, at=at)
        if len(self._by_subject) > ERRORS_KEPT:
            del self._by_subject[next(iter(self._by_subject))]
        return True

    def clear(self, subject: str) -> bool:
        """Forget a subject's refusal; True if there was one."""
        return self._by_subject.pop(subject, None) is not None

    @property
    def all(self) -> tuple[Refusal, ...]:
        """Refusals, oldest first."""
        return tuple(self._by_subject.values())
