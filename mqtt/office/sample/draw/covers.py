"""Which subject stands on the cover of an item: decided by the words of its slug, else by its category."""

from collections.abc import Callable
from typing import Final

from PIL import Image

from mqtt.office.sample.draw.pen import HEIGHT, WIDTH, Sheet
from mqtt.office.sample.draw.scenes import days, law, place, travel, work

Scene = Callable[[Sheet], None]
COLOURS: Final = 256

SUBJECTS: Final[tuple[tuple[str, Scene], ...]] = (
    ("entry", travel.entry),
    ("money", travel.money),
    ("roaming", travel.roaming),
    ("transport-from-cat-bi", travel.taxis),
    ("transport-from-port", travel.port_bus),
    ("emergency", travel.emergency),
    ("health", travel.health),
    ("customs", travel.customs),
    ("driver-papers", work.truck_papers),
    ("parking-weighing", work.weighing),
    ("shore-pass", work.shore_pass),
    ("seafarers", work.seafarer_and_agent),
    ("first-steps", work.first_steps),
    ("announcements", work.announcement),
    ("cat-ba", place.bay),
    ("in-brief", place.blossoms),
    ("food", place.noodles),
    ("sea-and-islands", place.sea_and_islands),
    ("gate-rules", law.lane),
    ("leaving", law.keepsakes),
    ("stay", law.reception),
    ("greetings", days.dances),
    ("buffalo", days.buffalo),
    ("investment", work.investing),
)
"""Part of a slug → scene; the first that fits."""

OF_CATEGORY: Final[dict[str, Scene]] = {
    "city": place.theatre,
    "sovereignty": place.boundary_stone,
    "law": work.documents,
    "essentials": days.guide_desk,
    "publications": days.booklets,
    "friendship": work.handshake,
    "events": days.festival,
    "clarifications": work.scam,
    "cooperation": work.meeting,
}


def scene_of(path: str) -> Scene:
    """Return the scene for the cover of the item ``category/agency/slug``."""
    category, _, slug = path.split("/")
    return next((scene for part, scene in SUBJECTS if part in slug), OF_CATEGORY.get(category, place.bay))


def cover(path: str, scale: float = 1.0) -> Image.Image:
    """Draw the cover of an item, 1600 × 900 pixels at scale 1."""
    sheet = Sheet(round(WIDTH * scale), round(HEIGHT * scale))
    scene_of(path)(sheet)
    return few_colours(sheet.finish())


def few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette, which a flat drawing hardly shows and a slow line feels."""
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)
