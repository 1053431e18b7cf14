"""A blob that was arriving when the power went: whatever its files hold, a wrong object never comes out."""

import random
from hashlib import sha256
from pathlib import Path

from appliance.content.partial import Partial
from mqtt.contract.chunks import ChunkIndex
from mqtt.contract.releases import BlobRef
from tests.fuzz.mutation import spoil
from tests.fuzz.target import must

LENGTHS = [64, 100, 1, 512, 323]
DATA = random.Random(2).randbytes(sum(LENGTHS))


class PartialTarget:
    """``Partial`` over a spoilt map (the first bytes of a case, after their number) and spoilt data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "partial"
        self._object = folder / "object"
        self._folder.mkdir()
        self._index = ChunkIndex.of_lengths(DATA, LENGTHS)
        self._blob = BlobRef(sha256=sha256(DATA).hexdigest(), size=len(DATA))

    def case(self, dice: random.Random) -> bytes:
        """Spoil the map, the data, or both."""
        found = bytes(dice.choice((0, 1)) for _ in LENGTHS)
        bitmap = found if dice.random() < 0.5 else spoil(dice, [found])[:255]
        data = DATA if dice.random() < 0.5 else spoil(dice, [DATA])
        return bytes([len(bitmap)]) + bitmap + data

    def accepts(self, case: bytes) -> bool:
        """Resume, bring what is missing until it is whole."""
        count = case[0] if case else 0
        bitmap, data = case[1 : 1 + count], case[1 + count :]
        (self._folder / f"{self._blob.sha256}.map").write_bytes(bitmap)
        (self._folder / self._blob.sha256).write_bytes(data)
        self._object.unlink(missing_ok=True)
        with Partial(self._folder, self._blob, self._index) as partial:
            trusted = not partial.missing
            for _ in range(2):
                for number in partial.missing:
                    chunk = self._index.chunks[number]
                    partial.write(number, DATA[chunk.offset : chunk.offset + chunk.length])
                if partial.finish(self._object):
                    break
        must(self._object.is_file(), "a second round mends whatever the disk has lost")
        must(self._object.read_bytes() == DATA, "an object has its digest")
        return trusted
