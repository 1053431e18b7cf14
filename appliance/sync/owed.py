"""What the booth owes the office, as the session sees it: what happens goes in, batches go out, signed words free rows.

started, switched, refused ─► journal ─► outbox ─► drain ─► the office
"""

from collections.abc import Callable, Mapping
from typing import Any

from securesystemslib.signer import Signer

from appliance.outbox.queue import Outbox
from appliance.outbox.rows import Moment
from appliance.sync.drain import Drain
from appliance.sync.journal import Journal
from appliance.sync.messages import Incoming, Outgoing
from appliance.trust.verifier import Trust
from mqtt.contract.errors import ContractError
from mqtt.contract.names import BoothId


class Owed:
    """Journal and drain of one outbox.

    Args:
        booth: Who we are.
        open_outbox: Makes the outbox ready; raises ``E_DISK`` while the disk cannot.
        read_clocks: Stamps what happens.
        signer: The device key.
        trust: Says whose acknowledgements count.
        software: Version of this software.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what two parts of one matter need
        self,
        booth: BoothId,
        open_outbox: Callable[[], Outbox],
        read_clocks: Callable[[], Moment],
        signer: Signer,
        trust: Trust,
        software: str,
    ) -> None:
        self._journal = Journal(open_outbox, read_clocks)
        self._drain = Drain(booth, open_outbox, signer, lambda: trust.delegated(f"ack/{booth}"))
        self._journal.started(software)

    def shows(self, content_set: int | None, releases: Mapping[str, int | None]) -> None:
        """Readers see this set."""
        self._journal.shows(content_set, releases)

    def happened(self, kind: str, body: dict[str, Any]) -> None:
        """Something that the office asks about later."""
        self._journal.happened(kind, body)

    def refused(self, subject: str, error: ContractError, now: float) -> None:
        """Something was not accepted."""
        self._journal.refused(subject, error, now)

    def take(self, event: Incoming, now: float) -> None:
        """Take what concerns the outbox of an event; the rest is for others.

        Raises:
            RefusedError: ``E_ACK``; the word of no collector, or on nothing that was sent. It changed nothing.
            DeviceError: ``E_DISK``; the batch is sent again.
        """
        self._drain.take(event, now)

    def outgoing(self, now: float) -> list[Outgoing]:
        """Make durable what has happened, and return what is to be sent now.

        Raises:
            DeviceError: ``E_DISK``; nothing is lost, ask again at the next deadline.
        """
        self._journal.flush()
        return [*self._drain.outgoing(now)]

    def sent(self, message: Outgoing, number: int) -> None:
        """The link has given a message this number, under which the broker will answer."""
        self._drain.sent(message, number)

    def next_deadline(self) -> float | None:
        """When :meth:`outgoing` is due at the latest."""
        return self._drain.next_deadline()
