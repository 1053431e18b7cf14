"""Configuration as the agent sees it: layers come with the assignment, what counts is stated, brokers are confirmed.

assignment ─► layers: for us? signed by operations? not older? ─► merged ─► effective.json
└─► brokers ─► confirmed commit ─► the link
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from appliance.config import commit
from appliance.config.commit import Committed
from appliance.config.files import ConfigFiles, follow_log_level
from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.identity import Identity
from appliance.sync.messages import Arrived, Connected, Disconnected, UseBrokers
from appliance.trust.time import Time
from mqtt.contract import topics
from mqtt.contract.configuration import Configuration, Kiosk, Network
from mqtt.contract.documents import decode
from mqtt.contract.duty import DutyOf
from mqtt.contract.envelopes import peek
from mqtt.contract.errors import ContractError
from mqtt.contract.layers import CONFIG_PAYLOAD_TYPE, LAYER_LIMIT, SEALED, KeyRefusal, Layer, Merged, fingerprint, merge
from mqtt.contract.names import LANGUAGES
from mqtt.contract.repository import Assignment
from mqtt.contract.state import ERRORS_KEPT, ConfigReport
from mqtt.contract.topics import Plane

KEEP_EVERY_S: Final = 5.0
"""How often the time that is left of a trial is made durable."""
_BROKERS: Final = "network.brokers"

_log = logging.getLogger(__name__)


def base_of(identity: Identity) -> Configuration:
    """Return what counts where no layer says anything: what the installer has set."""
    languages = tuple(language for language in identity.languages if language in LANGUAGES)
    network = Network(brokers=identity.brokers)
    return Configuration(kiosk=Kiosk(languages=languages), transfer=identity.transfer, network=network)


class Configured:
    """The only writer of ``config/``.

    Args:
        identity: Who we are.
        files: Where it is kept.
        duty_of: Who may say a path, by the newest regulation that was believed.
        time: Trusted time.
    """

    def __init__(self, identity: Identity, files: ConfigFiles, duty_of: DutyOf, time: Time) -> None:
        self._identity = identity
        self._files = files
        self._duty_of = duty_of
        self._time = time
        self._base = base_of(identity)
        self._merged = Merged(configuration=self._base, origins={}, refused=())
        self._revisions: dict[str, int] = {}
        self._refused: tuple[KeyRefusal, ...] = ()
        self._committed = commit.started(files.commit(), identity.brokers)
        self._stated: Configuration | None = files.effective()
        self._told = self._committed.in_use
        self._up = self._spoke = False
        self._at: float | None = None
        self._kept_at = float("-inf")
        if stated := self._stated:
            self._merged = msgspec.structs.replace(self._merged, configuration=stated)

    @property
    def configuration(self) -> Configuration:
        """What counts now."""
        network = msgspec.structs.replace(self._merged.configuration.network, brokers=self._committed.in_use)
        return msgspec.structs.replace(self._merged.configuration, network=network)

    @property
    def report(self) -> ConfigReport:
        """What the office is told."""
        return ConfigReport(
            revisions=dict(self._revisions),
            fingerprint=fingerprint(self.configuration),
            refused=(*self._refused, *self._merged.refused)[:ERRORS_KEPT],
            commit=self._committed.state,
        )

    def assigned(self, assignment: Assignment) -> None:
        """Follow the layers of an assignment that is believed.

        Raises:
            DeviceError: ``E_DISK``; what counted before counts on, try again.
        """
        opened, sealed = assignment.configuration_of(self._identity.booth)
        refused: list[KeyRefusal] = []
        kept = self._files.sealed()
        newest = self._newest(kept, sealed, refused)
        if newest != kept:
            self._files.keep_sealed(newest)
        layers = [*self._open(opened, refused), *self._sealed(newest, refused)]
        self._refused = tuple(refused)
        self._revisions = {f"{layer.label}{'/sealed' if sealed else ''}": layer.revision for layer, sealed in layers}
        self._merged = merge(self._base, layers)
        wanted = self._merged.configuration.network.brokers or self._identity.brokers
        token = f"{self._merged.origins.get(_BROKERS, '')}@{max(self._revisions.values(), default=0)}"
        within_s = float(self._merged.configuration.network.confirm_within_s)
        self._commit(commit.assigned(self._committed, wanted, token, within_s))
        self._state()

    def hear(self, event: object) -> None:
        """Follow the control link: the office counts as reached once its metadata come over it and are believed."""
        match event:
            case Connected(Plane.CONTROL):
                self._up, self._spoke = True, False
            case Disconnected(Plane.CONTROL):
                self._up = False
            case Arrived(Plane.CONTROL, topic) if topics.META.match(topic) is not None:
                self._spoke = self._up

    def believed(self) -> None:
        """What the office has said is believed.

        Raises:
            DeviceError: ``E_DISK``.
        """
        if self._spoke and self._told == self._committed.in_use:
            self._commit(commit.reached(self._committed))

    def tick(self, now: float) -> None:
        """Let time pass; ``now`` in seconds of a clock that never steps.

        A full disk does not keep a trial going: what is taken back is in use all the same, and a start tries once more.
        """
        seconds = now - self._at if self._at is not None else 0.0
        self._at = now
        if self._committed.trial is None:
            return
        after = commit.passed(self._committed, seconds)
        if after.trial is None or now >= self._kept_at + KEEP_EVERY_S:
            self._kept_at = now
            try:
                self._commit(after)
                self._state()
            except DeviceError as error:
                _log.warning("%s", error)
        self._committed = after

    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due at the latest."""
        trial = self._committed.trial
        if trial is None:
            return None
        return 0.0 if self._at is None else self._at + min(trial.left_s, KEEP_EVERY_S)

    def outgoing(self) -> list[UseBrokers]:
        """Return the brokers to use from now on, once."""
        if self._told == self._committed.in_use:
            return []
        self._told = self._committed.in_use
        self._up = self._spoke = False
        return [UseBrokers(self._told)]

    def begin(self) -> None:
        """Make durable what a start means for a trial, and state what counts; a full disk is tried again later."""
        try:
            self._files.keep_commit(self._committed)
            self._state()
        except DeviceError as error:
            _log.warning("%s", error)

    def _open(self, layers: Iterable[Layer], refused: list[KeyRefusal]) -> Iterator[tuple[Layer, bool]]:
        for layer in layers:
            if layer.is_for(self._identity.gate, self._identity.booth):
                yield layer, False
            else:
                refused.append(_refusal(layer.label, ErrorCode.AUDIENCE, "it is for others"))

    def _sealed(self, kept: Mapping[str, str], refused: list[KeyRefusal]) -> Iterator[tuple[Layer, bool]]:
        for label, envelope in kept.items():
            try:
                yield self._verified(envelope), True
            except ContractError as error:
                refused.append(_refusal(label, error.code, error.detail))

    def _newest(self, kept: dict[str, str], offered: Iterable[str], refused: list[KeyRefusal]) -> dict[str, str]:
        """Return the sealed layers that count from now on: one that is left out stays, one that is older is refused."""
        newest = dict(kept)
        for envelope in offered:
            try:
                layer = self._verified(envelope)
                before = newest.get(layer.label)
                if before is not None and layer.revision < _revision(before):
                    raise RefusedError(ErrorCode.ROLLBACK, f"{layer.label}: revision {layer.revision} is older")
                newest[layer.label] = envelope
            except ContractError as error:
                refused.append(_refusal("sealed", error.code, error.detail))
        return newest

    def _verified(self, envelope: str) -> Layer:
        layer, _ = SEALED.verify(envelope.encode(), self._duty_of, self._time.now().now)
        if not layer.is_for(self._identity.gate, self._identity.booth):
            raise RefusedError(ErrorCode.AUDIENCE, f"{layer.label} is for others")
        return layer

    def _commit(self, after: Committed) -> None:
        if after == self._committed:
            return
        self._files.keep_commit(after)
        if after.state is not self._committed.state:
            _log.warning("brokers: %s, %s", after.state, ", ".join(broker.host for broker in after.in_use))
        self._committed = after

    def _state(self) -> None:
        if self.configuration != self._stated:
            self._files.state(self.configuration)
            follow_log_level(self.configuration)
            self._stated = self.configuration


def _revision(envelope: str) -> int:
    return decode(Layer, peek(envelope.encode(), CONFIG_PAYLOAD_TYPE, SEALED.limit_bytes), LAYER_LIMIT).revision


def _refusal(layer: str, code: ErrorCode, detail: str) -> KeyRefusal:
    return KeyRefusal(key="*", code=code, detail=detail, layer=layer[:64])
