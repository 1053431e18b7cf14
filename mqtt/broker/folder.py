"""The files of one broker on disk, each replaced as one step, readable by whom the broker runs as and nobody else.

brokers/control/
├── mosquitto.conf  acl  ca.pem  server.pem  server.key      0600, written by us
├── pid                                                      of the running process
└── data/                                                    0700, written by mosquitto
"""

import os
from collections.abc import Mapping
from pathlib import Path

from mqtt.broker.account import Account
from mqtt.broker.config import ACL_FILE, CONFIG_FILE, DATA_FOLDER


class BrokerFolder:
    """Where one broker's files lie.

    Args:
        root: Absolute path; made when first written to.
        account: Whom the files belong to.
    """

    def __init__(self, root: Path, account: Account) -> None:
        self.root = root.absolute()
        self.account = account

    @property
    def config(self) -> Path:
        """What mosquitto is started with."""
        return self.root / CONFIG_FILE

    @property
    def acl(self) -> Path:
        """The access list, read again on SIGHUP."""
        return self.root / ACL_FILE

    @property
    def ca(self) -> Path:
        """Certificate of the authority."""
        return self.root / "ca.pem"

    def write(self, files: Mapping[str, bytes]) -> bool:
        """Write what differs; True if anything did.

        Raises:
            OSError: The disk is full or not ours; each file is the old one or the new one.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        self._give(self.root, 0o700)
        data = self.root / DATA_FOLDER
        data.mkdir(exist_ok=True)
        self._give(data, 0o700)
        changed = [name for name, content in files.items() if self._differs(self.root / name, content)]
        for name in changed:
            self._replace(self.root / name, files[name])
        return bool(changed)

    def _differs(self, path: Path, content: bytes) -> bool:
        try:
            return path.read_bytes() != content or path.stat().st_uid != self.account.uid
        except FileNotFoundError:
            return True

    def _replace(self, path: Path, content: bytes) -> None:
        draft = path.with_name(path.name + ".draft")
        try:
            with draft.open("wb") as file:
                self._give(draft, 0o600)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _give(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, self.account.uid, self.account.gid)
