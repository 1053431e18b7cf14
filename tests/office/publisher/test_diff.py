"""What the publisher says, decided without a broker."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from mqtt.office.publisher.diff import Kind, Step, diff


@dataclass(frozen=True)
class Message:
    kind: Kind
    mark: str


META = Message(Kind.META, "m2")
BLOB = Message(Kind.INLINE, "b1")


def test_blobs_come_before_the_metadata_that_needs_them_and_leave_after_it() -> None:
    steps = diff({"repo/meta": META, "z/blob": BLOB}, {"old/blob": "b0"}, [])

    assert steps == [Step("z/blob", wanted=True), Step("repo/meta", wanted=True), Step("old/blob", wanted=False)]


def test_only_what_changed_is_sent() -> None:
    assert diff({"repo/meta": META, "blob": BLOB}, {"repo/meta": "m1", "blob": "b1"}, ["blob", "repo/meta"]) == [
        Step("repo/meta", wanted=True)
    ]


def test_what_a_crash_left_behind_is_taken_back() -> None:
    """The ledger knows it although this connection never sent it."""
    assert diff({}, {}, ["blob"]) == [Step("blob", wanted=False)]


_TOPICS = st.text("abc", min_size=1, max_size=2)
_WANTED = st.dictionaries(_TOPICS, st.builds(Message, st.sampled_from(Kind), st.text("xy", max_size=1)))


@given(_WANTED, st.dictionaries(_TOPICS, st.text("xy", max_size=1)), st.sets(_TOPICS))
def test_after_the_steps_the_broker_has_exactly_what_is_wanted(
    wanted: dict[str, Message], sent: dict[str, str], known: set[str]
) -> None:
    broker = dict.fromkeys(known, "unknown") | sent
    steps = diff(wanted, sent, known)
    for step in steps:
        if step.wanted:
            broker[step.topic] = wanted[step.topic].mark
        else:
            del broker[step.topic]

    assert {topic: message.mark for topic, message in wanted.items()} == broker
    kinds = [wanted[step.topic].kind for step in steps if step.wanted]
    assert kinds == sorted(kinds)
    assert len({step.topic for step in steps}) == len(steps)
