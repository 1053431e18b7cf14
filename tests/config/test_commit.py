"""Confirmed commit: whatever happens, a booth that does not reach the office has its old brokers back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appliance.config.commit import STARTS, Committed, assigned, passed, reached, reverted, started
from mqtt.contract.configuration import Broker
from mqtt.contract.state import CommitState

OLD = (Broker(host="old.example"),)
NEW = (Broker(host="new.example"),)
NEWER = (Broker(host="newer.example"),)


def begun(within_s: float = 60) -> Committed:
    return assigned(started(None, OLD), NEW, "a@1", within_s)


def test_new_settings_are_tried_and_settled_once_the_office_is_reached() -> None:
    trial = begun()
    assert (trial.in_use, trial.state) == (NEW, CommitState.ON_TRIAL)
    assert (reached(trial).in_use, reached(trial).state) == (NEW, CommitState.SETTLED)


def test_without_the_office_they_are_taken_back_and_not_tried_again() -> None:
    back = passed(passed(begun(), 59), 1)
    assert (back.in_use, back.state) == (OLD, CommitState.REVERTED)
    assert assigned(back, NEW, "a@1", 60) == back
    assert assigned(back, NEW, "a@2", 60).in_use == NEW, "said anew by the office they are tried anew"
    assert assigned(back, OLD, "a@3", 60).state is CommitState.SETTLED


def test_a_trial_that_is_assigned_again_goes_on_and_another_takes_its_place() -> None:
    half = passed(begun(), 30)
    assert assigned(half, NEW, "a@1", 60) == half
    assert assigned(half, NEWER, "a@2", 60).in_use == NEWER
    assert assigned(half, OLD, "a@2", 60).state is CommitState.SETTLED


def test_starts_within_a_trial_are_counted() -> None:
    kept = begun()
    for _ in range(STARTS):
        kept = started(kept, OLD)
        assert kept.in_use == NEW
    assert started(kept, OLD).in_use == OLD


def test_another_identity_begins_anew() -> None:
    """An installer has set other brokers: nothing of before is believed."""
    assert started(reached(begun()), NEWER).in_use == NEWER
    assert started(reached(begun()), OLD).in_use == NEW


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("assigned"), st.sampled_from([(OLD, "a@1"), (NEW, "a@2"), (NEWER, "a@3")])),
        st.tuples(st.just("passed"), st.floats(0, 100)),
        st.tuples(st.just("started"), st.none()),
        st.tuples(st.just("reached"), st.none()),
    ),
    max_size=30,
)


@given(EVENTS)
def test_what_is_settled_was_reached_or_is_the_installer_s_and_a_trial_always_ends(events: list[Any]) -> None:
    """After any history, time alone leads back to settings the office was reached with."""
    kept, proven = started(None, OLD), {OLD}
    for kind, value in events:
        match kind:
            case "assigned":
                kept = assigned(kept, *value, 60)
            case "passed":
                kept = passed(kept, value)
            case "started":
                kept = started(kept, OLD)
            case _:
                proven.add(kept.in_use)
                kept = reached(kept)
        assert kept.settled in proven
    assert passed(kept, 61).in_use in proven
    assert reverted(kept).in_use in proven
