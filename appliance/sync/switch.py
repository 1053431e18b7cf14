"""The switch: which releases are shown together, and one rename when that changes.

    shown before ∪ ready, as far as assigned ──► stage ──► Prepare … Prepared ──► show ──► page, screen, search follow
                                                   │                    │
                                                   └── refused ◄────────┘ without the culprit, or one by one

One preparation at a time; what becomes ready meanwhile waits for the next. A release that cannot be shown is refused
by itself; the others switch without it.
"""

from collections import Counter, deque
from typing import Final

from appliance.content.store import Store
from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.sync.messages import Prepare, Prepared
from mqtt.contract.errors import ContractError
from mqtt.contract.releases import ReleaseHead

TRIES: Final = 3
"""So often may a preparation die without a verdict; then the release is refused."""

Refused = tuple[int, ContractError]
"""Number of a release that cannot be shown, and why."""


class Switch:
    """Collects what is ready, asks for its preparation and shows it.

    Args:
        store: Content on disk.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._streams: tuple[str, ...] | None = None
        self._order: tuple[str, ...] = ()
        self._ready: dict[str, int] = {}
        self._barred: set[str] = set()
        self._singly: deque[str] = deque()
        self._staged: tuple[int, dict[str, int]] | None = None
        self._deaths: Counter[tuple[str, int]] = Counter()
        self.asked: Prepare | None = None
        """A preparation to be started; taken by :meth:`take_asked`."""
        self.switched = False
        self._paused = False

    def assigned(self, streams: tuple[str, ...], order: tuple[str, ...]) -> None:
        """Show these streams and no others, agencies in this order."""
        self._streams = streams
        self._order = order

    def ready(self, head: ReleaseHead) -> None:
        """Show this release as soon as it is prepared; it lies complete on disk."""
        self._ready[head.stream] = head.number

    def bar(self, stream: str) -> None:
        """Leave a stream out until it has a release that is ready: what is shown of it does not hold."""
        self._barred.add(stream)

    def resume(self) -> None:
        """Try again what this device could not do."""
        self._paused = False

    @property
    def waiting(self) -> dict[str, int]:
        """Releases that lie complete on disk and are not shown yet: not garbage."""
        return self._ready | (self._staged[1] if self._staged else {})

    @property
    def preparing(self) -> bool:
        """Whether a set is being prepared: what will be shown is not settled yet."""
        return self._staged is not None

    def take_asked(self) -> Prepare | None:
        """Return the preparation that is to be started now, once."""
        asked, self.asked = self.asked, None
        return asked

    def run(self) -> dict[str, Refused]:
        """Stage what is ready and ask for its preparation; returns the releases that cannot be shown, by stream.

        After a preparation that could not be done nothing happens until :meth:`resume`.

        Raises:
            DeviceError: ``E_DISK``; what is ready stays ready.
        """
        self.switched = False
        refused: dict[str, Refused] = {}
        while self._staged is None and self._streams is not None and not self._paused:
            shown = self._kept()
            news = self._news()
            wanted = shown | news
            before = self._store.shown()
            if (before is None and not wanted) or (before and (wanted, self._order) == (before.releases, before.order)):
                self._done_with(news)
                if not self._ready:
                    break
                continue
            try:
                number = self._store.sets.stage(wanted, self._order)
            except RefusedError as error:
                refused |= self._blame(None, news, error)
                if not news:
                    break
                continue
            self._staged = number, news
            self.asked = Prepare(number)
        return refused

    def prepared(self, result: Prepared) -> dict[str, Refused]:
        """Show the set that was prepared, or find out who is to blame; returns the releases refused, by stream.

        Raises:
            DeviceError: It cannot be done now; what is ready stays ready, :meth:`run` again later.
        """
        self.switched = False
        if self._staged is None or result.set != self._staged[0]:
            return {}
        number, news = self._staged
        self._staged = None
        try:
            if result.error is None:
                self._store.sets.show(number)
                self.switched = True
                self._barred -= news.keys()
                self._done_with(news)
                return {}
            self._store.sets.drop(number)
            if isinstance(result.error, RefusedError):
                return self._blame(result.stream, news, result.error)
            return self._died(result.stream, news, result.error)
        except DeviceError:
            self._paused = True
            if result.error is None:
                self._store.sets.drop(number)
            raise

    def _kept(self) -> dict[str, int]:
        before = self._store.shown()
        streams = set(self._streams or ()) - self._barred
        return {name: number for name, number in (before.releases if before else {}).items() if name in streams}

    def _news(self) -> dict[str, int]:
        assigned = set(self._streams or ())
        self._ready = {name: number for name, number in self._ready.items() if name in assigned}
        while self._singly and self._singly[0] not in self._ready:
            self._singly.popleft()
        if self._singly:
            return {self._singly[0]: self._ready[self._singly[0]]}
        return dict(self._ready)

    def _done_with(self, news: dict[str, int]) -> None:
        for name, number in news.items():
            self._deaths.pop((name, number), None)
            if self._ready.get(name) == number:
                del self._ready[name]

    def _blame(self, stream: str | None, news: dict[str, int], error: ContractError) -> dict[str, Refused]:
        """Refuse the culprit; when it is unknown among several, try them one by one."""
        if stream not in news and len(news) > 1:
            self._singly = deque(sorted(news))
            return {}
        culprits = [stream] if stream in news else list(news)
        refused = {name: (news[name], error) for name in culprits if name is not None}
        self._done_with({name: news[name] for name in refused})
        return refused

    def _died(self, stream: str | None, news: dict[str, int], error: ContractError) -> dict[str, Refused]:
        if error.code is not ErrorCode.PREPARE:
            raise DeviceError(error.code, error.detail)
        blamed = {stream: news[stream]} if stream in news and stream is not None else news
        self._deaths.update(blamed.items())
        if blamed and min(self._deaths[one] for one in blamed.items()) >= TRIES:
            return self._blame(stream, news, RefusedError(error.code, error.detail))
        raise DeviceError(error.code, error.detail)
