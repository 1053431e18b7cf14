"""What the law asks of a traveller: how to pass the gate, what stays in the country, where one sleeps."""

from typing import Final

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw import papers, people, rooms, things
from mqtt.office.sample.draw.pen import Pen, Sheet, smooth

_TAKEN: Final = {(0, 2), (1, 1), (2, 0), (2, 5)}
"""Row and place of the keys that guests have with them."""


def lane(sheet: Sheet) -> None:
    """A lane between belts, and beside it what is not done here: photographs, drones."""
    pen = rooms.stage(sheet, "#cfe0e4", "#f1efe4", None)
    pen.rect(-20, 640, 1640, 280, "#d8d2c2")
    pen.rect(-20, 640, 1640, 12, "#ffffff70")
    pen.fill([(420, 900), (610, 640), (860, 640), (980, 900)], "#c3cdd0")
    rooms.sign(pen.at(735, 600), 340, 120, c.NAVY, 300)
    rooms.arrow(pen.at(735, 240), 150)
    people.officer(pen.at(735, 640, 0.9))
    for left, right, y, height in ((560, 910, 700, 190), (430, 1000, 800, 240)):
        for x in (left, right):
            _post(pen.at(x, y), height)
    for start, end in (((560, 524), (430, 576)), ((910, 524), (1000, 576))):
        pen.line([start, end], 20, c.RED)
    people.walker(pen.at(700, 868, 1.0), c.JADE_DEEP, c.NAVY, pack=True)
    for x, draw in ((200, _camera), (1330, _drone)):
        pen.rect(x - 8, 420, 16, 400, c.STEEL)
        pen.disc(x, 380, 168, c.WHITE)
        draw(pen.at(x, 380))
        pen.ring(x, 380, 152, 30, c.RED)
        pen.line([(x - 106, 274), (x + 106, 486)], 26, c.RED)


def _post(pen: Pen, height: float) -> None:
    pen.oval(0, 0, 44, 12, c.INK)
    pen.rect(-8, -height, 16, height, c.INK_SOFT, 6)
    pen.disc(0, -height, 15, c.INK)


def _camera(pen: Pen) -> None:
    pen.rect(-36, -78, 72, 40, c.INK, 10)
    pen.rect(-94, -56, 188, 122, c.INK, 18)
    pen.disc(0, 4, 50, c.MIST)
    pen.disc(0, 4, 34, c.INK_SOFT)
    pen.disc(-10, -8, 10, c.WHITE)


def _drone(pen: Pen) -> None:
    for side in (-1, 1):
        pen.line([(0, 0), (side * 84, -34)], 14, c.INK)
        pen.oval(side * 84, -52, 50, 9, c.INK_SOFT)
        pen.rect(side * 84 - 6, -52, 12, 28, c.INK, 4)
        pen.line([(side * 26, 10), (side * 48, 62)], 8, c.INK)
    pen.rect(-46, -26, 92, 52, c.INK, 22)
    pen.disc(0, 26, 18, c.STEEL)


def keepsakes(sheet: Sheet) -> None:
    """A packed suitcase, an old vase that needs a paper, and what never travels: a tusk, a shell."""
    pen = rooms.stage(sheet, "#dbe3df", "#f5eede", "#c7a67c", 680)
    pen.rect(0, 680, 1600, 14, "#ffffff70")
    rooms.suitcase(pen.at(360, 800, 1.72), c.SEA_DEEP, c.NAVY)
    _vase(pen.at(800, 800, 1.2))
    for x, draw in ((1120, _tusk), (1400, _shell)):
        pen.oval(x, 794, 124, 16, c.SHADE)
        draw(pen.at(x, 790))
        pen.disc(x, 330, 92, c.WHITE)
        things.cross(pen.at(x, 330), 42, c.RED, 24)


def _vase(pen: Pen) -> None:
    pen.oval(0, 0, 110, 16, c.SHADE)
    right = [(46, -340), (54, -300), (104, -240), (126, -176), (108, -96), (72, -30), (64, 0)]
    curve = smooth([(60, -372), *right], closed=False)
    pen.fill([*((-x, y) for x, y in curve), *reversed(curve)], "#e3ece9")
    pen.fill([*curve, *reversed([(x * 0.62, y) for x, y in curve])], "#20394a24")
    pen.rect(-68, -384, 136, 20, "#c6d5d2", 9)
    for y, half in ((-322, 49), (-44, 78)):
        pen.rect(-half, y, half * 2, 12, c.NAVY, 5)
    lotus = pen.at(-8, -150)
    for turn in (-64, -32, 0, 32, 64):
        lotus.at(0, 36, 1, turn).oval(0, -46, 13, 42, c.NAVY)
    pen.stroke([(46, -340), (116, -330), (146, -286)], 5, c.WOOD_DEEP)
    tag = pen.at(166, -246, 1, 10)
    tag.fill([(-44, 60), (-44, -20), (0, -52), (44, -20), (44, 60)], c.GOLD)
    tag.disc(0, -26, 9, c.WOOD_DEEP)
    papers.lines(tag, -26, 0, (52, 52), colour=c.WOOD_DEEP, step=24)


def _tusk(pen: Pen) -> None:
    pen.blob([(-100, -10), (-96, -66), (10, -100), (70, -190), (82, -300), (110, -190), (84, -60), (0, 0)], "#f1e4c4")
    pen.blob([(-100, -10), (-110, -38), (-96, -66), (-82, -40)], "#c2ad82")
    pen.stroke([(-60, -24), (40, -60), (86, -170)], 7, "#d8c598")


def _shell(pen: Pen) -> None:
    pen.half(0, -20, 120, -150, "#a8703f")
    pen.rect(-120, -30, 240, 26, "#c99058", 12)
    for x, y, r in ((0, -104, 34), (-62, -74, 26), (62, -74, 26), (-28, -50, 16), (30, -50, 16)):
        pen.disc(x, y, r, "#75492c")
        pen.disc(x - r * 0.1, y - r * 0.12, r * 0.7, "#8f5c37")


def reception(sheet: Sheet) -> None:
    """The desk where one checks in: keys on the wall, a passport, a bell and the register on the counter."""
    pen = rooms.stage(sheet, "#e4dccb", "#f6f0e2", None)
    pen.rect(470, 90, 660, 330, c.WOOD_DEEP, 14)
    pen.rect(490, 110, 620, 290, c.WOOD, 8)
    for row in range(3):
        for place in range(6):
            _key(pen.at(546 + place * 102, 138 + row * 92, 0.9), hung=(row, place) not in _TAKEN)
    pen.disc(260, 250, 96, "#ffffff60")
    things.clock(pen.at(260, 250), 84)
    people.bust(pen.at(800, 620, 1.25), c.RED_DEEP, long_hair=True)
    rooms.plant(pen.at(1440, 640, 1.3))
    pen.rect(40, 604, 1520, 130, "#d2ab78", 12)
    pen.rect(40, 604, 1520, 12, "#ffffff60", 6)
    pen.rect(90, 734, 1420, 190, c.WOOD)
    pen.rect(90, 734, 1420, 26, "#00000020")
    papers.passport(pen.at(420, 656, 0.46, -66))
    book = pen.at(1120, 706)
    book.fill([(-200, -6), (-160, -86), (0, -70), (0, 14)], c.PAPER)
    book.fill([(200, -6), (160, -86), (0, -70), (0, 14)], "#efe8d6")
    for y in (-58, -40, -22):
        book.line([(-150 - (y + 58) * 0.4, y), (-24, y + 12)], 5, c.MIST)
        book.line([(150 + (y + 58) * 0.4, y), (24, y + 12)], 5, c.MIST)
    book.line([(60, -20), (128, -108)], 10, c.NAVY)
    bell = pen.at(640, 690)
    bell.half(0, -10, 50, -46, c.GOLD)
    bell.rect(-58, -14, 116, 16, c.GOLD_DEEP, 7)
    bell.disc(0, -60, 9, c.GOLD_DEEP)


def _key(pen: Pen, *, hung: bool) -> None:
    pen.disc(0, 0, 7, c.GOLD_DEEP)
    if hung:
        pen.ring(0, 20, 14, 6, c.GOLD)
        pen.rect(-4, 32, 8, 38, c.GOLD, 3)
        for y in (52, 62):
            pen.rect(2, y, 14, 6, c.GOLD, 2)
