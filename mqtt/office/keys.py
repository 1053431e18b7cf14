"""Private keys on this machine, Ed25519, 0600; and which officer has which.

    keys/{role}-{n}.pem          of a role whose keys have no names: the office's own, and those that practice lends it
    keys/officer-{name}.json     the public key of an officer, and where the private one is
    keys/officer-{name}.pem      the private one, if it lies in a file here; else in a token (PKCS#11), or elsewhere

In service the keys of root and of the officers lie elsewhere. A key that others may read is not used.
"""

import os
import re
import stat
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, HSMSigner, Key, Signer, SSlibKey
from tuf.api.metadata import Role

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.files import PRIVATE, create, replace
from mqtt.office.terms import IN_FILE

OFFICER: Final = "officer-"
RETIRED: Final = "retired"
PIN: Final = "GATEBOOTH_PIN"
"""Environment variable with the PIN of a token, where nobody sits at a terminal."""
_FILE: Final = re.compile(r"(?P<role>[a-z0-9-]+)-(?P<number>[1-9][0-9]*)\.pem")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class OfficerKey(msgspec.Struct, frozen=True):
    """``officer-{name}.json``: ``place`` is ``file`` or the URI of a token; ``key`` is in securesystemslib's form."""

    keyid: str
    place: str
    key: dict[str, object]

    @property
    def public(self) -> SSlibKey:
        """The key as TUF names it."""
        return SSlibKey.from_dict(self.keyid, dict(self.key))


class Keyring:
    """The folder of keys.

    Args:
        folder: ``authority/keys`` of the office's home.
        officers: Who signs; None lets every officer whose key is here sign.
        ask_pin: Asks the person at the terminal for the PIN of a token.
    """

    def __init__(
        self, folder: Path, officers: Collection[str] | None = None, ask_pin: Callable[[str], str] | None = None
    ) -> None:
        self._folder = folder
        self._officers = officers
        self._ask_pin = ask_pin or _pin_of_environment

    def create(self, role: str, count: int) -> list[CryptoSigner]:
        """Make the next keys of a role and keep them.

        Raises:
            ContractError: ``E_EXISTS``; the role has a key of that number here, which is never overwritten.
        """
        begin = max((int(path.stem.rpartition("-")[2]) for path in self._paths(role)), default=0) + 1
        signers = [CryptoSigner.generate_ed25519() for _ in range(count)]
        for number, signer in enumerate(signers, begin):
            _create(self._folder / f"{role}-{number}.pem", signer.private_bytes)
        return signers

    def appoint(self, name: str, place: str = IN_FILE) -> Key:
        """Give an officer a key, or find the one in the token; returns its public part.

        Raises:
            ContractError: ``E_EXISTS``; the officer has a key. ``E_KEY``; the token is not there or has no such key.
        """
        if self.officer(name) is not None:
            raise ContractError(ErrorCode.EXISTS, f"key of {name}")
        if place == IN_FILE:
            signer = CryptoSigner.generate_ed25519()
            _create(self._folder / f"{OFFICER}{name}.pem", signer.private_bytes)
            public: Key = signer.public_key
        else:
            place, public = self._of_token(place)
        self.introduce(name, public, place)
        return public

    def introduce(self, name: str, public: Key, place: str = IN_FILE) -> None:
        """Know an officer's public key; the private one may lie on a machine of their own."""
        known = OfficerKey(public.keyid, place, public.to_dict())
        replace(self._folder / f"{OFFICER}{name}.json", msgspec.json.encode(known))

    def retire(self, name: str) -> None:
        """Put an officer's key aside, so that another can be given; nothing is deleted."""
        (self._folder / RETIRED).mkdir(mode=0o700, exist_ok=True)
        for suffix in (".pem", ".json"):
            file = self._folder / f"{OFFICER}{name}{suffix}"
            if file.exists():
                number = len(list((self._folder / RETIRED).iterdir()))
                file.rename(self._folder / RETIRED / f"{number:04}-{file.name}")

    def officer(self, name: str) -> Key | None:
        """Return an officer's public key, None if it is not known here."""
        known = self._known(name)
        return known.public if known else None

    def can_sign(self, role: str, terms: Role, keys: dict[str, Key]) -> bool:
        """Whether enough keys of a role are on this machine; arguments as for :meth:`signers`.

        Raises:
            ContractError: ``E_KEY``; one that is here may be read by others or is damaged.
        """
        return len(self.present(role, terms, keys)) >= terms.threshold

    def signers(self, role: str, terms: Role, keys: dict[str, Key]) -> list[Signer]:
        """Return as many keys of a role as its threshold asks for.

        Args:
            role: Name of the role.
            terms: Key ids and threshold that are in force for it.
            keys: Public keys by id, as in the metadata that delegates to the role.

        Raises:
            ContractError: ``E_KEY``; none of them is here, or one may be read by others. ``E_THRESHOLD``; some are
                here, too few. Nothing was signed.
        """
        found = self.present(role, terms, keys)
        if len(found) < terms.threshold:
            code = ErrorCode.THRESHOLD if found and self._officers is not None else ErrorCode.KEY
            raise ContractError(
                code, f"{len(found)} valid keys of {role} are on this machine, {terms.threshold} must sign"
            )
        return list(found.values())[: terms.threshold]

    def present(self, role: str, terms: Role, keys: dict[str, Key]) -> dict[str, Signer]:
        """Return the keys of a role that are on this machine, by id; arguments as for :meth:`signers`."""
        here: dict[str, Signer] = {signer.public_key.keyid: signer for signer in map(_load, self._paths(role))}
        for name in self._named():
            known = self._known(name)
            if known is not None and known.keyid in terms.keyids and (signer := self._signer(name, known)):
                here[known.keyid] = signer
        return {keyid: here[keyid] for keyid in here if keyid in terms.keyids and keyid in keys}

    def signer_of(self, name: str) -> Signer:
        """Return what an officer signs with.

        Raises:
            ContractError: ``E_KEY``; the key is not on this machine.
        """
        known = self._known(name)
        signer = self._signer(name, known) if known else None
        if signer is None:
            raise ContractError(ErrorCode.KEY, f"the key of {name} is not on this machine")
        return signer

    def _signer(self, name: str, known: OfficerKey) -> Signer | None:
        if known.place != IN_FILE:
            return HSMSigner.from_priv_key_uri(known.place, known.public, lambda _: self._ask_pin(name))
        path = self._folder / f"{OFFICER}{name}.pem"
        return _load(path) if path.exists() else None

    def _of_token(self, place: str) -> tuple[str, Key]:
        number, _, label = place.removeprefix("hsm:").partition("?label=")
        try:
            return HSMSigner.import_(int(number) if number else None, label or None)
        except Exception as error:
            raise ContractError(ErrorCode.KEY, f"token {place}: {error}") from error

    def _known(self, name: str) -> OfficerKey | None:
        try:
            return msgspec.json.decode((self._folder / f"{OFFICER}{name}.json").read_bytes(), type=OfficerKey)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise ContractError(ErrorCode.KEY, f"{OFFICER}{name}.json: {error}") from error

    def _named(self) -> list[str]:
        if self._officers is not None:
            return list(self._officers)
        return sorted(file.stem.removeprefix(OFFICER) for file in self._folder.glob(f"{OFFICER}*.json"))

    def _paths(self, role: str) -> list[Path]:
        try:
            files = list(self._folder.iterdir())
        except FileNotFoundError:
            return []
        numbered = [(int(name["number"]), file) for file in files if (name := _FILE.fullmatch(file.name))
                    and name["role"] == role]  # fmt: skip
        return [file for _, file in sorted(numbered)]


def _create(path: Path, data: bytes) -> None:
    try:
        create(path, data, PRIVATE)
    except FileExistsError as error:
        raise ContractError(ErrorCode.EXISTS, f"key {path.name}") from error


def _load(path: Path) -> CryptoSigner:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise ContractError(ErrorCode.KEY, f"{path.name} may be read by others")
            return CryptoSigner(load_pem_private_key(file.read(), None))
    except (OSError, ValueError, TypeError) as error:  # cryptography names a wrong or locked key in these ways
        raise ContractError(ErrorCode.KEY, f"{path.name} cannot be read: {type(error).__name__}") from error


def _pin_of_environment(name: str) -> str:
    pin = os.environ.get(PIN)
    if pin is None:
        raise ContractError(ErrorCode.KEY, f"the token of {name} wants a PIN; {PIN} is not set")
    return pin
