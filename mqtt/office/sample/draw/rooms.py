"""Rooms and streets: backdrop, desk, signs, what stands on tables. Origin: the foot."""

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, Sheet


def stage(
    sheet: Sheet, wall: str = "#d7e6e6", low: str = c.SKY_LOW, table: str | None = c.SAND, top: float = 720
) -> Pen:
    """A quiet backdrop with a pale disc and, unless None, a table whose edge is ``top`` units from above."""
    sheet.fade(wall, low)
    pen = sheet.pen
    pen.disc(800, 470, 400, "#ffffff66")
    if table:
        pen.rect(-20, top, 1640, 920 - top, table)
        pen.rect(-20, top, 1640, 14, "#ffffff70")
    return pen


def counter(pen: Pen, width: float = 900, height: float = 260, colour: str = c.WOOD) -> None:
    """A service desk seen from the front, standing."""
    pen.rect(-width / 2 + 20, -height + 20, width - 40, height - 20, colour)
    pen.rect(-width / 2 + 20, -height + 20, width - 40, 44, "#00000022")
    for x in range(round(-width / 2 + 60), round(width / 2 - 60), 110):
        pen.rect(x, -height + 90, 80, height - 120, "#ffffff14", 8)
    pen.rect(-width / 2, -height, width, 34, c.CREAM, 10)


def sign(pen: Pen, width: float = 300, height: float = 130, colour: str = c.NAVY, pole: float = 200) -> None:
    """An empty sign on two poles, standing."""
    for side in (-1, 1):
        pen.rect(side * width * 0.34 - 6, -pole - 10, 12, pole + 10, c.STEEL)
    pen.rect(-width / 2, -pole - height, width, height, colour, 18)
    pen.rect(-width / 2 + 10, -pole - height + 10, width - 20, height - 20, "#ffffff14", 12)


def plant(pen: Pen) -> None:
    """A plant in a pot, about 260 high, standing."""
    for turn, length in ((-62, 0.9), (-30, 1.1), (0, 1.25), (32, 1.05), (60, 0.85)):
        leaf = pen.at(0, -96, length, turn)
        leaf.blob(
            [(0, 0), (-26, -54), (-16, -110), (0, -138), (16, -110), (26, -54)], c.LEAF_DEEP if turn % 4 else c.LEAF
        )
    pen.fill([(-58, -104), (58, -104), (42, 0), (-42, 0)], "#b8694a")
    pen.rect(-66, -116, 132, 26, "#c77b5a", 6)


def building(  # noqa: PLR0913, PLR0917 - its size, its looks
    pen: Pen, width: float, height: float, colour: str, floors: int, windows: int
) -> None:
    """A plain block with windows, standing."""
    pen.rect(-width / 2, -height, width, height, colour)
    across, down = width / windows, (height - 30) / floors
    for floor in range(floors):
        for place in range(windows):
            x, y = -width / 2 + (place + 0.22) * across, -height + 24 + floor * down
            pen.rect(x, y, across * 0.56, down * 0.58, "#ffffff5c", 3)


def bowl(pen: Pen) -> None:
    """A bowl of noodles with chopsticks, about 620 wide, standing."""
    pen.oval(0, 2, 250, 24, c.SHADE)
    pen.rect(-110, -34, 220, 34, "#2c5a75", 10)
    pen.half(0, -220, 310, 200, "#f7f4ec")
    pen.oval(0, -220, 310, 84, "#f7f4ec")
    pen.oval(0, -218, 286, 70, "#b5643a")
    for place in range(7):
        y = -250 + place * 10
        points = [(x, y + 9 * (-1) ** (step + place)) for step, x in enumerate(range(-150 + place * 6, 171, 46))]
        pen.stroke(points, 11, ("#c08a52", "#a9713e")[place % 2])
    for x, y, turn in ((-150, -226, 12), (-96, -196, -20), (160, -236, 24)):
        pen.at(x, y, 1, turn).blob([(-60, 0), (-30, -20), (20, -16), (60, 0), (26, 18), (-30, 16)], "#d9cba8")
    for x, y in ((60, -252), (98, -226), (38, -212)):
        pen.half(x, y, 44, 30, "#e88f5b")
        pen.oval(x, y, 44, 12, "#f0a878")
    for x, y, turn in ((-40, -266, 30), (-10, -242, -40), (16, -280, 80), (-70, -250, 0), (120, -198, 30)):
        pen.at(x, y, 1, turn).oval(0, 0, 22, 9, c.LEAF_DEEP)
    for shift in (0, 26):
        pen.line([(70 + shift, -240), (330 + shift, -450 + shift)], 13, c.WOOD_DEEP)


def scales(pen: Pen) -> None:
    """A balance, about 520 wide and 460 high, standing."""
    pen.rect(-120, -30, 240, 30, c.INK, 10)
    pen.rect(-9, -430, 18, 410, c.GOLD_DEEP, 8)
    pen.line([(-230, -390), (230, -390)], 14, c.GOLD_DEEP)
    pen.disc(0, -430, 26, c.GOLD)
    for side in (-1, 1):
        pen.line([(side * 230, -390), (side * 310, -190)], 4, c.INK_SOFT)
        pen.line([(side * 230, -390), (side * 150, -190)], 4, c.INK_SOFT)
        pen.half(side * 230, -194, 92, 52, c.GOLD)


def suitcase(pen: Pen, colour: str = c.RED, band: str = c.RED_DEEP) -> None:
    """A cabin suitcase, about 300 high, standing."""
    for side in (-1, 1):
        pen.line([(side * 34, -220), (side * 34, -300)], 8, c.STEEL)
        pen.disc(side * 66, -6, 14, c.INK)
    pen.rect(-44, -312, 88, 18, c.INK, 9)
    pen.rect(-96, -230, 192, 222, colour, 22)
    for x in (-48, 0, 48):
        pen.rect(x - 5, -214, 10, 190, band, 5)


def bottle(pen: Pen, colour: str = "#8cc3d4") -> None:
    """A bottle of water, about 330 high, standing."""
    pen.rect(-28, -330, 56, 44, c.NAVY, 8)
    pen.fill([(-22, -288), (22, -288), (62, -220), (-62, -220)], "#d8edf2")
    pen.rect(-64, -232, 128, 232, "#d8edf2", 22)
    pen.rect(-56, -196, 112, 188, colour, 16)
    pen.rect(-64, -168, 128, 76, c.PAPER)
    pen.fill([(0, -158), (22, -122), (0, -102), (-22, -122)], c.SEA)
    pen.rect(-46, -216, 12, 200, c.LIGHT, 6)


def arrow(pen: Pen, length: float = 130, colour: str = c.WHITE, width: float = 18) -> None:
    """An arrow to the right; origin in its middle."""
    pen.line([(-length / 2, 0), (length / 2, 0)], width, colour)
    pen.line([(length / 2 - 38, -34), (length / 2, 0), (length / 2 - 38, 34)], width, colour)


def kiosk(pen: Pen) -> None:
    """A touch screen on a foot, about 500 high, standing."""
    pen.rect(-17, -250, 34, 244, c.INK_SOFT)
    pen.rect(-90, -14, 180, 22, c.INK, 8)
    pen.rect(-122, -500, 244, 330, c.INK, 22)
    pen.rect(-104, -482, 208, 294, "#e6f1f3", 10)
    tiles = (c.SEA, c.RED, c.GOLD, c.JADE, c.NAVY, c.SAND)
    for place, colour in enumerate(tiles):
        pen.rect(-86 + place % 2 * 90, -460 + place // 2 * 88, 78, 72, colour, 12)
