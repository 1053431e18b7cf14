"""Notices on disk: ``notices/{id}.dsse``, as signed. The agent is the only writer; page and screen read.

A notice is forgotten 72 hours after it was sent, not when it is over: whatever it has cancelled is over by then,
so that nothing cancelled can be sent again.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.lib import files
from mqtt.contract.documents import decode
from mqtt.contract.envelopes import peek
from mqtt.contract.errors import ContractError
from mqtt.contract.notices import LONGEST_VALIDITY, NOTICE_LIMIT, NOTICE_PAYLOAD_TYPE, Notice

FOLDER: Final = "notices"
_SUFFIX: Final = ".dsse"

_log = logging.getLogger(__name__)


class Folder:
    """The folder of notices, kept in memory as far as it has not changed.

    Args:
        path: ``notices/`` on the data partition; need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[Path, tuple[tuple[int, int], Notice | None]] = {}

    def notices(self) -> tuple[Notice, ...]:
        """Return what is kept; what cannot be read on a damaged card is left out."""
        found = dict(self._entries())
        self._read = {file: found[file] for file in sorted(found)}
        return tuple(notice for _, notice in self._read.values() if notice is not None)

    def envelope(self, notice_id: str) -> bytes:
        """Return what is kept of a notice, as signed; empty when it cannot be read."""
        try:
            return (self.path / f"{notice_id}{_SUFFIX}").read_bytes()
        except OSError:
            return b""

    def keep(self, notice: Notice, envelope: bytes) -> None:
        """Keep a notice that was verified.

        Raises:
            OSError: The disk is full or broken; it is not kept.
        """
        files.make_folder(self.path)
        files.write(self.path / f"{notice.id}{_SUFFIX}", envelope)

    def drop(self, notice_id: str) -> None:
        """Forget a notice."""
        with suppress(OSError):
            (self.path / f"{notice_id}{_SUFFIX}").unlink(missing_ok=True)

    def forget(self, now: datetime) -> None:
        """Forget what can neither be shown nor be needed to refuse something."""
        for notice in self.notices():
            if now >= notice.sent + LONGEST_VALIDITY:
                self.drop(notice.id)

    def _entries(self) -> Iterator[tuple[Path, tuple[tuple[int, int], Notice | None]]]:
        for file in self.path.glob(f"*{_SUFFIX}"):
            try:
                found = file.stat()
                stamp = (found.st_ino, found.st_mtime_ns)
                known = self._read.get(file)
                yield file, known if known and known[0] == stamp else (stamp, _notice(file))
            except OSError:
                continue


def _notice(file: Path) -> Notice | None:
    try:
        return decode(Notice, peek(file.read_bytes(), NOTICE_PAYLOAD_TYPE, NOTICE_LIMIT), NOTICE_LIMIT)
    except ContractError as error:
        _log.warning("%s cannot be read: %s", file.name, error)
        return None
