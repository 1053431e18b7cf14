"""What booths and gates say besides reports and records: results of commands, and notices published at a gate.

res/{name} ─► whose command? further than before? ─► its row          local/{id} ─► verified, merged once
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from mqtt.contract import topics
from mqtt.contract.commands import Outcome, Result
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.database import commands

FOLLOWED: Final = (topics.RESULT, topics.LOCAL)


def keep_result(connection: Connection, topic: str, payload: bytes, now: datetime) -> bool:
    """Keep what a booth says of a command; False for another topic.

    Raises:
        ContractError: ``E_AUTHORITY``, the booth answers for another; ``E_UNKNOWN``, nobody ordered this; or it cannot
            be read. Nothing is kept.
    """
    place = topics.RESULT.match(topic)
    if place is None:
        return False
    result = decode(Result, payload, topics.RESULT.limit_bytes)
    row = connection.execute(select(commands).where(commands.c.command == result.id)).one_or_none()
    if result.booth != place["booth"]:
        raise ContractError(ErrorCode.AUTHORITY, f"{place['booth']} answers for {result.booth}")
    if row is None or (row.booth, row.name) != (place["booth"], place["name"]):
        raise ContractError(ErrorCode.UNKNOWN, f"{place['booth']} answers command {result.id}")
    done = result.outcome is not Outcome.RUNNING
    if not row.done:
        of_row = commands.c.command == result.id
        connection.execute(update(commands).where(of_row).values(result=payload, received=now, done=done))
    return True
