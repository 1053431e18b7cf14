"""A small real office in a folder: real keys, real signatures, real database; nothing is played.

office = Office(tmp_path)
folder = office.add_booth("cb-01")                      # what goes to identity/ on the booth
office.publish("essentials", "dic", {"money/vi.md": b"..."})
office.meta(), office.roots(), office.assign("cat-bi"), office.object(digest)

Founding makes two dozen keys: an office like one before in this process starts as a copy of it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, select

from mqtt.contract.documents import decode, encode
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import Notice, NoticeText, Urgency
from mqtt.contract.releases import HEAD_LIMIT, FileEntry, FileList, ReleaseHead
from mqtt.contract.repository import ASSIGN_LIMIT, Assignment, MetaSet, Stream
from mqtt.contract.state import Panel
from mqtt.office.authority import read_authority
from mqtt.office.change import Change
from mqtt.office.configuration.pushing import push
from mqtt.office.configuration.targets import target_of
from mqtt.office.content.build import Built
from mqtt.office.content.chunking import LISTS, MEDIA, Indexer
from mqtt.office.database import assignments, open_database
from mqtt.office.home import Home
from mqtt.office.notices.compose import Parts, compose
from mqtt.office.notices.raising import raise_notice
from mqtt.office.objects import Objects
from mqtt.office.publish import cosign, newest_head_bytes, publish_release
from mqtt.office.publisher.diff import Kind
from mqtt.office.publisher.retained import wanted
from mqtt.office.repository import changing, renew
from mqtt.office.settings import Settings
from mqtt.office.signed import current_meta, current_revision, roots
from provisioning.authority import found_authority
from provisioning.booths import NewBooth, add_booth, revoke_booth

REGULATION: Final = """\
schema = "authority/1"
order = ["dic", "foreign-affairs", "police"]

[roles]
root = { keys = 2, threshold = 2, days = 730 }
targets = { keys = 1, threshold = 1, days = 365 }
snapshot = { keys = 1, threshold = 1, days = 14 }
timestamp = { keys = 1, threshold = 1, days = 7 }
assignments = { keys = 1, threshold = 1, days = 14 }
operations = { keys = 1, threshold = 1, days = 180 }
collector = { keys = 1, threshold = 1, days = 365 }
firmware = { keys = 1, threshold = 1, days = 180 }

[agencies.dic]
vi = "Sở Thông tin và Truyền thông"
en = "Department of Information and Communications"
categories = ["essentials", "city", "programme"]
duty = { notices = ["*/general"] }

[agencies.foreign-affairs]
vi = "Sở Ngoại vụ"
en = "Department of Foreign Affairs"
categories = ["sovereignty"]
keys = 3
threshold = 2

[agencies.police]
vi = "Công an"
en = "Police"
categories = ["essentials", "clarifications"]
duty = { notices = ["*/security"] }

[gates.cat-bi]
kind = "air"
vi = "Cát Bi"
en = "Cát Bi"

[gates.hai-phong-port]
kind = "waterway"
vi = "Cảng Hải Phòng"
en = "Hải Phòng Port"

[categories]
essentials = {}
city = {}
programme = {}
sovereignty = {}
clarifications = {}
"""


@cache
def _founded(regulation: str, settings: Settings, now: datetime | None) -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="founded-office-")
    found_authority(Home(Path(folder.name)), regulation.encode(), settings, now or datetime.now(UTC))
    return folder


class Office:
    """A founded office.

    Args:
        root: Folder for it; its home is ``root/office``.
        now: Moment of all signatures; None follows the machine's clock. May be changed later.
        settings: Names and ports of its brokers.
        regulation: Text of ``authority.toml``.
    """

    def __init__(
        self,
        root: Path,
        *,
        now: datetime | None = None,
        settings: Settings | None = None,
        regulation: str = REGULATION,
    ) -> None:
        self.home = Home(root / "office")
        self.fixed_now = now
        self._announced = 0
        founded = _founded(regulation, settings or Settings(), now)
        shutil.copytree(founded.name, self.home.root)
        self.engine = open_database(self.home.database_url)
        self.objects = Objects(self.home.objects)

    @classmethod
    def of(cls, home: Home) -> Self:
        """Work in an office that was founded before, as another person at another desk."""
        office = cls.__new__(cls)
        office.home, office.fixed_now, office._announced = home, None, 0
        office.engine = open_database(home.database_url)
        office.objects = Objects(home.objects)
        return office

    @property
    def now(self) -> datetime:
        """The moment at which this office signs."""
        return self.fixed_now or datetime.now(UTC)

    def add_booth(
        self, booth: str, gate: str = "cat-bi", *, panels: tuple[Panel, ...] = (), clock: str = "system"
    ) -> Path:
        """Add a booth with both screens; returns its identity folder."""
        new = NewBooth(booth=booth, gate=gate, roles=("screen", "lookup"), panels=panels, clock=clock)
        return add_booth(self.home, self.engine, new, self.now)

    def revoke(self, booth: str) -> bool:
        """Take a booth out of service."""
        return revoke_booth(self.home, self.engine, booth, self.now)

    def publish(self, category: str, agency: str, files: dict[str, bytes], **head: Any) -> int:
        """Build, sign and hand over a release of these files; arguments as :meth:`build`; returns its number."""
        return publish_release(self.home, self.engine, self.build(category, agency, files, **head), self.now)

    def build(
        self, category: str, agency: str, files: dict[str, bytes], *, territory_files: tuple[str, ...] = (), **head: Any
    ) -> Built:
        """Build the next release of these files; ``head`` overrides fields of ``ReleaseHead``."""
        indexer = Indexer(self.objects)
        entries = []
        for path, data in sorted(files.items()):
            blob = indexer.index(self.objects.put(data), MEDIA)
            declared = path in territory_files
            entry = FileEntry(path=path, sha256=blob.sha256, size=blob.size, index=blob.index, territory=declared)
            entries.append(entry)
        listing = FileList(files=tuple(entries))
        newest = self.head(category, agency)
        facts: dict[str, Any] = {
            "number": newest.number + 1 if newest else 1,
            "issued": self.now,
            "valid_from": self.now,
            "valid_until": None,
            "gates": ("*",),
            "languages": LANGUAGES,
            "territory": listing.territory,
            "list": indexer.index(self.objects.put(encode(listing)), LISTS),
        }
        signed = ReleaseHead(category=category, agency=agency, **(facts | head))
        body = encode(signed)
        indexer.index(self.objects.put(body), LISTS)
        return Built(signed, body, listing, dict(indexer.sizes), indexer.new_bytes)

    def cosign(self, category: str, agency: str, number: int | None = None) -> int:
        """Put Foreign Affairs' signature under the newest release."""
        return cosign(self.home, self.engine, Stream(category=category, agency=agency), self.now, number)

    def renew(self) -> tuple[str, ...]:
        """Sign again what has lived more than half of its time."""
        return renew(self.home, self.engine, self.now)

    def head(self, category: str, agency: str) -> ReleaseHead | None:
        """The newest release head of a stream."""
        with self.engine.connect() as connection:
            body = newest_head_bytes(connection, category, agency)
        return decode(ReleaseHead, body, HEAD_LIMIT) if body else None

    def meta(self) -> MetaSet:
        """All metadata but the roots, as the publisher sends it."""
        with self.engine.connect() as connection:
            return current_meta(connection)

    def notices(self, now: datetime) -> dict[str, bytes]:
        """Notices that the publisher keeps retained at a moment, by topic."""
        with self.engine.connect() as connection:
            found = wanted(connection, self.objects, now)
        return {topic: one.payload() for topic, one in found.items() if one.kind is Kind.NOTICE}

    def announce(self, kind: str = "security", gate: str = "cat-bi", **parts: Any) -> Notice:
        """Raise an urgent notice of an agency whose duty it is; ``parts`` override fields of ``Parts``."""
        texts = {"vi": NoticeText(headline="Sân bay tạm đóng cửa"), "en": NoticeText(headline="Airport closed for now")}
        said: dict[str, Any] = {"texts": texts, "urgency": Urgency.URGENT}
        self._announced += 1
        made = compose(
            Parts(gate=gate, kind=kind, **(said | parts)), read_authority(self.home.authority), self.now,
            f"{self._announced:04}",
        )  # fmt: skip
        raise_notice(self.home, self.engine, made, self.now)
        return made

    def configure(self, what: str, text: str) -> int:
        """Push a layer of the configuration; returns its revision."""
        with self.engine.connect() as connection:
            target = target_of(connection, what)
        return push(self.home, self.engine, target, text, self.now).revision

    def roots(self) -> dict[int, bytes]:
        """Every version of the root."""
        with self.engine.connect() as connection:
            return roots(connection)

    def revision(self) -> int:
        """Grows with each change the publisher must send."""
        with self.engine.connect() as connection:
            return current_revision(connection)

    def assign(self, gate: str) -> bytes | None:
        """The assignment of a gate as signed, None before the first."""
        with self.engine.connect() as connection:
            return connection.scalar(select(assignments.c.body).where(assignments.c.gate == gate))

    def assignment(self, gate: str) -> Assignment:
        """The assignment of a gate, read."""
        body = self.assign(gate)
        assert body is not None, f"nothing was assigned to {gate}"
        return decode(Assignment, body, ASSIGN_LIMIT)

    def object(self, digest: str) -> bytes:
        """The bytes of a blob."""
        return self.objects.read(digest)

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Change the repository by hand, as a broken-in office could."""
        with changing(self.home, self.engine, self.now) as change:
            yield change

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """A transaction on the office's database."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
