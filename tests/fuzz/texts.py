"""Parsers of what people write: content sources, identity.toml; and of what a broken disk leaves."""

from pathlib import Path

import msgspec

from appliance import identity
from appliance.errors import RefusedError
from appliance.identity import Identity
from appliance.lib import facts
from appliance.lib.clock import ClockFact
from appliance.trust.floor import Floors
from mqtt.contract.errors import ErrorCode
from mqtt.office.content.markdown import outline
from mqtt.office.content.problems import Problem
from mqtt.office.content.source import ItemFront
from mqtt.office.content.tables import read_table
from mqtt.office.content.texts import read_text, split_page
from mqtt.office.content.walk import read_source
from tests.fuzz.target import Parser, must

SOURCE = Path(__file__).parents[2] / "mqtt/office/sample/content"
ITEMS = ("essentials/dic/money/vi.md", "law/police/temporary-stay/vi.md", "city/tourism/cat-ba-and-lan-ha/vi.md")
IDENTITY = b"""
booth = "cb-01"
gate = "cat-bi"
roles = ["screen", "lookup"]
brokers = [{ host = "127.0.0.1", control = 8883, bulk = 8884 }]
clock = "system"

[[panels]]
output = "HDMI-A-1"
role = "screen"
width_px = 1920
height_px = 1080
diagonal_inch = 43.0
"""


def _refuse(text: str) -> RefusedError:
    return RefusedError(ErrorCode.SOURCE_FRONT, text)


def page(folder: Path) -> Parser:
    """A text of an item: UTF-8, front matter, facts, Markdown."""
    file = folder / "vi.md"

    def read(case: bytes) -> None:
        file.write_bytes(case)
        text = read_text(file, "vi.md")
        found = text if isinstance(text, Problem) else split_page(text, "vi.md")
        if isinstance(found, Problem):
            raise _refuse(found.text)
        lines = case.count(b"\n") + case.count(b"\r") + 2
        bones = outline(found.body, found.body_line)
        must(all(1 <= link.line <= lines for link in bones.links), "a mistake is named on a line of the file")
        front, problems = read_table(ItemFront, found.front, found.front.table)
        must(all(1 <= problem.line <= lines for problem in problems), "a mistake is named on a line of the file")
        if front is None:
            raise _refuse(problems[0].text)
        must(msgspec.convert(msgspec.to_builtins(front), ItemFront) == front, "front matter keeps its own rules")

    return Parser([(SOURCE / name).read_bytes() for name in ITEMS], read)


def tree(folder: Path) -> Parser:
    """A whole source with one spoilt file; the walk reports, it never raises."""
    item = folder / "essentials/dic/money"
    programme = folder / "programme/dic"
    for place in (item, programme):
        place.mkdir(parents=True)
    places = (folder / "streams.toml", item / "vi.md", programme / "programme.toml")
    good = [(SOURCE / place.relative_to(folder)).read_bytes() for place in places]
    for place, data in zip(places, good, strict=True):
        place.write_bytes(data)

    def read(case: bytes) -> None:
        number = case[0] % 3 if case else 0
        places[number].write_bytes(case[1:])
        try:
            found = read_source(folder)
        finally:
            places[number].write_bytes(good[number])
        mine = [one for one in found.problems if one.file == str(places[number].relative_to(folder))]
        if mine:
            raise _refuse(mine[0].text)

    return Parser([bytes([number]) + data for number, data in enumerate(good)], read)


def identity_file(folder: Path) -> Parser:
    """``identity.toml``."""
    file = folder / "identity/identity.toml"
    file.parent.mkdir()

    def read(case: bytes) -> None:
        file.write_bytes(case)
        me = identity.read(folder)
        must(msgspec.convert(msgspec.to_builtins(me), Identity) == me, "an identity keeps its own rules")

    return Parser([IDENTITY], read)


def floors(folder: Path) -> Parser:
    """A copy of the version floors after a bad day: the other one still counts."""
    file = folder / "floors.json"
    Floors(file).raise_to({"root": 4, "timestamp@0011223344556677": 812})
    copy = folder / "floors.copy.json"
    good = copy.read_bytes()

    def read(case: bytes) -> None:
        copy.write_bytes(good)
        file.write_bytes(case)
        found = Floors(file).by_role
        must(found["root"] >= 4 and found["timestamp"] >= 812, "a spoilt copy never lowers a floor")
        must(all(isinstance(version, int) for version in found.values()), "versions are numbers")

    return Parser([good], read)


def fact(folder: Path) -> Parser:
    """A fact of another process: the typed value, or nothing."""
    file = folder / "clock.json"
    sample = b'{"now":"2026-11-25T05:00:00Z","boottime_ns":12345,"boot":"a1b2","source":"ntp","trusted":true}'

    def read(case: bytes) -> None:
        file.write_bytes(case)
        found = facts.read(file, ClockFact)
        if found is None:
            raise _refuse("no fact")
        must(msgspec.json.decode(msgspec.json.encode(found), type=ClockFact) == found, "a fact reads back as itself")

    return Parser([sample], read)
