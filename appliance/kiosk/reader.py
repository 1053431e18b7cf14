"""Who reads: the language chosen, the group of visitors chosen, and how words, days and addresses look to them.

/{language}                           home             ?for={group} narrows to a group of visitors
/{language}/{category}
/{language}/{category}/{agency}/{slug}
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from appliance.content.catalogue import Item
from appliance.lib.words import Words
from mqtt.contract.names import VISITORS

EVERYONE: Final = "everyone"
GROUPS: Final = tuple(group for group in VISITORS if group != EVERYONE)
_KILOBYTE: Final = 1000


@dataclass(frozen=True)
class Reader:
    """One reader, for one page.

    Attributes:
        language: One of the words' languages.
        group: Group of visitors to narrow to, None for all.
        zone: Zone in which moments are told.
    """

    words: Words
    language: str
    zone: ZoneInfo
    group: str | None = None

    def say(self, key: str, **values: str | int) -> str:
        """Return a phrase of the booth in the reader's language."""
        return self.words.say(self.language, key, **values)

    def name(self, table: str, name: str) -> str:
        """Return the name of a category, agency or gate; its own letters when the booth has no word for it yet."""
        key = f"{table}.{name}"
        return self.say(key) if key in self.words.keys(self.language) else name.replace("-", " ").capitalize()

    def day(self, day: date) -> str:
        """Return a day as people of this language write it."""
        return format_date(day, self.say("dates.day"), locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """Return a moment in the gate's zone."""
        here = moment.astimezone(self.zone)
        return format_datetime(here.replace(tzinfo=None), self.say("dates.moment"), locale=self._locale)

    def size(self, size_bytes: int) -> str:
        """Return the size of a file."""
        kilobytes = max(1, round(size_bytes / _KILOBYTE))
        if kilobytes < _KILOBYTE:
            return self.say("item.kilobytes", size=kilobytes)
        megabytes = format_decimal(kilobytes / _KILOBYTE, format="0.0", locale=self._locale)
        return self.say("item.megabytes", size=megabytes)

    def is_served_by(self, item: Item) -> bool:
        """Whether an item is for the group the reader belongs to."""
        return self.group is None or not {self.group, EVERYONE}.isdisjoint(item.document.visitors)

    def link(self, *parts: str) -> str:
        """Return the address of a page below the reader's home, keeping the group."""
        return (
            "/"
            + "/".join((self.language, *(quote(part, safe="") for part in parts)))
            + (f"?for={self.group}" if self.group else "")
        )

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)
