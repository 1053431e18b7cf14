"""Private keys of the TUF roles on this machine: ``keys/{role}-{n}.pem``, Ed25519, 0600.

An office holds its online keys (timestamp, snapshot, assignments) and those that practice lends it; in service the
keys of root and of the agencies lie elsewhere. A key that others may read is not used.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import Role

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.files import PRIVATE, create

_FILE: Final = re.compile(r"(?P<role>[a-z0-9-]+)-(?P<number>[1-9][0-9]*)\.pem")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Keyring:
    """The folder of keys.

    Args:
        folder: ``authority/keys`` of the office's home.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, role: str, count: int) -> list[CryptoSigner]:
        """Make the keys of a role and keep them.

        Raises:
            ContractError: ``E_EXISTS``; the role has a key here, which is never overwritten.
        """
        signers = [CryptoSigner.generate_ed25519() for _ in range(count)]
        for number, signer in enumerate(signers, 1):
            path = self._folder / f"{role}-{number}.pem"
            try:
                create(path, signer.private_bytes, PRIVATE)
            except FileExistsError as error:
                raise ContractError(ErrorCode.EXISTS, f"key {path.name}") from error
        return signers

    def can_sign(self, role: str, terms: Role, keys: dict[str, Key]) -> bool:
        """Whether enough keys of a role are on this machine; arguments as for :meth:`signers`.

        Raises:
            ContractError: ``E_KEY``; one that is here may be read by others or is damaged.
        """
        return len(self._valid(role, terms, keys)) >= terms.threshold

    def signers(self, role: str, terms: Role, keys: dict[str, Key]) -> list[CryptoSigner]:
        """Return as many keys of a role as its threshold asks for.

        Args:
            role: Name of the role.
            terms: Key ids and threshold that are in force for it.
            keys: Public keys by id, as in the metadata that delegates to the role.

        Raises:
            ContractError: ``E_KEY``; too few of them are here, or one may be read by others. Nothing was signed.
        """
        found = self._valid(role, terms, keys)
        if len(found) < terms.threshold:
            raise ContractError(
                ErrorCode.KEY, f"{len(found)} valid keys of {role} are on this machine, {terms.threshold} must sign"
            )
        return list(found.values())[: terms.threshold]

    def _valid(self, role: str, terms: Role, keys: dict[str, Key]) -> dict[str, CryptoSigner]:
        here = {signer.public_key.keyid: signer for signer in map(_load, self._paths(role))}
        return {keyid: signer for keyid, signer in here.items() if keyid in terms.keyids and keyid in keys}

    def _paths(self, role: str) -> list[Path]:
        try:
            files = list(self._folder.iterdir())
        except FileNotFoundError:
            return []
        numbered = [(int(name["number"]), file) for file in files if (name := _FILE.fullmatch(file.name))
                    and name["role"] == role]  # fmt: skip
        return [file for _, file in sorted(numbered)]


def _load(path: Path) -> CryptoSigner:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise ContractError(ErrorCode.KEY, f"{path.name} may be read by others")
            return CryptoSigner(load_pem_private_key(file.read(), None))
    except (OSError, ValueError, TypeError) as error:  # cryptography names a wrong or locked key in these ways
        raise ContractError(ErrorCode.KEY, f"{path.name} cannot be read: {type(error).__name__}") from error
