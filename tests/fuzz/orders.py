"""What officers say to booths, spoilt: notices, commands and layers of the configuration, sealed and open.

What is accepted was signed by somebody competent, word for word; what counts of a layer keeps within its own bounds.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace
from securesystemslib.signer import CryptoSigner

from appliance.commands.taken import TakenFolder
from appliance.notices.folder import Folder
from appliance.notices.force import in_force
from appliance.sync.commands import Commands
from appliance.sync.messages import Do
from appliance.sync.notices import Notices
from appliance.trust.time import Belief
from mqtt.contract import topics
from mqtt.contract.commands import COMMAND_PAYLOAD_TYPE, Command, CommandName
from mqtt.contract.configuration import Configuration, keys
from mqtt.contract.documents import decode, encode
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError
from mqtt.contract.layers import LAYER_LIMIT, Layer, Scope, check_key, merge, read_values, split
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, MessageType, Notice, NoticeText, Status, Urgency
from tests.fuzz.mutation import spoil
from tests.fuzz.target import Parser, must

NOW: Final = datetime(2026, 11, 25, 5, tzinfo=UTC)
BOOTH, GATE = "cb-01", "cat-bi"
_LAYERS: Final = (
    '[screen]\nvolume_percent = 40\nnotice_seconds = 8\n[kiosk]\nlanguages = ["vi", "lo"]\n',
    '[transfer]\nrate_limit = 20000\nwindows = [{ begins = "22:00", ends = "05:00", rate_limit = 0 }]\n',
    '[network]\nconfirm_within_s = 60\nbrokers = [{ host = "a.example", control = 1 }]\n[log]\nlevel = "debug"\n',
)


class Time:
    """It is noon, and that is certain."""

    @staticmethod
    def now() -> Belief:
        """Return it."""
        return Belief(NOW, "ntp", trusted=True)

    def hear(self, *_: object) -> None:
        """Nobody is heard."""

    def new_epoch(self, epoch: int) -> None:
        """Nothing begins anew."""


class _Officers:
    """Two on duty and one for operations; and somebody else."""

    def __init__(self) -> None:
        self.duty = [CryptoSigner.generate_ed25519() for _ in range(2)]
        self.operations = CryptoSigner.generate_ed25519()
        self.stranger = CryptoSigner.generate_ed25519()

    def of(self, path: str) -> Delegated | None:
        """Tell whose duty a path is."""
        if path.startswith(f"notice/{GATE}/"):
            return Delegated("dic-duty", tuple(one.public_key for one in self.duty), 2)
        if path.startswith(("command/", "config/")):
            return Delegated("operations", (self.operations.public_key,), 1)
        return None


class NoticeTarget:
    """The agent's part for notices on a disk of its own; a case is a line with the topic, then the envelope."""

    def __init__(self, folder: Path) -> None:
        officers = _Officers()
        self._folder = Folder(folder / "notices")
        self._told: list[str] = []
        self._notices = Notices(
            GATE, self._folder, officers.of, Time(), lambda _, body: self._told.append(body["notice"])
        )
        first = Notice(
            id="weather-first", agency="dic", gate=GATE, kind="weather", status=Status.ACTUAL, type=MessageType.ALERT,
            urgency=Urgency.URGENT, sent=NOW, expires=NOW + timedelta(hours=6),
            texts={"vi": NoticeText(headline="Sương mù"), "en": NoticeText(headline="Fog")},
        )  # fmt: skip
        self._genuine = {
            one.id: one
            for one in (
                first,
                replace(first, id="weather-exercise", status=Status.EXERCISE),
                replace(first, id="weather-test", status=Status.TEST),
                replace(first, id="weather-later", type=MessageType.UPDATE, supersedes=("weather-first",)),
                replace(first, id="weather-gone", type=MessageType.CANCEL, supersedes=("weather-later",), texts={}),
            )
        }
        wrong = (replace(first, agency="police"), replace(first, gate="*"), replace(first, id="weather-foreign"))
        self._samples = [self._sealed(one, *officers.duty) for one in self._genuine.values()] * 3
        self._samples += [self._sealed(one, officers.stranger, officers.duty[0]) for one in wrong]
        self._samples += [self._sealed(first, officers.duty[0], officers.duty[0])]

    @staticmethod
    def _sealed(notice: Notice, *signers: CryptoSigner) -> tuple[str, bytes]:
        topic = topics.NOTICE.at(gate=GATE, id=notice.id)
        return topic, seal(encode(notice), NOTICE_PAYLOAD_TYPE, signers)

    def case(self, dice: random.Random) -> bytes:
        """A spoilt notice on its topic, or a whole one on another's."""
        topic, payload = dice.choice(self._samples)
        if dice.random() < 0.1:
            return dice.choice(self._samples)[0].encode() + b"\n" + payload
        return topic.encode() + b"\n" + spoil(dice, [payload])

    def accepts(self, case: bytes) -> bool:
        """Offer it; whatever is kept then was signed by both officers."""
        name, _, payload = case.partition(b"\n")
        before = len(self._told)
        try:
            self._notices.take(name.decode("utf-8", "replace"), payload)
        except ContractError:
            return False
        for kept in self._folder.notices():
            must(self._genuine.get(kept.id) == kept, "what is kept was signed, word for word")
        shown = in_force(self._folder.notices(), GATE, NOW, trusted=True)
        must(all(one.status is not Status.TEST and one.texts for one in shown), "no test and no cancellation is shown")
        must(len(set(self._told)) == len(self._told), "each is told of once")
        return len(self._told) > before or bool(payload)


class CommandTarget:
    """The agent's part for commands; a case is a line with the topic, then the envelope."""

    def __init__(self, folder: Path) -> None:
        officers = _Officers()
        self._commands = Commands(BOOTH, TakenFolder(folder / "commands"), officers.of, Time())
        genuine = [
            Command(id=f"{name}-order-1", booth=BOOTH, name=name, sent=NOW, expires=NOW + timedelta(minutes=5))
            for name in CommandName
        ]
        self._genuine = {one.id: one for one in genuine}
        self._done: set[str] = set()
        stale = replace(genuine[0], id="stale-order-1", sent=NOW - timedelta(hours=2), expires=NOW - timedelta(hours=1))
        others = (stale, replace(genuine[0], booth="cb-02", id="other-order-1"))
        self._samples = [self._sealed(one, officers.operations) for one in (*genuine, *others)]
        self._samples += [self._sealed(replace(genuine[1], id="stranger-order"), officers.stranger)]

    @staticmethod
    def _sealed(command: Command, signer: CryptoSigner) -> tuple[str, bytes]:
        topic = topics.COMMAND.at(booth=command.booth, name=command.name)
        return topic, seal(encode(command), COMMAND_PAYLOAD_TYPE, [signer])

    def case(self, dice: random.Random) -> bytes:
        """A spoilt command on its topic, or a whole one on another's."""
        topic, payload = dice.choice(self._samples)
        if dice.random() < 0.1:
            return dice.choice(self._samples)[0].encode() + b"\n" + payload
        return topic.encode() + b"\n" + spoil(dice, [payload])

    def accepts(self, case: bytes) -> bool:
        """Offer it; whatever is to be done then was ordered, and is done once."""
        name, _, payload = case.partition(b"\n")
        try:
            taken = self._commands.take(name.decode("utf-8", "replace"), payload)
        except ContractError:
            must(not self._commands.take_outgoing(), "a refusal does nothing")
            return False
        for message in self._commands.take_outgoing():
            if isinstance(message, Do):
                must(self._genuine.get(message.command.id) == message.command, "it was ordered, word for word")
                must(message.command.id not in self._done, "it is done once")
                self._done.add(message.command.id)
        return taken


def layer_file(_: Path) -> Parser:
    """Drafts of layers as people write them: what is read is within the schema, and merges without a refusal."""

    def read(case: bytes) -> None:
        values = read_values(case)
        layer = Layer(scope=Scope.ALL, name="all", revision=1, issued=NOW, values=values)
        merged = merge(Configuration(), [(layer, True)])
        must(not merged.refused, "what the office reads, booths take")
        _must_hold(merged.configuration)
        opened, sealed = split(values)
        must(not any(keys()[f"{section}.{key}"].protected for section, part in opened.items() for key in part), "open")
        must(all(keys()[f"{section}.{key}"].protected for section, part in sealed.items() for key in part), "sealed")

    return Parser([text.encode() for text in _LAYERS], read)


def layer_document(_: Path) -> Parser:
    """Layers as booths get them, spoilt after the office: whatever they say, what counts keeps within its bounds."""
    samples = [
        encode(Layer(scope=Scope.BOOTH, name=BOOTH, revision=2, issued=NOW, values=read_values(text.encode())))
        for text in _LAYERS
    ]

    def read(case: bytes) -> None:
        layer = decode(Layer, case, LAYER_LIMIT)
        for sealed in (False, True):
            merged = merge(Configuration(), [(layer, sealed)])
            _must_hold(merged.configuration)
            refused = {one.key for one in merged.refused}
            must(not refused & set(merged.origins), "a key is refused or counts")
            if not sealed:
                must(merged.configuration.network == Configuration().network, "protected keys are not open")

    return Parser(samples, read)


def _must_hold(configuration: Configuration) -> None:
    again = msgspec.convert(msgspec.to_builtins(configuration), Configuration)
    must(again == configuration, "it can be read again")
    for path in keys():
        section, _, key = path.partition(".")
        check_key(path, msgspec.to_builtins(getattr(getattr(configuration, section), key)), sealed=True)
