"""Confirmed commit: settings that could cut the booth off are tried, and taken back unless they reach the office; pure.

    settled ── others are assigned ─► on trial ── office reached ─► settled, with the new ones
                                         └── time is up, or too many starts ─► reverted: the old ones count

The state is a value that the caller makes durable before anything is used. A power cut in the middle goes on with the
trial from what was written; the fourth start within one trial ends it.
"""

from typing import Final

import msgspec

from mqtt.contract.configuration import Broker
from mqtt.contract.state import CommitState

STARTS: Final = 3
"""More starts than this within a trial, and the trial is the reason for them."""

Brokers = tuple[Broker, ...]


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that are tried; ``token`` names where they came from, ``left_s`` is what remains of their time."""

    brokers: Brokers
    token: str
    left_s: float
    starts: int = 0


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """``commit.json``.

    Attributes:
        born: What the identity said when this was written; another identity begins anew.
        settled: What the office was reached with, or the identity's.
        refused: Token of what was tried in vain.
    """

    born: Brokers
    settled: Brokers
    trial: Trial | None = None
    refused: str | None = None

    @property
    def in_use(self) -> Brokers:
        """The settings to be used."""
        return self.trial.brokers if self.trial else self.settled

    @property
    def state(self) -> CommitState:
        """In a word."""
        if self.trial:
            return CommitState.ON_TRIAL
        return CommitState.REVERTED if self.refused else CommitState.SETTLED


def started(kept: Committed | None, identity: Brokers) -> Committed:
    """The booth starts: go on with what was written, as far as it still holds."""
    if kept is None or kept.born != identity:
        return Committed(born=identity, settled=identity)
    if kept.trial is None:
        return kept
    trial = msgspec.structs.replace(kept.trial, starts=kept.trial.starts + 1)
    return reverted(kept) if trial.starts > STARTS else msgspec.structs.replace(kept, trial=trial)


def assigned(kept: Committed, brokers: Brokers, token: str, within_s: float) -> Committed:
    """The office assigns these settings; those in use and those tried in vain begin no trial."""
    if kept.trial and kept.trial.brokers == brokers:
        return kept
    if brokers == kept.settled:
        return msgspec.structs.replace(kept, trial=None, refused=None)
    if token == kept.refused:
        return kept
    trial = Trial(brokers=brokers, token=token, left_s=within_s)
    return msgspec.structs.replace(kept, trial=trial, refused=None)


def reached(kept: Committed) -> Committed:
    """The office was reached with what is in use."""
    if kept.trial is None:
        return kept
    return msgspec.structs.replace(kept, settled=kept.trial.brokers, trial=None, refused=None)


def passed(kept: Committed, seconds: float) -> Committed:
    """Time has passed without the office."""
    if kept.trial is None:
        return kept
    left = kept.trial.left_s - max(0.0, seconds)
    if left <= 0:
        return reverted(kept)
    return msgspec.structs.replace(kept, trial=msgspec.structs.replace(kept.trial, left_s=left))


def reverted(kept: Committed) -> Committed:
    """Take the settings on trial back, and remember them."""
    token = kept.trial.token if kept.trial else kept.refused
    return msgspec.structs.replace(kept, trial=None, refused=token)
