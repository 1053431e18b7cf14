"""What may be shown at one moment: the content set, the items in force at this gate, and how far the clock is believed.

An untrusted clock only gives a day that has certainly come. Each release then shows its evergreen items (begun, without
an end); one that has none shows those that are not certainly over, so that nobody stands before an empty page.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from appliance.content.catalogue import Catalogue, Item
from appliance.kiosk.shelf import Shelf
from appliance.kiosk.stick import UsbSign
from appliance.lib.clock import Clock
from appliance.notices.folder import Folder
from appliance.notices.force import in_force as announced_at
from appliance.sticks import StickNotice
from mqtt.contract.items import ItemDocument
from mqtt.contract.names import LANGUAGES, GateId
from mqtt.contract.notices import Notice

CATEGORIES: Final = (
    "essentials",
    "city",
    "law",
    "sovereignty",
    "friendship",
    "cooperation",
    "events",
    "clarifications",
    "publications",
)
"""In the order of the home page; categories that came later follow by name."""


def _begun(document: ItemDocument, day: date) -> bool:
    return document.valid_from <= day


def _endless(document: ItemDocument, _: date) -> bool:
    return document.valid_until is None


def _not_over(document: ItemDocument, day: date) -> bool:
    return document.valid_until is None or day <= document.valid_until


_Rule = Callable[[ItemDocument, date], bool]
_LADDER: Final[tuple[tuple[_Rule, ...], ...]] = ((_begun, _endless), (_begun, _not_over), (_not_over,))
"""How an untrusted clock decides: the first step that leaves a release anything is taken."""


def in_force(catalogue: Catalogue, gate: GateId, day: date, *, trusted: bool) -> tuple[Item, ...]:
    """Return the items to show at a gate, in merged order.

    Args:
        catalogue: The content set.
        gate: Where the booth stands.
        day: Today in the gate's zone; when not ``trusted``, a day that has certainly come.
        trusted: Whether the clock may be believed.
    """
    if trusted:
        return catalogue.shown(gate, day)
    here = [item for item in catalogue.items if "*" in item.document.gates or gate in item.document.gates]
    streams = {_stream(item) for item in here}
    shown = {item.path for stream in streams for item in _evergreen([i for i in here if _stream(i) == stream], day)}
    return tuple(item for item in here if item.path in shown)


def _evergreen(items: Iterable[Item], day: date) -> list[Item]:
    steps = ([item for item in items if all(rule(item.document, day) for rule in step)] for step in _LADDER)
    return next((step for step in steps if step), [])


def _stream(item: Item) -> str:
    return f"{item.document.category}/{item.document.agency}"


@dataclass(frozen=True)
class Edition:
    """One moment's view of the content.

    Attributes:
        catalogue: None before the first content set.
        items: In force, in merged order.
        notice: What is to be said of a stick.
        notices: In force now, most urgent first.
        languages: Offered, in this order.
        named: The booth's name while somebody asks which one it is.
    """

    catalogue: Catalogue | None
    items: tuple[Item, ...]
    day: date
    trusted: bool
    notice: StickNotice | None = None
    notices: tuple[Notice, ...] = ()
    languages: tuple[str, ...] = LANGUAGES
    named: str | None = None

    @property
    def version(self) -> str:
        """Changes whenever an open page could look different."""
        number = self.catalogue.number if self.catalogue else 0
        said = f".{self.notice.version}" if self.notice else ""
        announced = "".join(f".{notice.id}" for notice in self.notices)
        return (
            f"{number}.{self.day:%Y%m%d}.{self.trusted:d}.{'-'.join(self.languages)}{said}{announced}{self.named or ''}"
        )

    @property
    def updated(self) -> datetime | None:
        """When the newest release was issued; None without content."""
        return max((head.issued for head in self.catalogue.heads), default=None) if self.catalogue else None

    @cached_property
    def categories(self) -> dict[str, tuple[Item, ...]]:
        """Items by category; only categories that have any, in the order of the home page."""
        found = {item.document.category for item in self.items}
        order = [name for name in CATEGORIES if name in found] + sorted(found.difference(CATEGORIES))
        return {name: tuple(item for item in self.items if item.document.category == name) for name in order}

    def item(self, path: str) -> Item | None:
        """Return an item in force by ``category/agency/slug``."""
        return next((item for item in self.items if item.path == path), None)


class Desk:
    """Gives the edition of this moment.

    Args:
        shelf: Where the content set is kept.
        clock: Trusted time.
        gate: Where the booth stands.
        zone: Zone in which its days begin.
        sign: What is said of sticks; None says nothing.
        notices: What officers announce; None announces nothing.
        languages: Those offered now, in their order.
        named: The booth's name while somebody asks which one it is.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all that a page is made from
        self,
        shelf: Shelf,
        clock: Clock,
        gate: GateId,
        zone: ZoneInfo,
        sign: UsbSign | None = None,
        notices: Folder | None = None,
        languages: Callable[[], tuple[str, ...]] = lambda: LANGUAGES,
        named: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._named = named
        self._sign = sign
        self._notices = notices
        self.languages = languages
        self._shelf = shelf
        self._clock = clock
        self.gate = gate
        self.zone = zone

    def edition(self) -> Edition:
        """Look at shelf and clock."""
        now, trusted = self._clock.read()
        day = now.astimezone(self.zone).date()
        catalogue = self._shelf.catalogue
        items = in_force(catalogue, self.gate, day, trusted=trusted) if catalogue else ()
        kept = self._notices.notices() if self._notices else ()
        announced = announced_at(kept, self.gate, now, trusted=trusted)
        said = self._sign.notice() if self._sign else None
        return Edition(catalogue, items, day, trusted, said, announced, self.languages(), self._named())
