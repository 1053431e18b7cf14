"""Laws of the programme: always something to show, news first, nothing lost, no spinning."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from appliance.content.catalogue import Frame
from appliance.player.programme import Entry, Programme
from mqtt.contract.items import Kind


def entry(name: str, version: int = 1) -> Entry:
    return Entry(Frame(name, Path(f"/releases/{version}/{name}.png"), Kind.PICTURE, 10.0), (version,))


SLATE = Entry(Frame("slate", Path("/slate.png"), Kind.PICTURE, 30.0), ())

entries = st.lists(
    st.builds(entry, st.sampled_from("abcdef"), st.integers(1, 3)), max_size=6, unique_by=lambda one: one.frame.id
).map(tuple)
steps = st.lists(st.one_of(st.sampled_from(["advanced", "failed"]), entries), max_size=30)


def playing(*names: str) -> Programme:
    return Programme(SLATE).carried_over(tuple(entry(name) for name in names))


def taken(programme: Programme, step: str | tuple[Entry, ...]) -> Programme:
    return getattr(programme, step)() if isinstance(step, str) else programme.carried_over(step)


@given(steps)
def test_there_is_always_something_to_show(history: list[str | tuple[Entry, ...]]) -> None:
    """Whatever happened before, the entry is one of the set that is shown, or the slate."""
    programme = Programme(SLATE)

    for step in history:
        programme = taken(programme, step)
        assert programme.entry in (*programme.entries, SLATE)


@given(steps)
def test_the_slate_is_shown_only_when_nothing_can_be_played(history: list[str | tuple[Entry, ...]]) -> None:
    """A booth with one good picture never shows the built-in one."""
    programme = Programme(SLATE)

    for step in history:
        programme = taken(programme, step)
        playable = [one for one in programme.entries if one.identity not in programme.broken]
        assert programme.on_slate == (not playable)


@given(entries)
def test_one_round_plays_every_entry_once_in_order(content: tuple[Entry, ...]) -> None:
    """The programme is a ring."""
    programme = Programme(SLATE).carried_over(content)

    played = []
    for _ in content:
        played.append(programme.entry)
        programme = programme.advanced()

    assert played == list(content)


@given(entries)
def test_when_all_fail_the_slate_comes_after_one_attempt_each(content: tuple[Entry, ...]) -> None:
    """Broken files never spin: as many attempts as files, then the slate and its time."""
    programme = Programme(SLATE).carried_over(content)

    for _ in content:
        assert not programme.on_slate
        programme = programme.failed()

    assert programme.on_slate


def test_after_the_slate_broken_entries_are_tried_again() -> None:
    """What failed for want of memory or a cable is not lost until the next release."""
    programme = playing("a", "b").failed().failed()

    assert programme.advanced().entry == entry("a")


def test_a_broken_entry_is_passed_over_in_later_rounds() -> None:
    """It is tried once per content, not once per round."""
    programme = playing("a", "b", "c").failed()

    assert [programme.entry, programme.advanced().entry, programme.advanced().advanced().entry] == [
        entry("b"),
        entry("c"),
        entry("b"),
    ]


def test_a_slate_that_fails_stays_the_slate() -> None:
    """There is nothing behind it; its time decides when to try again."""
    assert Programme(SLATE).failed() == Programme(SLATE)


def test_news_comes_first() -> None:
    """An edit is on the glass at once, wherever in the programme it stands."""
    programme = playing("a", "b", "c")

    assert programme.carried_over((entry("a"), entry("b"), entry("c", 2))).entry == entry("c", 2)
    assert programme.carried_over((entry("a"), entry("new"), entry("c"))).entry == entry("new")


def test_the_first_of_several_news_comes_first() -> None:
    """The others follow by the programme's own order."""
    moved = playing("a", "b", "c").carried_over((entry("a"), entry("b", 2), entry("c", 2)))

    assert [moved.entry, moved.advanced().entry] == [entry("b", 2), entry("c", 2)]


def test_what_is_on_goes_on_when_nothing_is_new() -> None:
    """Also when it lies in another release now, at another place: the bytes are the same."""
    programme = playing("a", "b", "c").advanced()
    relinked = Entry(Frame("b", Path("/releases/9/b.png"), Kind.PICTURE, 25.0), (1,))

    moved = programme.carried_over((relinked, entry("a")))

    assert moved.entry.identity == programme.entry.identity
    assert moved.entry.frame.seconds == 25.0


def test_when_what_is_on_was_removed_the_first_comes() -> None:
    """A withdrawn still leaves the glass at once."""
    assert playing("a", "b", "c").advanced().carried_over((entry("a"), entry("c"))).entry == entry("a")


def test_a_corrected_file_is_tried_again_and_a_broken_one_is_not() -> None:
    """A new release does not bring back what could not be played before."""
    programme = playing("a", "b").failed()

    assert programme.carried_over((entry("a", 2), entry("b"))).entry == entry("a", 2)
    assert programme.advanced().carried_over((entry("a"), entry("b"))).entry == entry("b")


def test_when_all_content_goes_the_slate_comes() -> None:
    """The last release was revoked."""
    assert playing("a").carried_over(()).on_slate


def test_a_restart_begins_after_the_item_that_was_on() -> None:
    """If it was the killer, the others are seen first; unknown or no item begins at the start."""
    programme = playing("a", "b", "c")

    assert programme.resumed_after("b").entry == entry("c")
    assert programme.resumed_after("c").entry == entry("a")
    assert programme.resumed_after("gone").entry == entry("a")
    assert programme.resumed_after(None).entry == entry("a")
