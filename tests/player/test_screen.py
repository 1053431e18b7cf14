"""The public screen on a real sway with a real mpv: what is asserted is what stands in the pixels."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.lib import clock, facts
from appliance.lib.clock import ClockFact
from appliance.notices.folder import Folder
from appliance.outbox.file import clocks, path_of, prepare
from appliance.player.facts import Now, Outcome
from appliance.sticks import SHOWN_S, USB_FACT, UsbFact, UsbState
from mqtt.contract.documents import encode
from mqtt.contract.envelopes import seal
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, MessageType, Notice, NoticeText, Status, Urgency
from mqtt.contract.records import Priority

if TYPE_CHECKING:
    from tests.player.conftest import Stage

pytestmark = pytest.mark.screen

RED, GREEN, BLUE = (200, 20, 20), (20, 160, 20), (20, 20, 200)
SLATE_GROUND = (0x0B, 0x25, 0x45)
START_S = 10.0
"""A busy machine starts Python, mpv and its window in less."""
FOLLOW_S = 1.0
"""The promise: the screen follows a new content set within this time."""

Still = Callable[[tuple[int, int, int]], Path]


def test_stills_follow_each_other_by_their_time(stage: "Stage", still: Still) -> None:
    """The programme is a ring: after the last still the first comes again."""
    stage.publish(one=(still(RED), 1.0), two=(still(GREEN), 1.0))
    stage.play()

    stage.until(lambda: stage.shows(RED), START_S)
    took = stage.until(lambda: stage.shows(GREEN), 3)
    stage.until(lambda: stage.shows(RED), 3)

    assert took < 2


def test_a_video_moves_and_the_next_item_follows_its_end(stage: "Stage", still: Still, video: Path) -> None:
    """A video is played to its end whatever ``seconds`` says."""
    stage.publish(film=(video, 1.0), after=(still(RED), 30.0))
    stage.play()

    stage.until(lambda: stage.glass is not None and stage.glass.item == "film", START_S)
    first = stage.picture().tobytes()
    stage.until(lambda: stage.picture().tobytes() != first, 2)
    took = stage.until(lambda: stage.shows(RED), 6)

    assert took > 1.0


def test_a_video_plays_also_after_another_video_has_ended(stage: "Stage", still: Still, blink: Path) -> None:
    """Left to itself mpv pauses at the end of a video and stays paused, whatever is loaded next."""
    stage.publish(film=(blink, 1.0), after=(still(RED), 1.0))
    stage.play()

    for _ in range(2):
        stage.until(lambda: stage.glass is not None and stage.glass.item == "film", START_S)
        stage.until(lambda: not stage.shows(RED), 2)
        stage.until(lambda: stage.shows(RED), 8)


def test_a_video_alone_plays_again_and_again(stage: "Stage", video: Path) -> None:
    """The last frame stays until the first one comes again; nothing ends, nothing spins."""
    stage.publish(film=(video, 1.0))
    stage.play()

    stage.until(lambda: stage.glass is not None, START_S)
    first = stage.glass
    stage.until(lambda: stage.glass != first, 6)

    assert stage.glass.item == "film"
    assert stage.glass.since - first.since > 2.5e9


def test_an_edited_still_is_on_the_glass_within_a_second(stage: "Stage", still: Still) -> None:
    """News first: the edit interrupts what is on, however long that would have stayed."""
    stage.publish(one=(still(RED), 600.0), two=(still(GREEN), 600.0))
    stage.play()
    stage.until(lambda: stage.shows(RED), START_S)

    number = stage.publish(one=(still(RED), 600.0), two=(still(BLUE), 600.0))
    took = stage.until(lambda: stage.shows(BLUE), 5)

    assert took < FOLLOW_S
    stage.until(lambda: stage.glass.set == number, 1)


def test_a_set_that_changes_nothing_on_the_screen_lets_it_play_on(stage: "Stage", still: Still) -> None:
    """A text on the page was corrected: the screen must not start over."""
    stage.publish(one=(still(RED), 600.0), two=(still(GREEN), 600.0))
    stage.play()
    stage.until(lambda: stage.shows(RED) and stage.glass is not None, START_S)
    before = stage.glass

    number = stage.publish(one=(still(RED), 600.0), two=(still(GREEN), 600.0))
    stage.until(lambda: stage.glass.set == number, 3)

    assert stage.glass.item == "one"
    assert stage.glass.since == before.since


def test_content_that_comes_while_the_slate_is_on_replaces_it_at_once(stage: "Stage", still: Still) -> None:
    """The first content of a new booth: no restart, no waiting for the slate's time."""
    stage.play()
    stage.until(lambda: stage.glass is not None and stage.glass.item is None, START_S)

    stage.publish(one=(still(RED), 600.0))

    assert stage.until(lambda: stage.shows(RED), 5) < FOLLOW_S


def test_the_slate_says_it_in_every_language_when_there_is_no_content(stage: "Stage") -> None:
    """A booth from the carton, without network: five bands, each with letters in it, nothing empty, nothing black."""
    stage.play()
    stage.until(lambda: stage.glass is not None and stage.glass.item is None, START_S)
    stage.until(lambda: stage.picture().getpixel((2, 2)) == SLATE_GROUND, 2)

    image = stage.picture()
    band = image.height // 5
    for place in range(5):
        colours = image.crop((0, place * band, image.width, (place + 1) * band)).getcolors(1 << 24)
        assert sum(count for count, colour in colours if min(colour) > 200) > 300


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("garbage.png", b"not a picture" * 100),
        ("empty.png", b""),
        ("zeros.mp4", bytes(5000)),
        ("list.mp4", b"#EXTM3U\n/etc/hostname\n"),
    ],
)
def test_a_broken_file_is_skipped(stage: "Stage", still: Still, tmp_path: Path, name: str, data: bytes) -> None:
    """One bad file costs its own place in the programme and nothing else."""
    broken = tmp_path / name
    broken.write_bytes(data)
    stage.publish(bad=(broken, 1.0), good=(still(GREEN), 1.0))
    stage.play()

    stage.until(lambda: stage.shows(GREEN), START_S)
    good = stage.glass

    assert good.item == "good"
    assert stage.log.count("gives no picture") == 1


def test_when_every_file_is_broken_the_slate_is_shown_and_nothing_spins(stage: "Stage", tmp_path: Path) -> None:
    """Left to itself mpv would run through a list of broken files as fast as it can."""
    broken = tmp_path / "bad.png"
    broken.write_bytes(b"not a picture")
    stage.publish(one=(broken, 1.0), two=(broken, 1.0))
    stage.play()

    stage.until(lambda: stage.glass is not None and stage.glass.item is None, START_S)
    stage.until(lambda: stage.picture().getpixel((2, 2)) == SLATE_GROUND, 2)

    assert stage.glass.outcome is Outcome.SHOWN
    assert stage.log.count("gives no picture") == 2


def test_a_killed_player_starts_again_after_the_item_it_died_in(stage: "Stage", still: Still) -> None:
    """The item that was on may have been the killer: it is named, and others come first."""
    stage.publish(one=(still(RED), 600.0), two=(still(GREEN), 600.0))
    player = stage.play()
    stage.until(lambda: stage.shows(RED), START_S)
    player.kill()
    player.wait()

    assert facts.read(stage.state / "player/now.json", Now).item == "one"
    stage.play()
    stage.until(lambda: stage.shows(GREEN), START_S)


def test_a_player_that_is_asked_to_end_ends_in_good_order(stage: "Stage", still: Still) -> None:
    """Systemd asks once and expects success."""
    stage.publish(one=(still(RED), 600.0))
    player = stage.play()
    stage.until(lambda: stage.shows(RED), START_S)

    player.send_signal(signal.SIGTERM)

    assert player.wait(5) == 0


def test_a_player_whose_compositor_dies_ends_with_an_error(stage: "Stage", still: Still) -> None:
    """Only a new process gets a window from a new compositor: systemd must see it fail."""
    stage.publish(one=(still(RED), 600.0), two=(still(GREEN), 0.5))
    player = stage.play()
    stage.until(lambda: stage.shows(RED), START_S)

    stage.session.sway.kill()

    assert player.wait(10) != 0


def test_a_stick_is_told_of_below_the_picture_and_then_no_more(stage: "Stage", still: Still) -> None:
    """Two lines on any picture, which goes on behind them; an outcome that is long over leaves nothing."""
    stage.publish(one=(still(RED), 600.0))
    stage.play()
    stage.until(lambda: stage.shows(RED), START_S)
    assert not _letters(stage)

    usb = stage.runtime / USB_FACT
    facts.write(usb, UsbFact(stick="sda1/1", state=UsbState.IMPORTING, done=40, total=100))
    stage.until(lambda: _letters(stage) > 500, 3)
    importing = stage.picture().tobytes()
    facts.write(usb, UsbFact(stick="sda1/1", state=UsbState.DONE, since=clock.boottime_ns()))
    stage.until(lambda: stage.picture().tobytes() != importing and _letters(stage) > 500, 3)
    assert stage.shows(RED)

    ago = clock.boottime_ns() - (SHOWN_S + 1) * 1_000_000_000
    facts.write(usb, UsbFact(stick="sda1/1", state=UsbState.DONE, since=ago))
    stage.until(lambda: not _letters(stage), 3)


def _letters(stage: "Stage") -> int:
    """How many pixels in the lowest sixth of the picture are white."""
    image = stage.picture().convert("RGB")
    strip = image.crop((0, image.height * 5 // 6, image.width, image.height))
    return sum(count for count, (red, green, blue) in strip.getcolors(1 << 24) if min(red, green, blue) > 240)


def test_a_notice_stands_below_the_picture_as_long_as_it_counts_and_the_office_is_told(
    stage: "Stage", still: Still
) -> None:
    """By the notice's own end: nobody takes it away."""
    stage.publish(one=(still(RED), 600.0))
    stage.play()
    stage.until(lambda: stage.shows(RED), START_S)

    now = datetime.now(UTC)
    believed = ClockFact(now=now, boottime_ns=clock.boottime_ns(), boot=clock.boot_id(), source="system", trusted=True)
    facts.write(stage.runtime / "clock.json", believed)
    notice = Notice(
        id="weather-fog-1", agency="dic", gate="cat-bi", kind="weather", status=Status.ACTUAL, type=MessageType.ALERT,
        urgency=Urgency.NORMAL, sent=now, expires=now + timedelta(seconds=6),
        texts={"vi": NoticeText(headline="Sương mù dày, các chuyến bay có thể chậm")},
    )  # fmt: skip
    outbox = prepare(path_of(stage.state), clocks(stage.runtime / "clock.json"))
    Folder(stage.state / "notices").keep(notice, seal(encode(notice), NOTICE_PAYLOAD_TYPE, []))
    stage.until(lambda: _letters(stage) > 500, 4)
    assert stage.shows(RED)
    stage.until(lambda: not _letters(stage), 12)
    portion = outbox.portion(Priority.OPERATION, 0, 100_000)
    told = [(row.kind, row.body) for row in portion.records] if portion else []
    assert ("notice-shown", {"notice": "weather-fog-1", "where": "screen"}) in told
