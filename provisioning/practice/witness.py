"""Sees what a person would see: pages over HTTP, pixels of both panels, what stands in the office's database."""

import html
import json
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image, ImageChops, ImageStat
from sqlalchemy import func, select

from mqtt.contract.documents import decode
from mqtt.contract.state import STATE_LIMIT, Reported
from mqtt.office.database import open_database, releases, reports
from provisioning.practice.booth import LOOKUP, SCREEN
from provisioning.practice.edits import ITEM, STILL, Colour, Edit, title_of
from provisioning.practice.stage import BOOTH_ID, Stage

NEAR: Final = 12
"""Difference per channel up to which a pixel has a colour."""
SAME: Final = 3.0
"""Mean difference per channel up to which two pictures are the same."""
COVER_SHARE: Final = 0.03
STILL_SHARE: Final = 0.95
ALARM: Final[Colour] = (0xA3, 0x16, 0x1D)
"""Edge of an urgent line, as the player draws it."""
STRIP: Final = 0.88
LINE_SHARE: Final = 0.02
HTTP_S: Final = 5.0


class Witness:
    """Looks at a stage from outside; changes nothing."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._engine = open_database(stage.office.database_url)
        self._seen_item: str | None = None

    def page_speaks(self, language: str) -> bool:
        """Whether the item's page in this language has the title that stands in the source."""
        return title_of(self._stage.content / ITEM / f"{language}.md") in self._page(f"/{language}/{ITEM}")

    def page_shows(self, edit: Edit) -> bool:
        """Whether the page says the edit's title and the look-up panel shows its cover."""
        return edit.title in self._page(f"/en/{ITEM}") and self._share(LOOKUP, edit.colour) > COVER_SHARE

    def screen_shows(self, edit: Edit) -> bool:
        """Whether the public screen is filled with the edit's still."""
        return self._share(SCREEN, edit.colour) > STILL_SHARE

    def page_announces(self, language: str, headline: str) -> bool:
        """Whether the first page in a language has this headline on top."""
        return headline in self._page(f"/{language}")

    def announces(self) -> bool:
        """Whether an urgent line stands below the picture of the public screen."""
        return self._share(SCREEN, ALARM, below=STRIP) > LINE_SHARE

    def screen_shows_programme(self) -> bool:
        """Whether the screen shows the very still that the player says is on."""
        item = self.playing
        still = self._stage.content / Path(STILL).with_name(f"{item}.png")
        return item is not None and still.is_file() and self._same(self._stage.picture(SCREEN), still)

    def screen_moves_on(self) -> bool:
        """Whether the screen shows another still of the programme than when last asked."""
        item = self.playing
        if self._seen_item is None:
            self._seen_item = item
        if item == self._seen_item or not self.screen_shows_programme():
            return False
        self._seen_item = None
        return True

    @property
    def page_answers(self) -> bool:
        """Whether anybody answers at the kiosk's address."""
        return self._page("/") != ""

    @property
    def link_is_up(self) -> bool:
        """Whether the booth says that it reaches a broker."""
        link = self._fact("link.json")
        return bool(link.get("control") or link.get("bulk"))

    def reported_release(self, stream: str) -> int | None:
        """Return the release the booth has reported to the office as shown."""
        query = select(reports.c.body).where(reports.c.booth == BOOTH_ID, reports.c.kind == "reported")
        with self._engine.connect() as connection:
            body = connection.scalar(query)
        report = decode(Reported, body, STATE_LIMIT).streams.get(stream) if body else None
        return report.shown if report else None

    def newest_release(self, stream: str) -> int | None:
        """Return the number of the newest release the office has published of a stream."""
        category, agency = stream.split("/")
        query = select(func.max(releases.c.number)).where(releases.c.category == category, releases.c.agency == agency)
        with self._engine.connect() as connection:
            number: int | None = connection.scalar(query)
        return number

    def _page(self, path: str) -> str:
        try:
            with urlopen(self._stage.booth.url + path, timeout=HTTP_S) as answer:  # noqa: S310 - our own loopback address
                return html.unescape(answer.read().decode())
        except (URLError, OSError):
            return ""

    @property
    def playing(self) -> str | None:
        """Programme item that the player says is on, None for its slate."""
        item = self._fact("glass.json").get("item")
        return str(item) if item is not None else None

    def _fact(self, name: str) -> dict[str, object]:
        try:
            fact = json.loads((self._stage.booth.runtime / name).read_bytes())
        except (OSError, ValueError):
            return {}
        return fact if isinstance(fact, dict) else {}

    def _share(self, output: str, colour: Colour, below: float = 0.0) -> float:
        """Part of the pixels of a panel, or of what lies below a part of it, that have a colour, 0 to 1."""
        with Image.open(self._stage.picture(output)) as shot:
            picture = shot.convert("RGB").crop((0, round(shot.height * below), shot.width, shot.height))
        distance = ImageChops.difference(picture, Image.new("RGB", picture.size, colour))
        channels = [channel.point(lambda value: 255 if value <= NEAR else 0) for channel in distance.split()]
        near = ImageChops.darker(ImageChops.darker(channels[0], channels[1]), channels[2])
        return near.histogram()[255] / (picture.width * picture.height)

    @staticmethod
    def _same(shot: Path, still: Path) -> bool:
        with Image.open(shot) as one, Image.open(still) as other:
            picture = one.convert("RGB")
            wanted = other.convert("RGB").resize(picture.size)
        return max(ImageStat.Stat(ImageChops.difference(picture, wanted)).mean) < SAME
