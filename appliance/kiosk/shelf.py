"""The content set that is shown, read once and kept; another one takes its place as a whole.

    content/current changes ─ watchdog ─→ queue ─→ one thread reads the new set ─→ pages see it from now on

A set that cannot be read changes nothing: readers keep the one they have.
"""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Self

from appliance.content.catalogue import Catalogue
from appliance.content.layout import Layout
from appliance.errors import RefusedError
from appliance.lib.facts import Watch

_log = logging.getLogger(__name__)


class Shelf:
    """Holds the catalogue that pages are made from.

    Args:
        layout: Paths under ``content/``.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._refusal = ""
        self.catalogue: Catalogue | None = None
        """What is shown; None before the first content set."""

    def look(self) -> None:
        """Take what ``current`` leads to; keep what is here when that cannot be read."""
        try:
            found = Catalogue.open(self._layout)
        except RefusedError as error:
            if str(error) != self._refusal:
                _log.error("%s; the pages stay as they are", error)
            self._refusal = str(error)
            return
        self._refusal = ""
        if found is not None:
            self.catalogue = found


class Follower:
    """Keeps a shelf at what is current; use as a context manager.

    Args:
        shelf: Filled once on entering, then whenever another set is shown.
        layout: Its ``root`` must exist.
        looked: Called after each look, on the thread of this.
    """

    def __init__(self, shelf: Shelf, layout: Layout, looked: Callable[[], None] = lambda: None) -> None:
        self._shelf = shelf
        self._looked = looked
        self._news: SimpleQueue[str | None] = SimpleQueue()
        self._watch = Watch([layout.current], self._news.put)
        self._thread = Thread(target=self._follow, name="follower", daemon=True)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        self._shelf.look()
        self._news.put("")  # the first look is followed up like the others, without keeping the first page waiting
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._watch.__exit__(*exc)
        self._news.put(None)
        self._thread.join()

    def _follow(self) -> None:
        while self._news.get() is not None:
            try:
                self._shelf.look()
                self._looked()
            except Exception:  # noqa: BLE001 - the one broad catch of this loop; pages go on with what they have
                _log.exception("the new content set was not looked at")
