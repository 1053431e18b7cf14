"""An edit as an officer makes one: a new title, a new cover, a new still, in colours that nothing else has."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

ITEM: Final = "essentials/dic/money"
STREAM: Final = "essentials/dic"
STILL: Final = "programme/dic/welcome.png"

Colour = tuple[int, int, int]

_TITLE: Final = re.compile(r'^title = "(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Edit:
    """What is written into the English title, and painted over cover and still."""

    title: str
    colour: Colour

    def make(self, content: Path) -> None:
        """Edit the content folder."""
        text = content / ITEM / "en.md"
        text.write_text(_TITLE.sub(f'title = "{self.title}"', text.read_text("utf-8"), count=1), "utf-8")
        for file in (content / ITEM / "cover.png", content / STILL):
            with Image.open(file) as picture:
                size = picture.size
            Image.new("RGB", size, self.colour).save(file)


def title_of(text: Path) -> str:
    """Return the title in a text's front matter.

    Raises:
        ValueError: It has none.
    """
    found = _TITLE.search(text.read_text("utf-8"))
    if found is None:
        raise ValueError(f"{text.name} has no title")
    return found[1]
