"""What has arrived of the TUF repository, durable; and python-tuf's view of it.

    trust/inbox/
    ├── meta              packed MetaSet, the newest that was believed
    ├── assign.json       assignment of the gate, the newest that was signed
    └── root.{n}.json     every root that came

"Not here" can mean "does not exist" or "has not arrived": only a root beyond ``root_latest`` does not exist.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

from appliance.errors import DeviceError, ErrorCode
from appliance.lib import files
from mqtt.contract.errors import ContractError
from mqtt.contract.repository import MetaSet

URL: Final = "inbox:///"
_ROOT: Final = re.compile(r"([1-9][0-9]*)\.root\.json")
_NOT_FOUND: Final = 404


class Inbox:
    """The durable inbox under ``trust/inbox``.

    Raises (all ``put_`` methods): DeviceError, ``E_DISK``; what was here before is still here. Try again later.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = files.make_folder(folder)

    def put_meta(self, meta: MetaSet) -> None:
        """Keep a metadata set that was believed."""
        self._put("meta", meta.to_bytes())

    def put_root(self, number: int, body: bytes) -> None:
        """Keep one version of the root."""
        self._put(f"root.{number}.json", body)

    def put_assign(self, body: bytes) -> None:
        """Keep the gate's assignment that was believed."""
        self._put("assign.json", body)

    def meta(self) -> MetaSet | None:
        """Return the newest metadata set that was believed, None if there is none or the disk has lost it."""
        payload = self._get("meta")
        try:
            return MetaSet.parse(payload) if payload else None
        except ContractError:
            return None

    def assign(self) -> bytes | None:
        """Return the newest assignment that was believed."""
        return self._get("assign.json")

    def root(self, number: int) -> bytes | None:
        """Return one version of the root, if it has arrived."""
        return self._get(f"root.{number}.json")

    def _put(self, name: str, body: bytes) -> None:
        if self._get(name) != body:
            try:
                files.write(self._folder / name, body)
            except OSError as error:
                raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing {name}") from error

    def _get(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None


class InboxFetcher(FetcherInterface):
    """Serves python-tuf from the inbox.

    Args:
        inbox: Where roots lie.
        meta: The set to serve.
        roots: Roots that came with the set and are not kept yet; they go before those of the inbox.
    """

    def __init__(self, inbox: Inbox, meta: MetaSet, roots: Mapping[int, bytes] | None = None) -> None:
        super().__init__()
        self._inbox = inbox
        self._meta = meta
        self._roots = roots or {}
        self.served_roots: dict[int, bytes] = {}

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(URL)
        if wanted := _ROOT.fullmatch(name):
            number = int(wanted[1])
            body = self._roots.get(number) or self._inbox.root(number)
            if body is not None:
                self.served_roots[number] = body
            if body is None and number > self._meta.root_latest:
                raise DownloadHTTPError(f"there is no root {number}", _NOT_FOUND)
        else:
            text = self._meta.files.get(name)
            body = text.encode() if text is not None else None
        if body is None:
            raise DownloadError(f"{name} has not arrived")
        return iter([body])
