"""Whether the set that was shown last holds: decided by evidence of failure, never by silence.

    show ──► on trial ──► nobody complains for TRIAL_S ──► proven
                 │
                 └─ kiosk or player: "this set fails" ──► whose release is new in it ──► return to the set before

The way back is closed where the agencies closed it: no revoked release, none below the least number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.content.catalogue import SetFile
from appliance.content.store import Store
from appliance.sync.messages import Evidence

TRIAL_S: Final = 600.0
"""So long a new set may be taken back by itself; a small booth has rendered and played it long before."""


@dataclass(frozen=True)
class Verdict:
    """A set that does not hold: whose releases are to blame, and the set to return to (None: there is no way back)."""

    blamed: dict[str, int]
    back_to: SetFile | None


def judge(shown: SetFile, before: Sequence[SetFile], evidence: Evidence, store: Store) -> Verdict | None:
    """Decide on one piece of evidence; None when it is no reason to act.

    Content that every set before had and that fails now is not the fault of the new set: returning would not mend it.

    Args:
        shown: The set on trial.
        before: The sets to return to, the newest first.
        evidence: What a process says.
        store: Knows which numbers may come back.
    """
    if evidence.holds or evidence.set != shown.number:
        return None
    if not before and (blamed := _blamed(shown.releases, evidence)):
        return Verdict(blamed, None)
    for one in before:
        news = {name: number for name, number in shown.releases.items() if one.releases.get(name) != number}
        if blamed := _blamed(news, evidence):
            closed = any(not store.judgements.allows(*release) for release in one.releases.items())
            return Verdict(blamed, None if closed else one)
    return None


def _blamed(news: dict[str, int], evidence: Evidence) -> dict[str, int]:
    return {name: number for name, number in news.items() if evidence.stream in (None, name)}


class Trial:
    """The trial of the set that is shown; survives a restart, its time begins anew.

    Args:
        store: Content on disk.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ends_at: float | None = None

    @property
    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due, None when nothing is on trial."""
        return self._ends_at

    def begin(self, now: float) -> None:
        """A set was just shown, or the agent was started."""
        self._ends_at = now + TRIAL_S if self._store.sets.on_trial() else None

    def tick(self, now: float) -> None:
        """Let a set that nobody complained of pass."""
        if self._ends_at is not None and now >= self._ends_at:
            self._store.sets.proven()
            self._ends_at = None

    def hear(self, evidence: Evidence) -> Verdict | None:
        """Take evidence; a verdict when the set does not hold."""
        shown = self._store.sets.on_trial()
        if shown is None or self._ends_at is None:
            return None
        return judge(shown, self._store.sets.to_return_to(shown), evidence, self._store)
