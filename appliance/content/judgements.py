"""What the booth has decided about releases, for good: refused after a try, revoked, below the least number.

    content/judgements.json     by stream: numbers that never come back, and heads that did not hold here

A refusal belongs to the head's bytes and to the software that tried: another release is tried, and so is the same one
after an update of the booth. Revoked numbers and the least number only ever grow.
"""

from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.lib import facts
from mqtt.contract.errors import DETAIL_LIMIT, ContractError
from mqtt.contract.releases import ReleaseHead

REFUSALS_KEPT: Final = 64
REVOKED_KEPT: Final = 4096
"""More than a head of 4 KiB can name; the highest are kept."""


class _Refused(msgspec.Struct, frozen=True, kw_only=True):
    head: str
    code: ErrorCode
    detail: str
    software: str


class _Limits(msgspec.Struct, frozen=True, kw_only=True):
    min_release: int = 1
    revoked: tuple[int, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True):
    refused: tuple[_Refused, ...] = ()
    limits: dict[str, _Limits] = {}


class Judgements:
    """The file of decisions; the store is its only writer.

    Args:
        path: ``judgements.json``.
        software: Version of the booth's software.
    """

    def __init__(self, path: Path, software: str) -> None:
        self._path = path
        self._software = software
        self._file = facts.read(path, _File) or _File()

    def hear(self, head: ReleaseHead) -> None:
        """Remember what a signed head says of other numbers of its stream.

        Raises:
            DeviceError: ``E_DISK``; it cannot be remembered. Try again later.
        """
        known = self._file.limits.get(head.stream, _Limits())
        revoked = tuple(sorted({*known.revoked, *head.revoked})[-REVOKED_KEPT:])
        limits = _Limits(min_release=max(known.min_release, head.min_release), revoked=revoked)
        if limits != known:
            self._write(msgspec.structs.replace(self._file, limits=self._file.limits | {head.stream: limits}))

    def allows(self, stream: str, number: int) -> bool:
        """Whether this number of a stream may be shown (again)."""
        limits = self._file.limits.get(stream, _Limits())
        return number >= limits.min_release and number not in limits.revoked

    def require(self, head: ReleaseHead, digest: str) -> None:
        """Stop a release that was judged before; ``digest`` is that of the head's signed bytes.

        Raises:
            RefusedError: ``E_REVOKED``, or the code with which it was refused; wait for another release.
        """
        if not self.allows(head.stream, head.number):
            raise RefusedError(ErrorCode.REVOKED, f"{head.stream} release {head.number} was revoked before")
        for one in self._file.refused:
            if (one.head, one.software) == (digest, self._software):
                raise RefusedError(one.code, one.detail)

    def refuse(self, digest: str, error: ContractError) -> None:
        """Do not try this head again.

        Raises:
            DeviceError: ``E_DISK``; it is tried again after a restart.
        """
        refused = _Refused(head=digest, code=error.code, detail=error.detail[:DETAIL_LIMIT], software=self._software)
        others = tuple(one for one in self._file.refused if one.head != digest)
        self._write(msgspec.structs.replace(self._file, refused=(*others, refused)[-REFUSALS_KEPT:]))

    def _write(self, changed: _File) -> None:
        self._file = changed
        try:
            facts.write_durable(self._path, changed)
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while writing {self._path.name}") from error
