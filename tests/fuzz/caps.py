"""CAP documents of others, spoilt: as bytes, and element by element, so that spoilt ones stay well-formed often enough.

What is accepted is a notice that a booth would take, of the agency that imports it, and goes out as it came in.
"""

import random
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from msgspec.structs import replace

from mqtt.contract.documents import decode, encode
from mqtt.contract.notices import NOTICE_LIMIT, MessageType, Notice
from mqtt.office.authority import parse_authority
from mqtt.office.notices.cap import read_cap, write_cap
from mqtt.office.notices.texts import problems
from mqtt.office.reference.examples import example_of
from provisioning.authority import DEFAULT
from tests.fuzz.mutation import ODD_TEXTS, spoil
from tests.fuzz.target import Parser, must

STORM: Final = Path(__file__).parents[1] / "office/notices/samples/storm.xml"
AGENCY: Final = "dic"
_LEAF: Final = re.compile(r"<([\w:]+)>([^<]*)</\1>")
_BLOCK: Final = re.compile(r"(?s)<(?:cap:)?(info|area|geocode|resource)>.*?</(?:cap:)?\1>")
_TEXTS: Final = (
    *ODD_TEXTS, "2026-12-01T08:00:00Z", "2026-12-04T08:00:00-00:00", "2999-12-31T23:59:59-14:00", "Alert", "Cancel",
    "Immediate", "en", "zh-Hans", "*", "hai-phong-port", "a@b,cat-bi-2026-12-01-fog,2026-12-01T08:00:00Z", "<b>x</b>",
    "&nbsp;", "]]>",
)  # fmt: skip
_WRONG_IN_ANY: Final = ("markup", "control character", "the same text", "headline: is empty")


class CapTarget(Parser):
    """The reader of CAP, as an officer calls it whose agency speaks of the weather at one gate."""

    def case(self, dice: random.Random) -> bytes:
        """Return the next case."""
        if dice.random() < 0.5:
            return spoil(dice, self.samples)
        document = dice.choice(self.samples).decode()
        for _ in range(dice.choice((1, 1, 2, 5))):
            document = dice.choice(_CHANGES)(dice, document)
        return document.encode("utf-8", "surrogatepass")


def cap(_: Path) -> CapTarget:
    """CAP 1.2 documents, of ours and of a weather service."""
    gates = parse_authority(DEFAULT.read_bytes()).gates
    fog = example_of(Notice)
    update = replace(fog, id="fog-is-thinner", type=MessageType.UPDATE, supersedes=(fog.id,))
    cancel = replace(update, id="fog-is-gone-1", type=MessageType.CANCEL, texts={})

    def read(case: bytes) -> None:
        notice = read_cap(case, gates, AGENCY, gate="cat-bi", kind="weather").notice
        must(decode(Notice, encode(notice), NOTICE_LIMIT) == notice, "a booth takes the notice")
        must(
            (notice.agency, notice.gate, notice.kind) == (AGENCY, "cat-bi", "weather"), "the officer says who and where"
        )
        must(timedelta() < notice.expires - notice.sent <= timedelta(hours=72), "a notice ends within 72 hours")
        wrong = [str(one) for one in problems(notice.texts, ()) if any(word in one.what for word in _WRONG_IN_ANY)]
        must(not wrong, "texts are plain, and none is a copy of another")
        earlier = [
            replace(fog, id=one, agency=AGENCY, sent=notice.sent, effective=None, expires=notice.expires)
            for one in notice.supersedes
        ]
        again = read_cap(write_cap(notice, gates, earlier), gates, AGENCY)
        must(again.notice == notice and not again.warnings, "a notice comes back as it went out")

    samples = [write_cap(fog, gates), write_cap(update, gates, [fog]), write_cap(cancel, gates, [fog])]
    storm = STORM.read_text("utf-8").replace("cảng\n      HẢI PHÒNG", "?").replace("Hải Phòng Port", "?")
    return CapTarget([*samples, storm.encode()], read)


def _another_text(dice: random.Random, document: str) -> str:
    leaves = list(_LEAF.finditer(document))
    if not leaves:
        return document
    leaf = dice.choice(leaves)
    text = dice.choice((dice.choice(leaves)[2], dice.choice(_TEXTS)))
    if dice.random() < 0.8:
        text = escape(text)
    return document[: leaf.start(2)] + text + document[leaf.end(2) :]


def _twice_gone_or_elsewhere(pattern: re.Pattern[str]) -> Callable[[random.Random, str], str]:
    def change(dice: random.Random, document: str) -> str:
        found: Sequence[re.Match[str]] = list(pattern.finditer(document))
        if not found:
            return document
        one, other = dice.choice(found), dice.choice(found)
        new = dice.choice(("", one[0] * 2, one[0] * 300, other[0], f"<info>{one[0]}</info>"))
        return document[: one.start()] + new + document[one.end() :]

    return change


_CHANGES: Final = (_another_text, _another_text, _twice_gone_or_elsewhere(_LEAF), _twice_gone_or_elsewhere(_BLOCK))
