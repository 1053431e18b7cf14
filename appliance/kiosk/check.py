"""Whether the pages of a new content set can be made: the kiosk asks itself and states the answer; no network needed.

    another set ──► "checking" ──► home, and one item of each stream, in every language ──► holds, or what does not

Should the process die while it looks, "checking" stays; after the second time in a row the set does not hold.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask import Flask

from appliance.content.catalogue import Item
from appliance.kiosk.app import HOSTS
from appliance.kiosk.edition import Desk
from appliance.lib import facts
from appliance.lib.health import HealthFact

ATTEMPTS: Final = 2
_OK: Final = 200

_log = logging.getLogger(__name__)


class Check:
    """The writer of ``health/kiosk.json``.

    Args:
        path: Its folder must exist.
        app: Whose pages are made.
        desk: What they are made from.
    """

    def __init__(self, path: Path, app: Flask, desk: Desk) -> None:
        self._path = path
        self._client = app.test_client()
        self._desk = desk
        self._said = facts.read(path, HealthFact)

    def run(self) -> None:
        """Look at the set that is shown now, unless it has been looked at."""
        catalogue = self._desk.edition().catalogue
        number = catalogue.number if catalogue else None
        before = self._said
        attempts = 1
        if before is not None and before.set == number:
            if not before.checking:
                return
            attempts = before.attempts + 1
        if attempts > ATTEMPTS:
            self._say(HealthFact(set=number, holds=False, attempts=attempts, detail="the kiosk died with it"))
            return
        self._say(HealthFact(set=number, holds=True, checking=True, attempts=attempts))
        self._say(self._looked_at(number, attempts))

    def _looked_at(self, number: int | None, attempts: int) -> HealthFact:
        for stream, address in self._addresses():
            status = self._client.get(address, base_url=f"http://{HOSTS[0]}").status_code
            if status != _OK:
                detail = f"{address} gives {status}"
                return HealthFact(set=number, holds=False, attempts=attempts, stream=stream, detail=detail)
        return HealthFact(set=number, holds=True, attempts=attempts)

    def _addresses(self) -> Iterator[tuple[str | None, str]]:
        first: dict[str, Item] = {}
        for item in self._desk.edition().items:
            first.setdefault(item.path.rpartition("/")[0], item)
        for language in self._desk.languages():
            for stream, item in first.items():
                yield stream, f"/{language}/{item.path}"
        for language in self._desk.languages():
            yield None, f"/{language}"

    def _say(self, said: HealthFact) -> None:
        if not said.holds:
            _log.error("content set %s does not hold: %s", said.set, said.detail)
        self._said = said
        facts.write(self._path, said)
