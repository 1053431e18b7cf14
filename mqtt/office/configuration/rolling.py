"""Moves the roll-outs on: looked at every few seconds by the publisher, decided by what booths report."""

import logging
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, select, update

from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.state import STATE_LIMIT, Reported
from mqtt.office.assign import reassign
from mqtt.office.configuration.assigning import members
from mqtt.office.configuration.rollout import ROLLING, Rollout, advance
from mqtt.office.database import layers, reports
from mqtt.office.home import Home
from mqtt.office.repository import changing

_log = logging.getLogger(__name__)


def move_on(home: Home, engine: Engine, now: datetime) -> None:
    """Let each roll-out take its next step, if it is time.

    Raises:
        ContractError: ``E_KEY`` or ``E_CLOCK``; nothing has changed, try again.
    """
    with engine.connect() as connection:
        if not connection.scalar(select(layers.c.revision).where(layers.c.state == ROLLING).limit(1)):
            return
    with changing(home, engine, now) as change:
        rows = change.connection.execute(select(layers).where(layers.c.state == ROLLING)).all()
        moved = False
        for row in rows:
            rollout = msgspec.convert(row.rollout, Rollout)
            booths = members(change.connection, row.scope, row.name)
            reached = {
                booth: reported(change.connection, booth)
                for booth in booths
                if rollout.reaches(booth, booths, row.revision)
            }
            label = f"{row.scope}/{row.name}"
            after = advance(rollout, label, row.revision, reached, change.now)
            if after == rollout:
                continue
            moved = True
            state = after if isinstance(after, str) else ROLLING
            plan = row.rollout if isinstance(after, str) else msgspec.to_builtins(after)
            _log.warning("%s revision %d: %s", label, row.revision, state)
            of_row = (layers.c.scope == row.scope) & (layers.c.name == row.name) & (layers.c.revision == row.revision)
            change.connection.execute(update(layers).where(of_row).values(state=state, rollout=plan))
        if moved:
            reassign(change)
            change.touch()


def reported(connection: Connection, booth: str) -> Reported | None:
    """Return what a booth has said last, None if nothing that can be read."""
    body = connection.scalar(select(reports.c.body).where(reports.c.booth == booth, reports.c.kind == "reported"))
    try:
        return decode(Reported, body, STATE_LIMIT) if body else None
    except ContractError:
        return None
