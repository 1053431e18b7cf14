"""Configuration on disk.

    config/
    ├── effective.json     what counts: read by every process, written by the agent
    ├── commit.json        brokers in use, on trial, tried in vain
    └── sealed.json        newest of each sealed layer, as signed: it counts until a newer one comes, and none goes back

What cannot be read on a damaged card is as if it were not there: the identity counts.
"""

import logging
from pathlib import Path
from typing import Final

import msgspec

from appliance.config.commit import Committed
from appliance.errors import DeviceError, ErrorCode
from appliance.lib import facts, files
from mqtt.contract.configuration import Configuration

FOLDER: Final = "config"
EFFECTIVE: Final = "effective.json"
_COMMIT: Final = "commit.json"
_SEALED: Final = "sealed.json"


class ConfigFiles:
    """The agent's files.

    Args:
        state: ``/var/lib/booth``.

    Raises (all that write): DeviceError ``E_DISK``; what was there is still there.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def commit(self) -> Committed | None:
        """Return what was committed, None if nobody knows."""
        return facts.read(self._folder / _COMMIT, Committed)

    def sealed(self) -> dict[str, str]:
        """Return the newest of each sealed layer by its label, as signed."""
        found = facts.read(self._folder / _SEALED, _Sealed)
        return found.envelopes if found else {}

    def effective(self) -> Configuration | None:
        """Return what was stated last."""
        return facts.read(self._folder / EFFECTIVE, Configuration)

    def keep_commit(self, committed: Committed) -> None:
        """Make it durable before it is used."""
        self._write(_COMMIT, committed)

    def keep_sealed(self, envelopes: dict[str, str]) -> None:
        """Make them durable before they count."""
        self._write(_SEALED, _Sealed(envelopes))

    def state(self, configuration: Configuration) -> None:
        """Tell every process what counts."""
        self._write(EFFECTIVE, configuration)

    def _write(self, name: str, fact: msgspec.Struct) -> None:
        try:
            files.make_folder(self._folder)
            facts.write_durable(self._folder / name, fact)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{name}: {error.strerror}") from error


class _Sealed(msgspec.Struct, frozen=True):
    envelopes: dict[str, str]


class Effective:
    """What counts now, for the other processes: the file is read again when it has changed.

    Args:
        state: ``/var/lib/booth``.
    """

    def __init__(self, state: Path) -> None:
        self.path = state / FOLDER / EFFECTIVE
        self._stamp: tuple[int, int] | None = None
        self._known = Configuration()

    def read(self) -> Configuration:
        """Return it; the defaults while the agent has stated nothing."""
        try:
            found = self.path.stat()
        except OSError:
            return self._known
        stamp = (found.st_ino, found.st_mtime_ns)
        if stamp != self._stamp:
            self._stamp = stamp
            self._known = facts.read(self.path, Configuration) or self._known
        return self._known


def follow_log_level(configuration: Configuration) -> None:
    """Let this process write down what the configuration wants."""
    logging.getLogger().setLevel(configuration.log.level.upper())
