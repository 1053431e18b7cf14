"""A booth that is cut off for months: one day after the other under a faked clock, both panels looked at.

    publish ─ cut ─┬─ next day: the clock jumps, the agent starts ─ rules ─ pictures ─┬─ line returns ─ all arrives
                   └────────────────── now and then the whole booth starts cold ──────┘

The office lives under the same clock and is off while the line is cut: when it comes back its online signatures have
expired as well, and it renews them. Booth processes other than the agent know the time only from ``clock.json``.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy import select

from appliance.lib import facts
from appliance.lib.clock import ClockFact
from appliance.outbox.file import clocks, path_of
from appliance.outbox.queue import Outbox
from mqtt.contract.documents import decode
from mqtt.contract.records import Priority
from mqtt.contract.repository import ASSIGN_LIMIT, Assignment
from mqtt.office.database import assignments, open_database, records
from provisioning.practice.booth import BOOTH, LOOKUP, SCREEN
from provisioning.practice.edits import ITEM, STREAM, Edit
from provisioning.practice.stage import BOOTH_ID, GATE, Stage
from provisioning.practice.witness import Witness

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LIMITED: Final = "essentials/dic/customs"
"""Over after a third of the time."""
COMING: Final = "essentials/dic/health"
"""Begins after half of the time."""
EDIT: Final = Edit("Money, after the long silence", (214, 40, 130))
WAITS: Final = {"DONT_FAKE_MONOTONIC": "1"}
"""For services, which wait on events: under libfaketime either those or ``sleep`` (used by ``boothctl``) work."""
STEP_S: Final = 90.0
PROGRAMME_S: Final = 180.0
PICTURES: Final = 60
"""About so many days are looked at with pictures, the first and the last among them."""
COLD_DAYS: Final = 60
"""Every so many days the whole booth starts cold."""
RECORD: Final = "day"
"""Kind of the record that some process of the booth makes each day."""
BLANK: Final = 0.98
"""Share of one colour from which a picture is blank."""


class Journey:
    """Lives through the days; ``blank``, ``broken`` and ``lost`` say what did not hold.

    Args:
        folder: Where everything lives; made anew.
        days: How long the booth is cut off.
        say: Told what is being done.
    """

    def __init__(self, folder: Path, days: int, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._days = days
        self._say = say
        self._clock = folder.with_suffix(".clock")
        self._began = datetime.now(UTC)
        self.blank = 0
        self.lost = 0
        self.broken: list[str] = []

    def live(self) -> None:
        """Publish, cut, live, return.

        Raises:
            TimeoutError: The world did not become what it must in time.
        """
        self._jump(timedelta())
        with self._faked():
            stage = Stage(self._folder, page=f"/en/{ITEM}")
            stage.__enter__()
        try:
            self._live(stage)
        finally:
            stage.__exit__(None, None, None)

    def _live(self, stage: Stage) -> None:
        witness = Witness(stage)
        self._date_items(stage.content)
        self._office_ends(stage)
        self._office_starts(stage)
        self._power_on(stage)
        self._publish(stage)
        _until(lambda: witness.page_speaks("en"), "the page")
        _until(witness.screen_shows_programme, "the programme on the screen", PROGRAMME_S)
        _until(lambda: witness.reported_release(STREAM) == witness.newest_release(STREAM), "the report")
        self._say("the line is cut")
        self._office_ends(stage)
        for day in range(1, self._days + 1):
            self._day(stage, day)
        self._say("the line is back")
        EDIT.make(stage.content)
        self._office_starts(stage)
        self._publish(stage)
        self._arrives(witness, stage)

    def _arrives(self, witness: Witness, stage: Stage) -> None:
        streams = _streams(stage)
        _until(lambda: witness.page_shows(EDIT), "the edit on the page")
        _until(lambda: witness.screen_shows(EDIT), "the edit on the screen", PROGRAMME_S)
        _until(lambda: not _unreported(witness, streams), "every report", STEP_S, fatal=False)
        unreported = _unreported(witness, streams)
        wanted = set(range(1, self._days + 1))
        _until(lambda: wanted <= _recorded(stage), "every record", STEP_S, fatal=False)
        unrecorded = wanted - _recorded(stage)
        self.lost = len(unreported) + len(unrecorded)
        if unrecorded:
            self._say(f"records of the days {sorted(unrecorded)[:10]} are not at the office")
        for stream in unreported:
            self._say(
                f"{stream}: {witness.newest_release(stream)} is published, {witness.reported_release(stream)} reported"
            )

    def _day(self, stage: Stage, day: int) -> None:
        self._jump(timedelta(days=day))
        if day % COLD_DAYS == 0 or day == self._days // 2 + 1:
            self._say(f"day {day}: a cold start")
            stage.booth.power_off()
            self._power_on(stage)
        else:
            self._agent_starts(stage)
        today = self._today(day)
        _until(lambda: _page_day(stage.booth.runtime) == today, f"the booth knows that it is {today}")
        self._record(stage, day)
        self._rules(stage, day, today)
        if day in (1, self._days) or day % max(self._days // PICTURES, 1) == 0:
            _until(lambda: self._answers(stage, f"/en/{ITEM}") == 200, "the page")
            for output in (SCREEN, LOOKUP):
                _until(lambda output=output: not _is_blank(stage.picture(output)), output, 20.0, fatal=False)
                if _is_blank(stage.picture(output)):
                    self.blank += 1
                    self._say(f"day {day}: {output} is blank")

    @staticmethod
    def _record(stage: Stage, day: int) -> None:
        outbox = Outbox(path_of(stage.booth.state), clocks(stage.booth.runtime / "clock.json"))
        outbox.append(RECORD, {"day": day}, Priority.AUDIT)

    def _rules(self, stage: Stage, day: int, today: date) -> None:
        wanted = {ITEM: True, LIMITED: today <= self._today(self._over), COMING: today >= self._today(self._comes)}
        for path, shown in wanted.items():
            if not _until(lambda path=path, shown=shown: self._shows(stage, path) == shown, path, 20.0, fatal=False):
                self.broken.append(f"day {day}: {path} is {'not ' if shown else ''}shown")
        if "As of" not in self._page(stage, f"/en/{ITEM}"):
            self.broken.append(f"day {day}: the page does not say its date")

    # the world

    @property
    def _over(self) -> int:
        return max(self._days // 3, 1)

    @property
    def _comes(self) -> int:
        return max(self._days // 2, 2)

    def _today(self, day: int) -> date:
        return (self._began.astimezone(ZONE) + timedelta(days=day)).date()

    def _date_items(self, content: Path) -> None:
        _set(content / ITEM / "vi.md", "valid_until", None)
        _set(content / LIMITED / "vi.md", "valid_until", self._today(self._over))
        _set(content / COMING / "vi.md", "valid_from", self._today(self._comes))

    def _jump(self, ahead: timedelta) -> None:
        draft = self._clock.with_suffix(".draft")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(f"+{ahead.total_seconds():.0f}", "ascii")
        draft.replace(self._clock)

    @property
    def _fake(self) -> dict[str, str]:
        library = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))))
        fake = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self._clock)}
        return fake | {"FAKETIME_NO_CACHE": "1", "NO_FAKE_STAT": "1"}

    @contextmanager
    def _faked(self, more: dict[str, str] | None = None) -> Iterator[None]:
        """What is started in here lives under the faked clock."""
        fake = self._fake | (more or {})
        os.environ.update(fake)
        try:
            yield
        finally:
            for name in fake:
                del os.environ[name]

    def _office_starts(self, stage: Stage) -> None:
        with self._faked(WAITS):
            stage.office.start()

    def _office_ends(self, stage: Stage) -> None:
        stage.office._brokers = None
        stage.office._processes.stop()

    def _publish(self, stage: Stage) -> None:
        with self._faked():
            stage.publish()

    def _power_on(self, stage: Stage) -> None:
        stage.booth.power_on()
        self._agent_starts(stage)

    def _agent_starts(self, stage: Stage) -> None:
        stage.booth.end("agent")
        fake = [f"{name}={value}" for name, value in self._fake.items()]
        fake += [f"{name}={value}" for name, value in WAITS.items()]
        places = ("--state", str(stage.booth.state), "--run", str(stage.booth.runtime))
        stage.booth.processes["agent"] = stage.booth.start(("env", *fake, BOOTH, "agent", *places), "agent")

    # what is to be seen

    def _shows(self, stage: Stage, path: str) -> bool:
        return self._answers(stage, f"/en/{path}") == 200 and path in self._page(stage, "/en/essentials")

    @staticmethod
    def _answers(stage: Stage, path: str) -> int:
        try:
            with urlopen(stage.booth.url + path, timeout=5) as answer:  # noqa: S310 - loopback
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    @staticmethod
    def _page(stage: Stage, path: str) -> str:
        try:
            with urlopen(stage.booth.url + path, timeout=5) as answer:  # noqa: S310 - loopback
                return str(answer.read().decode())
        except (URLError, OSError):
            return ""


def _page_day(runtime: Path) -> date | None:
    fact = facts.read(runtime / "clock.json", ClockFact)
    return fact.now.astimezone(ZONE).date() if fact and fact.trusted else None


def _is_blank(picture: Path) -> bool:
    """Whether nearly all of a picture has one colour."""
    with Image.open(picture) as shot:
        small = shot.convert("RGB").resize((160, 160), Image.Resampling.NEAREST).quantize(16)
    return max(small.histogram()) / (160 * 160) > BLANK


def _set(text: Path, key: str, value: date | None) -> None:
    line = re.compile(rf"^{key} = .*\n", re.MULTILINE)
    text.write_text(line.sub(f"{key} = {value}\n" if value else "", text.read_text("utf-8"), count=1), "utf-8")


def _streams(stage: Stage) -> list[str]:
    """Return what the office has assigned to the booth."""
    query = select(assignments.c.body).where(assignments.c.gate == GATE)
    with open_database(stage.office.database_url).connect() as connection:
        body = connection.scalar(query)
    return sorted(stream.name for stream in decode(Assignment, body, ASSIGN_LIMIT).streams_of(BOOTH_ID))


def _recorded(stage: Stage) -> set[int]:
    """Return the days of which a record stands at the office."""
    with open_database(stage.office.database_url).connect() as connection:
        return {body["day"] for body in connection.scalars(select(records.c.body).where(records.c.kind == RECORD))}


def _unreported(witness: Witness, streams: list[str]) -> list[str]:
    newest = {stream: witness.newest_release(stream) for stream in streams}
    return [stream for stream, number in newest.items() if number and witness.reported_release(stream) != number]


def _until(holds: Callable[[], bool], what: str, seconds: float = STEP_S, *, fatal: bool = True) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            if fatal:
                raise TimeoutError(f"not within {seconds:.0f} s: {what}")
            return False
        time.sleep(0.02)
    return True
