"""A spoilt stick: what is believed of it was signed, or nothing changes; no name on it leads out of it.

A case is a line with the name of a file under ``GATEBOOTH/``, then what lies there instead; everything else is genuine.
"""

import random
import shutil
from datetime import timedelta
from pathlib import Path

from appliance.trust.verifier import Trust
from appliance.usb.stick import MountedStick, read_at
from mqtt.contract.errors import ContractError
from mqtt.contract.names import is_name
from mqtt.contract.stick import FOLDER
from mqtt.office.stick import cargo_for, write_stick
from tests.fuzz.mutation import spoil
from tests.fuzz.signed import GATE, NOW
from tests.fuzz.target import must
from tests.practice_office import Office


class StickTarget:
    """A booth that believed an older state is offered the newer one of the stick."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "trust"
        self._good = folder / "good"
        self._stick = folder / "stick"
        self._stick.mkdir()
        with Office(folder, now=NOW - timedelta(hours=1)) as office:
            office.add_booth("cb-01")
            self._root = office.roots()[1]
            older = office.meta(), office.assign(GATE) or b""
            office.publish("essentials", "dic", {"money/vi.md": b"x"})
            write_stick(self._stick, cargo_for(office.engine, GATE), office.objects, office.now, lambda *_: None)
            self._newer = office.meta()
        with Trust(self._good, self._root) as trust:
            trust.offer_root(1, self._root)
            trust.offer_meta(older[0].to_bytes())
            trust.offer_assignment(older[1])
            trust.refresh(NOW)
        root = self._stick / FOLDER
        self._files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        self._names = sorted(self._files)
        self._reset()

    def case(self, dice: random.Random) -> bytes:
        """One file spoilt."""
        name = dice.choice([one for one in self._names if not one.startswith("objects")] * 3 + self._names)
        return name.encode() + b"\n" + spoil(dice, [self._files[name]])

    def accepts(self, case: bytes) -> bool:
        """Read the offer and every blob, judge, refresh."""
        line, _, data = case.partition(b"\n")
        name = line.decode("utf-8", "replace")
        if name not in self._files:
            return False
        place = self._stick / FOLDER / name
        place.write_bytes(data)
        try:
            self._read_blobs()
            return self._judge()
        finally:
            place.write_bytes(self._files[name])

    def _judge(self) -> bool:
        before = _state(self._folder)
        try:
            gate, offer = MountedStick(self._stick).offer()
            must(is_name(gate), "a gate has a name")
            with Trust(self._folder, self._root) as trust:
                trust.judge(offer, GATE, NOW)
                view = trust.refresh(NOW)
                must(view is not None, "what was judged is believed")
                must(view is None or trust.assignment(view, GATE) is not None, "with its assignment")
                must(trust._inbox.meta() == self._newer, "what is believed was signed")
        except ContractError:
            must(_state(self._folder) == before, "a refused stick changes nothing")
            return False
        self._reset()
        return True

    def _read_blobs(self) -> None:
        for name in self._names:
            digest = name.rpartition("/")[2]
            if name.startswith("objects/"):
                size = len(self._files[name])
                try:
                    with MountedStick(self._stick).blob(digest, size) as file:
                        must(len(read_at(file, 0, size)) == size, "a blob has its size")
                except ContractError:
                    continue

    def _reset(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        shutil.copytree(self._good, self._folder)


def _state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
