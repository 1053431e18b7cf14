"""What the office and its officers say to a booth besides its content; each part has a rule of its own."""

from appliance.sync.messages import Arrived
from appliance.sync.notices import Notices


class Orders:
    """Gives each message to the part it is for.

    Args:
        notices: Keeps what officers announce.
    """

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def take(self, event: Arrived) -> bool:
        """Take a message if it is for one of the parts; False leaves it to others.

        Raises:
            ContractError: It is refused; nothing has changed.
        """
        return self._notices.take(event.topic, event.payload)

    def regulated(self, version: int | None) -> None:
        """A regulation is believed; ``version`` of the signed targets."""
        self._notices.regulated(version)

    def tick(self, now: float) -> None:
        """Do what is due; ``now`` in seconds of a clock that never steps."""
        self._notices.tick(now)
