"""What a parser of foreign bytes looks like to the fuzzer.

A target takes a case and returns whether it was accepted. Whoever adds a parser writes one class and one line in
:mod:`tests.fuzz.registry`.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mqtt.contract.errors import ContractError
from tests.fuzz.mutation import spoil


class AcceptedInvalidError(AssertionError):
    """Something was accepted that nobody signed, that breaks its own rule, or that changes when written again."""


def must(holds: object, law: str) -> None:
    """State a law about an accepted case.

    Raises:
        AcceptedInvalidError: It does not hold.
    """
    if not holds:
        raise AcceptedInvalidError(law)


class Target(Protocol):
    """One parser."""

    def case(self, dice: random.Random) -> bytes:
        """Return the next case."""

    def accepts(self, case: bytes) -> bool:
        """Feed the parser; whether it accepted.

        Raises:
            AcceptedInvalidError: It accepted what it must not. Any other exception is a crash.
        """


@dataclass(frozen=True)
class Parser:
    """A target without memory: spoilt samples, and a function that reads and checks or refuses with a code.

    Attributes:
        read: Returns normally when it has accepted; ``ContractError`` is a refusal.
    """

    samples: Sequence[bytes]
    read: Callable[[bytes], None]

    def case(self, dice: random.Random) -> bytes:
        """Return the next case."""
        return spoil(dice, self.samples)

    def accepts(self, case: bytes) -> bool:
        """Read it, or see it refused."""
        with suppress(ContractError):
            self.read(case)
            return True
        return False


@dataclass(frozen=True)
class Entry:
    """A line of the registry.

    Attributes:
        share: How often it is chosen; slow ones less.
        make: Gets an empty folder of its own.
    """

    name: str
    share: int
    make: Callable[[Path], Target]
