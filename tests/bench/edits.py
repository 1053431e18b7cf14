"""What five edited pages of 2,400 cost on the wire: every byte of both planes, both ways, the report included."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, Goal
from tests.bench.site import Site
from tests.world.line import Quality

PAGES: Final = 2400
EDITED: Final = 5
STREAM: Final = "essentials/dic"
QUIET_S: Final = 1.5
_SYLLABLES: Final = 2000
"""As many as a language uses: pages deflate as real ones do, by about two thirds."""
_LETTERS: Final = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậéèẻẽẹíìỉĩịóòỏõọ"


def edits(folder: Path, runs: int) -> Iterator[Figure]:
    """Yield bytes on the wire as a share of what is allowed: 1.1 × the changed bytes + 32 KiB."""
    dice = random.Random(1)
    words = ["".join(dice.choices(_LETTERS, k=dice.randint(2, 6))) for _ in range(_SYLLABLES)]
    files = {f"item-{number:04}/vi.md": _page(dice, words) for number in range(PAGES)}
    shares, wires, changes = [], [], []
    with Site(folder, Quality()) as site:
        _publish(site, files)
        for _ in range(runs):
            _settle(site)
            edited = {name: _page(dice, words) for name in dice.sample(sorted(files), EDITED)}
            before = site.carried
            _publish(site, files | edited)
            files |= edited
            _settle(site)
            changed = sum(map(len, edited.values()))
            wire = site.carried - before
            wires.append(wire)
            changes.append(changed)
            shares.append(wire / (1.1 * changed + 32 * 1024))
    reference = f"{sorted(changes)[len(changes) // 2]} bytes changed"
    yield Figure("edits: bytes on the wire", tuple(map(float, wires)), "bytes", reference)
    yield Figure("edits: share of 1.1 × changed + 32 KiB", tuple(shares), "ratio", reference, Goal("≤", 1.0))


def _page(dice: random.Random, words: list[str]) -> bytes:
    return " ".join(dice.choices(words, k=700)).encode()


def _publish(site: Site, files: dict[str, bytes]) -> None:
    number = site.office.publish(*STREAM.split("/"), files)

    def reported() -> bool:
        report = site.report
        return report is not None and STREAM in report.streams and report.streams[STREAM].shown == number

    site.until(reported, f"report of release {number}")


def _settle(site: Site) -> None:
    """Wait until nothing is said any more."""
    seen, since = site.carried, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        time.sleep(0.1)
        if site.carried != seen:
            seen, since = site.carried, time.monotonic()
