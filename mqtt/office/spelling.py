"""A name that nobody knows, and the one that was probably meant."""

import difflib
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, select

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.database import booths, gates

NEAR: Final = 0.75
"""How alike: one wrong letter in a short name, and not another number of the same kind (``cb-01``, ``cb-99``)."""


def unknown(kind: str, name: str, known: Iterable[str]) -> ContractError:
    """Return the refusal of a name (``E_UNKNOWN``); it says which known one is like it, if one is."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=NEAR)
    hint = f"; perhaps {near[0]} is meant" if near else ""
    return ContractError(ErrorCode.UNKNOWN, f"{kind} {name}{hint}")


def unknown_booth(connection: Connection, name: str) -> ContractError:
    """Return the refusal of a name that no booth of the inventory has."""
    return unknown("booth", name, connection.scalars(select(booths.c.booth)))


def unknown_gate(connection: Connection, name: str) -> ContractError:
    """Return the refusal of a name that no gate of the regulation has."""
    return unknown("gate", name, connection.scalars(select(gates.c.gate)))
