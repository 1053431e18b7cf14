"""Laws of small blobs: exact subscriptions, few at once, and never waited for in vain."""

from appliance.sync.inline import AT_ONCE, PATIENCE_S, InlineQueue


def digests(count: int) -> list[str]:
    return [f"{number:064x}" for number in range(count)]


def test_at_most_fifty_are_listened_for_at_once() -> None:
    queue = InlineQueue()
    for digest in digests(120):
        queue.add(digest)

    first = queue.start(0.0)
    assert len(first) == AT_ONCE
    assert queue.start(0.0) == ()
    queue.drop(first[0])
    assert len(queue.start(0.0)) == 1


def test_what_does_not_come_is_given_up_in_time() -> None:
    queue = InlineQueue()
    queue.add("a" * 64)
    queue.start(5.0)

    assert queue.next_deadline() == 5.0 + PATIENCE_S
    assert queue.overdue(5.0 + PATIENCE_S - 0.1) == ()
    assert queue.overdue(5.0 + PATIENCE_S) == ("a" * 64,)
    assert queue.next_deadline() is None


def test_after_a_cut_it_is_listened_for_again_and_nothing_is_lost() -> None:
    queue = InlineQueue()
    for digest in digests(60):
        queue.add(digest)
    heard = queue.start(0.0)[0]
    queue.drop(heard)

    queue.restart()
    first = queue.start(1.0)
    for digest in first:
        queue.drop(digest)

    assert {*first, *queue.start(2.0)} == set(digests(60)) - {heard}
