"""Pictures, videos and documents of an item: which may be served, and under which address.

    /files/{stamp}/{category}/{agency}/{slug}/{name}

The stamp names the bytes: releases that share a file share its inode, and a file in the store never changes. So an
address may be kept for ever by the browser, and another set with the same picture does not make it load again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from stat import S_ISREG
from typing import Final

from appliance.content.catalogue import Item
from mqtt.contract.items import Kind, kind_of

TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
}


@dataclass(frozen=True)
class Medium:
    """One file of an item, as it lies on disk now.

    Attributes:
        size: Bytes.
        stamp: Names the bytes; another file has another one.
    """

    item: str
    name: str
    path: Path
    kind: Kind
    size: int
    stamp: str

    @property
    def url(self) -> str:
        """Its address; good for as long as the bytes are these."""
        return f"/files/{self.stamp}/{self.item}/{self.name}"

    @property
    def still_url(self) -> str:
        """Address of a video at its first picture: a browser draws that, and not an empty box, until it is played."""
        return f"{self.url}#t=0.1"

    @property
    def type(self) -> str:
        """Media type by suffix."""
        return TYPES[self.path.suffix.lower()]


def media_of(item: Item) -> dict[str, Medium]:
    """Return the media of an item by name: those it lists, that are plain names of a kind we show, and are there."""
    found = (medium(item, name) for name in item.document.media)
    return {one.name: one for one in found if one}


def medium(item: Item, name: str) -> Medium | None:
    """Return one medium of an item, None unless the item lists it, and it is one."""
    kind = kind_of(name)
    if name not in item.document.media or kind is None or "/" in name or not name.isprintable():
        return None
    path = item.folder / name
    try:
        found = path.lstat()
    except OSError:
        return None
    if not S_ISREG(found.st_mode):
        return None
    facts = f"{found.st_dev}.{found.st_ino}.{found.st_size}.{found.st_mtime_ns}"
    return Medium(item.path, name, path, kind, found.st_size, blake2b(facts.encode(), digest_size=8).hexdigest())


def cover_of(media: Mapping[str, Medium]) -> Medium | None:
    """Return the picture that stands for the item: the one called ``cover``, else its first."""
    pictures = [one for one in media.values() if one.kind is Kind.PICTURE]
    return next((one for one in pictures if one.path.stem == "cover"), pictures[0] if pictures else None)
