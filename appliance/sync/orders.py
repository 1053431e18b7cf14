"""What the office and its officers say to a booth besides its content; each part has a rule of its own.

notices ─► notices/        configuration ─► config/
"""

from appliance.sync.commands import Commands
from appliance.sync.configured import Configured
from appliance.sync.messages import Arrived, Did, Incoming, Outgoing
from appliance.sync.notices import Notices
from mqtt.contract.configuration import Transfer
from mqtt.contract.repository import Assignment
from mqtt.contract.state import ConfigReport


class Orders:
    """Gives each message to the part it is for.

    Args:
        notices: Keeps what officers announce.
        configured: Keeps what the office has configured.
        commands: Has done what the office orders.
    """

    def __init__(self, notices: Notices, configured: Configured, commands: Commands) -> None:
        self._commands = commands
        self._notices = notices
        self._configured = configured

    def hear(self, event: Incoming) -> None:
        """Follow what happens to the link and to what was ordered."""
        self._configured.hear(event)
        if isinstance(event, Did):
            self._commands.did(event)

    def take(self, event: Arrived) -> bool:
        """Take a message if it is for one of the parts; False leaves it to others.

        Raises:
            ContractError: It is refused; nothing has changed.
        """
        return any(part.take(event.topic, event.payload) for part in (self._notices, self._commands))

    def regulated(self, version: int | None) -> None:
        """The office has spoken and is believed; ``version`` of the signed targets."""
        self._notices.regulated(version)
        self._configured.believed()

    def assigned(self, assignment: Assignment) -> None:
        """An assignment is believed.

        Raises:
            DeviceError: ``E_DISK``.
        """
        self._configured.assigned(assignment)

    def tick(self, now: float) -> None:
        """Do what is due; ``now`` in seconds of a clock that never steps."""
        self._notices.tick(now)
        self._configured.tick(now)
        self._commands.tick(now)

    def outgoing(self) -> list[Outgoing]:
        """Return what is to be done now, once."""
        return [*self._configured.outgoing(), *self._commands.take_outgoing()]

    def next_deadline(self) -> float | None:
        """When :meth:`tick` is due at the latest."""
        return self._configured.next_deadline()

    @property
    def transfer(self) -> Transfer:
        """How fast may be fetched."""
        return self._configured.configuration.transfer

    @property
    def report(self) -> ConfigReport:
        """What the office is told of the configuration."""
        return self._configured.report
