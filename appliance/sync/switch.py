"""The switch: which releases are shown together, and one rename when that changes.

    shown before ∪ ready, as far as assigned ──► store.activate ──► page, screen and search follow

A release that cannot be shown is refused by itself; the others switch without it.
"""

from appliance.content.store import Store
from appliance.errors import RefusedError
from mqtt.contract.releases import ReleaseHead


class Switch:
    """Collects what is ready and activates it.

    Args:
        store: Content on disk.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: tuple[str, ...] | None = None
        self._order: tuple[str, ...] = ()
        self._ready: dict[str, int] = {}
        self.switched = False

    def assigned(self, streams: tuple[str, ...], order: tuple[str, ...]) -> None:
        """Show these streams and no others, agencies in this order."""
        self._streams = streams
        self._order = order

    def ready(self, head: ReleaseHead) -> None:
        """Show this release with the next :meth:`run`; it lies complete on disk."""
        self._ready[head.stream] = head.number

    def run(self) -> dict[str, RefusedError]:
        """Activate what is ready, all at once; returns the releases that cannot be shown, by stream.

        Raises:
            DeviceError: ``E_DISK``; what is ready stays ready.
        """
        self.switched = False
        if self._streams is None:
            return {}
        before = self._store.shown()
        shown = {name: number for name, number in (before.releases if before else {}).items() if name in self._streams}
        wanted = shown | {name: number for name, number in self._ready.items() if name in self._streams}
        if before and (wanted, self._order) == (before.releases, before.order):
            self._ready.clear()
            return {}
        if not wanted and before is None:
            return {}
        refused: dict[str, RefusedError] = {}
        try:
            self._activate(wanted)
        except RefusedError as error:
            refused = dict.fromkeys(self._ready, error) if len(self._ready) <= 1 else self._one_by_one(shown)
        self._ready.clear()
        return refused

    def _one_by_one(self, shown: dict[str, int]) -> dict[str, RefusedError]:
        refused: dict[str, RefusedError] = {}
        for name, number in self._ready.items():
            try:
                self._activate(shown | {name: number})
                shown |= {name: number}
            except RefusedError as error:
                refused[name] = error
        return refused

    def _activate(self, releases: dict[str, int]) -> None:
        self._store.activate(releases, self._order)
        self.switched = True
