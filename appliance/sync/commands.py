"""Commands as the agent sees them: judged, remembered, done once, answered however often they come.

cmd/{name} ─► signed by operations? for us? in time? ─► taken before? ── yes ─► the same answer
└─ no ─► on disk ─► Do ─► Did ─► res/{name}
"""

import logging
from collections import deque
from datetime import timedelta
from typing import Final

import msgspec

from appliance.commands.taken import TakenFolder
from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.sync.messages import Did, Do, Outgoing, Publish
from appliance.trust.time import Time
from mqtt.contract import topics
from mqtt.contract.commands import COMMAND_LIMIT, COMMAND_PAYLOAD_TYPE, Command, Outcome, Result
from mqtt.contract.documents import encode
from mqtt.contract.duty import DutyOf, Envelope
from mqtt.contract.names import BoothId
from mqtt.contract.topics import Plane

AHEAD: Final = timedelta(minutes=5)
FORGET_EVERY_S: Final = 3600.0
_SEALED: Final = Envelope(
    Command, COMMAND_PAYLOAD_TYPE, COMMAND_LIMIT, lambda command: f"command/{command.name}/{command.booth}"
)

_log = logging.getLogger(__name__)


class Commands:
    """Takes commands and answers them.

    Args:
        booth: Who we are.
        folder: What was taken.
        duty_of: Who may say a path, by the newest regulation that was believed.
        time: Trusted time.
    """

    def __init__(self, booth: BoothId, folder: TakenFolder, duty_of: DutyOf, time: Time) -> None:
        self._booth = booth
        self._folder = folder
        self._duty_of = duty_of
        self._time = time
        self._forget_at = 0.0
        self.outgoing: deque[Outgoing] = deque()
        for command, result in folder.interrupted():
            self._answer(command, result)

    def take(self, topic: str, payload: bytes) -> bool:
        """Take a message if it is a command; False leaves it to others.

        Raises:
            ContractError: ``E_AUTHORITY``, ``E_SIGNATURE``, ``E_THRESHOLD``, ``E_AUDIENCE``, ``E_EXPIRED``,
                ``E_FUTURE``, or it cannot be read. Nothing is done.
            DeviceError: ``E_DISK``; it cannot be remembered, so it is not done.
        """
        found = topics.COMMAND.match(topic)
        if found is None:
            return False
        belief = self._time.now()
        command, _ = _SEALED.verify(payload, self._duty_of, belief.now)
        if (command.booth, command.booth, command.name) != (self._booth, found["booth"], found["name"]):
            raise RefusedError(ErrorCode.AUDIENCE, f"command {command.id} is {command.name} for {command.booth}")
        if before := self._folder.result(command.id):
            self._answer(command, before)
            return True
        if belief.now >= command.expires:
            raise RefusedError(ErrorCode.EXPIRED, f"command {command.id} was to be done until {command.expires}")
        if belief.trusted and command.sent > belief.now + AHEAD:
            raise RefusedError(ErrorCode.FUTURE, f"command {command.id} says it was sent at {command.sent}")
        begun = Result(id=command.id, booth=self._booth, outcome=Outcome.RUNNING)
        self._keep(command, begun)
        _log.info("command %s: %s", command.id, command.name)
        self._answer(command, begun)
        self.outgoing.append(Do(command))
        return True

    def did(self, event: Did) -> None:
        """Something has become of a command."""
        result = event.result
        if result.outcome is not Outcome.RUNNING:
            try:
                self._keep(event.command, result)
            except DeviceError as error:
                _log.warning("%s", error)
        self._answer(event.command, result)

    def tick(self, now: float) -> None:
        """Forget what is long over, now and then; ``now`` never steps."""
        if now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY_S
            self._folder.forget(self._time.now().now)

    def take_outgoing(self) -> list[Outgoing]:
        """Return what is to be done now, once."""
        messages = list(self.outgoing)
        self.outgoing.clear()
        return messages

    def _keep(self, command: Command, result: Result) -> None:
        try:
            self._folder.keep(command, result)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"command {command.id}: {error.strerror}") from error

    def _answer(self, command: Command, result: Result) -> None:
        topic = topics.RESULT.at(booth=self._booth, name=command.name)
        payload = encode(result)
        if len(payload) > topics.RESULT.limit_bytes:
            payload = encode(msgspec.structs.replace(result, outcome=Outcome.FAILED, code=ErrorCode.SIZE, data=b""))
        self.outgoing.append(
            Publish(
                Plane.CONTROL, topic, payload, topics.RESULT.qos, topics.RESULT.retain, topics.RESULT.expiry_s,
                command.id.encode(),
            )
        )  # fmt: skip
