"""A whole session under mutated arrivals of every topic: nothing on disk changes that was not signed.

Two booths: one has everything, one waits for chunks that never come. A case is a line with the topic, then the payload.
"""

import random
from pathlib import Path

from mqtt.contract import topics
from mqtt.contract.chunks import CHUNK_LIMIT, ChunkIndex
from mqtt.contract.documents import decode, encode
from mqtt.contract.errors import ContractError
from mqtt.contract.frames import pack, pack_gone, unpack
from mqtt.contract.releases import BlobRef, FileList
from mqtt.contract.state import Conn
from mqtt.contract.topics import TOPICS, Plane
from tests.fuzz.mutation import spoil
from tests.fuzz.signed import NOW
from tests.fuzz.target import must
from tests.practice_office import Office
from tests.sync.simulated import SimulatedBooth, Weather

VIDEO = random.Random(1).randbytes(300_000)


class SessionTarget:
    """``Session.take`` of both booths."""

    def __init__(self, folder: Path) -> None:
        self._office = Office(folder / "office", now=NOW)
        self._genuine: dict[str, bytes] = {}
        self._booths = [self._booth(folder / name, name, loss) for name, loss in (("cb-01", 0.0), ("cb-02", 1.0))]
        retained = self._booths[0]._of_office()
        self._retained = {topic: payload for topic, payload in retained.items() if "hai-phong" not in topic}
        self._blob, self._index = self._video()
        self._fixed = dict(self._retained)
        for number, chunk in enumerate(self._index.chunks):
            data = VIDEO[chunk.offset : chunk.offset + chunk.length]
            self._fixed[topics.BLOB.at(gate="cat-bi", digest=self._blob.sha256) + f"#{number}"] = pack(data, number)
        self._fixed[topics.BLOB.at(gate="cat-bi", digest=self._blob.sha256) + "#gone"] = pack_gone()
        conn = Conn(booth="cb-01", online=False, boot="simulated-boot", connection=1)
        self._fixed[topics.CONN.at(booth="cb-01")] = encode(conn)
        self._topics = sorted(self._fixed)
        self._before = [_state(booth.folder) for booth in self._booths]

    def _booth(self, folder: Path, name: str, loss: float) -> SimulatedBooth:
        folder.mkdir()
        identity = self._office.add_booth(name)
        if not self._office.head("essentials", "dic"):
            self._office.publish("essentials", "dic", {"money/vi.md": "Tiền".encode(), "money/film.mp4": VIDEO})
        booth = SimulatedBooth(self._office, folder, identity, Weather(loss=loss))
        booth.connect()
        booth.follow_office()
        booth.run(120, until=lambda: booth.shows("essentials/dic/money/vi.md") is not None)
        return booth

    def _video(self) -> tuple[BlobRef, ChunkIndex]:
        head = self._office.head("essentials", "dic")
        assert head is not None
        listing = decode(FileList, self._office.object(head.list.sha256), 1 << 20)
        blob = next(entry.blob for entry in listing.files if entry.path.endswith(".mp4"))
        assert blob.index is not None
        return blob, ChunkIndex.parse(self._office.object(blob.index.sha256), blob.size)

    def case(self, dice: random.Random) -> bytes:
        """A topic with its own payload spoilt, another's, or a topic that is none."""
        topic = dice.choice(self._topics)
        payload = self._fixed[topic]
        if dice.random() < 0.3:
            one = dice.choice(TOPICS)
            payload = dice.choice([payload, *self._retained.values()])
            topic = one.at(**{key: dice.choice(("cat-bi", "cb-01", "7", "a" * 64)) for key in one.placeholders})
        payload = spoil(dice, [payload])
        name = topic.partition("#")[0].encode()
        if dice.random() < 0.05:
            name = spoil(dice, [name]).replace(b"\n", b"")
        return name + b"\n" + payload

    def accepts(self, case: bytes) -> bool:
        """Let it arrive at both booths."""
        name, _, payload = case.partition(b"\n")
        topic = name.decode("utf-8", "replace")
        plane = Plane.BULK if topics.BLOB.match(topic) else Plane.CONTROL
        genuine = self._retained.get(topic) == payload or self._is_chunk(topic, payload)
        for place, booth in enumerate(self._booths):
            refused = len(booth.session._refusals.all)
            booth.inject(topic, payload, plane)
            after = _state(booth.folder)
            before = self._before[place]
            changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            unverified = [path for path in changed if "/root." in path and path not in before]
            for path in unverified:
                (booth.folder / path).unlink(missing_ok=True)
            self._before[place] = _state(booth.folder)
            must(genuine or not set(changed) - set(unverified), f"{topic} changed {changed}")
            must(refused <= 32, "refusals are bounded")
            booth.session.outgoing(booth.now)
        return genuine

    def _is_chunk(self, topic: str, payload: bytes) -> bool:
        """Whether it is a right chunk in another spelling of its frame."""
        found = topics.BLOB.match(topic)
        if found is None or found["digest"] != self._blob.sha256:
            return False
        try:
            frame = unpack(payload, CHUNK_LIMIT)
        except ContractError:
            return False
        if frame.gone or frame.number >= len(self._index.chunks):
            return False
        chunk = self._index.chunks[frame.number]
        return frame.data == VIDEO[chunk.offset : chunk.offset + chunk.length]


def _state(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every file with what a write changes of it; but the outbox records refusals, and must."""
    found: dict[str, tuple[int, int, int]] = {}
    for path in folder.rglob("*"):
        seen = path.lstat()
        recorded = path.relative_to(folder).parts[0] == "outbox"
        if not recorded and (not path.is_dir() or path.is_symlink()):
            found[str(path.relative_to(folder))] = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
    return found
