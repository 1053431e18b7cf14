"""What is to be prepared: the files of a set that is not shown yet, and what was found out about them before.

A file is named by its digest: what an earlier set had already is not looked at twice (``checked.json`` of any set that
is still here), and what was made of it is linked, not made again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from appliance.content.catalogue import SET_FILE, Catalogue
from appliance.content.layout import Layout
from appliance.lib import facts
from mqtt.contract.documents import decode
from mqtt.contract.items import Kind, kind_of
from mqtt.contract.releases import LIST_LIMIT, FileList

CHECKED_FILE: Final = "checked.json"


class CheckedFile(msgspec.Struct, frozen=True, kw_only=True):
    """``checked.json``: digests of the files that this software could decode."""

    software: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class SetMember:
    """One file of the set; ``item`` is ``category/agency/path``."""

    item: str
    file: Path
    sha256: str

    @property
    def kind(self) -> Kind | None:
        """What it is, by its name."""
        return kind_of(self.item)


@dataclass(frozen=True)
class Size:
    """Pixels of a panel."""

    width_px: int
    height_px: int

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px}"


@dataclass
class Task:
    """One set to be prepared.

    Attributes:
        screen: The public screen, None on a booth without one.
        at: Told of each item before it is looked at.
        checked: Digests that need no look; grows.
    """

    layout: Layout
    number: int
    software: str
    screen: Size | None
    at: Callable[[str], None]
    members: tuple[SetMember, ...] = ()
    stills: tuple[SetMember, ...] = ()
    checked: set[str] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        """The only folder that is written to."""
        return self.layout.derived_of(self.number)

    def read(self) -> None:
        """Look at what the set is made of.

        Raises:
            OSError: The set is not here, or not to be read: that is this device's fault.
            ContractError: It cannot be read.
        """
        folder = self.layout.sets / str(self.number)
        (folder / SET_FILE).read_bytes()
        catalogue = Catalogue.read(folder)
        self.members = tuple(
            member
            for head in catalogue.heads
            for member in _members(head.stream, (folder / head.stream).resolve(strict=True))
        )
        played = {files / entry.file for files, programme in catalogue.programmes for entry in programme.items}
        self.stills = tuple(one for one in self.members if one.file in played and one.kind is Kind.PICTURE)
        for path in sorted(self.layout.derived.glob(f"*/{CHECKED_FILE}")):
            known = facts.read(path, CheckedFile)
            if known is not None and known.software == self.software:
                self.checked.update(known.digests)

    def unchecked(self, kind: Kind) -> Iterator[SetMember]:
        """Members of a kind that nobody has looked at yet; each is named before it is given."""
        for member in self.members:
            if member.kind is kind and member.sha256 not in self.checked:
                self.at(member.item)
                yield member
                self.checked.add(member.sha256)

    def done(self) -> None:
        """Remember what was found out, durably.

        Raises:
            OSError: The disk is full.
        """
        digests = sorted({member.sha256 for member in self.members if member.sha256 in self.checked})
        facts.write_durable(self.folder / CHECKED_FILE, CheckedFile(software=self.software, digests=tuple(digests)))


def _members(stream: str, release: Path) -> list[SetMember]:
    listing = decode(FileList, (release / "list.json").read_bytes(), LIST_LIMIT)
    return [
        SetMember(f"{stream}/{entry.path}", release / "files" / entry.path, entry.sha256) for entry in listing.files
    ]
