"""Who may speak at a place: one identity per certificate, and what each of them is.

The name is the certificate's common name; the broker makes it the user and the client id.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.names import is_name
from mqtt.contract.topics import Party

AT_A_GATE: Final = frozenset({Party.BOOTH, Party.COUNTER, Party.EDGE, Party.OFFICER})
"""Parties that stand at one gate; the others are the office's, or have no gate yet."""


@dataclass(frozen=True)
class Identity:
    """One certificate.

    Args:
        name: Common name of the certificate.
        parties: What it is; a booth with a counter is both.
        gate: Where it stands; None for the office's own and for newcomers.
        revoked: It may connect and neither say nor hear anything.

    Raises:
        ContractError: ``E_MALFORMED``; a name would change a line of the access list, or the gate is missing.
    """

    name: str
    parties: frozenset[Party]
    gate: str | None = None
    revoked: bool = False

    def __post_init__(self) -> None:
        if not is_name(self.name) or (self.gate is not None and not is_name(self.gate)):
            raise ContractError(ErrorCode.MALFORMED, f"identity {self.name!r} at gate {self.gate!r}")
        if not self.parties or (self.gate is None and self.parties & AT_A_GATE):
            raise ContractError(ErrorCode.MALFORMED, f"identity {self.name}: no party, or a gate is missing")

    @property
    def is_booth(self) -> bool:
        """Whether it has topics under ``booth/{name}/``."""
        return Party.BOOTH in self.parties


class Inventory:
    """All identities of a place, in order of their names.

    Raises:
        ContractError: ``E_DUPLICATE``; two identities would share a certificate name and thereby their rights.
    """

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._identities = tuple(sorted(identities, key=lambda identity: identity.name))
        names = [identity.name for identity in self._identities]
        for name, other in pairwise(names):
            if name == other:
                raise ContractError(ErrorCode.DUPLICATE, f"two identities are called {name}")
        self._booths: dict[str, tuple[str, ...]] = {}
        for identity in self._identities:
            if identity.is_booth and identity.gate is not None and not identity.revoked:
                self._booths[identity.gate] = (*self._booths.get(identity.gate, ()), identity.name)

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._identities)

    def booths_at(self, gate: str | None) -> tuple[str, ...]:
        """Names of the booths of a gate that are not revoked."""
        return self._booths.get(gate, ()) if gate is not None else ()
