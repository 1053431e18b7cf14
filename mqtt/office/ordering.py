"""Commands to booths: signed by ``operations``, sent until answered, and what has become of each."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from mqtt.contract.commands import COMMAND_PAYLOAD_TYPE, RESULT_LIMIT, Command, CommandName, Result
from mqtt.contract.documents import decode, encode
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.database import booths, commands
from mqtt.office.home import Home
from mqtt.office.repository import changing
from mqtt.office.spelling import unknown_booth
from mqtt.office.terms import OPERATIONS

LASTS: Final = timedelta(minutes=10)
"""How long a command waits for a booth that is away."""


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A command and what the booth has said of it last; ``result`` is None while it has said nothing."""

    id: str
    booth: str
    name: CommandName
    expires: datetime
    result: Result | None
    done: bool


def order(  # noqa: PLR0913, PLR0917 - what, by whom, for how long
    home: Home,
    engine: Engine,
    booth: str,
    name: CommandName,
    arguments: Mapping[str, Any],
    now: datetime,
    token: str,
    *,
    officers: Collection[str] = (),
    lasts: timedelta = LASTS,
) -> Command:
    """Sign a command and let the publisher send it.

    Raises:
        ContractError: ``E_UNKNOWN``, no such booth in service; ``E_OFFICER``, ``E_THRESHOLD``, ``E_KEY``. Nothing was
            sent.
    """
    with changing(home, engine, now, officers=officers) as change:
        here = select(booths.c.booth).where(booths.c.booth == booth, booths.c.revoked.is_(False))
        if change.connection.scalar(here) is None:
            raise unknown_booth(change.connection, booth)
        change.require_officer(OPERATIONS, officers)
        command = Command(
            id=f"{name}-{change.now:%Y%m%d-%H%M%S}-{token}",
            booth=booth,
            name=name,
            sent=change.now,
            expires=change.now + lasts,
            arguments=dict(arguments),
        )
        envelope = seal(encode(command), COMMAND_PAYLOAD_TYPE, change.signers(OPERATIONS))
        row = {"command": command.id, "booth": booth, "name": name.value, "envelope": envelope}
        change.connection.execute(insert(commands).values(**row, sent=change.now, expires=command.expires, done=False))
        change.touch()
    return command


def answer_to(connection: Connection, command_id: str) -> Ordered:
    """Return how far a command is.

    Raises:
        ContractError: ``E_UNKNOWN``.
    """
    row = connection.execute(select(commands).where(commands.c.command == command_id)).one_or_none()
    if row is None:
        raise ContractError(ErrorCode.UNKNOWN, f"command {command_id}")
    result = decode(Result, bytes(row.result), RESULT_LIMIT) if row.result else None
    return Ordered(
        id=row.command, booth=row.booth, name=CommandName(row.name), expires=row.expires, result=result, done=row.done
    )
