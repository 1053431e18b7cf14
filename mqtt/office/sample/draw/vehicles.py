"""What moves people and goods, seen from the side. Origin: the middle of the foot (wheels, waterline)."""

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen

GLASS = "#cfe6ec"


def wheel(pen: Pen, radius: float = 40) -> None:
    """A wheel; origin in its middle."""
    pen.disc(0, 0, radius, c.INK)
    pen.disc(0, 0, radius * 0.55, c.STEEL)
    pen.disc(0, 0, radius * 0.2, c.INK)


def taxi(pen: Pen, colour: str = c.WHITE, stripe: str = c.JADE) -> None:
    """A taxi, about 520 long, driving to the right."""
    pen.oval(0, 2, 280, 16, c.SHADE)
    pen.fill([(-150, -118), (-96, -196), (88, -196), (160, -118)], colour)
    pen.fill([(-128, -122), (-84, -182), (-8, -182), (-8, -122)], GLASS)
    pen.fill([(8, -122), (8, -182), (80, -182), (134, -122)], GLASS)
    pen.rect(-260, -122, 520, 84, colour, 26)
    pen.rect(-258, -84, 516, 22, stripe)
    pen.rect(228, -108, 30, 22, c.GOLD, 8)
    pen.rect(-258, -108, 22, 22, c.RED, 8)
    pen.rect(-44, -226, 88, 32, c.GOLD, 10)
    pen.rect(-30, -104, 34, 9, c.STEEL, 4)
    for x in (-158, 158):
        pen.disc(x, -38, 52, "#00000030")
        wheel(pen.at(x, -38), 42)


def bus(pen: Pen, colour: str = c.SEA, stripe: str = c.PAPER) -> None:
    """A bus, about 760 long, driving to the right."""
    pen.oval(0, 2, 400, 18, c.SHADE)
    pen.rect(-380, -300, 760, 264, colour, 34)
    pen.rect(-380, -132, 760, 22, stripe)
    for x in range(-350, 190, 108):
        pen.rect(x, -264, 94, 106, GLASS, 12)
    pen.rect(204, -264, 76, 210, GLASS, 10)
    pen.line([(242, -262), (242, -58)], 6, colour)
    pen.rect(300, -264, 80, 132, GLASS, 14)
    pen.rect(350, -86, 30, 24, c.GOLD, 8)
    pen.rect(-360, -328, 600, 34, c.MIST, 14)
    for x in (-230, 120):
        pen.disc(x, -44, 62, "#00000030")
        wheel(pen.at(x, -46), 48)


def truck(pen: Pen, cab: str = c.RED, box: str = c.SEA) -> None:
    """A container truck, about 860 long, driving to the right."""
    pen.oval(0, 2, 450, 18, c.SHADE)
    pen.rect(-430, -92, 830, 26, c.INK, 6)
    container(pen.at(-130, -96), 580, 230, box)
    pen.fill([(190, -70), (190, -320), (330, -320), (378, -200), (412, -186), (412, -60), (190, -60)], cab)
    pen.fill([(262, -292), (318, -292), (356, -200), (262, -200)], GLASS)
    pen.rect(206, -292, 40, 92, "#00000022", 8)
    pen.rect(392, -112, 22, 30, c.GOLD, 6)
    pen.rect(190, -76, 222, 18, c.INK)
    for x in (-360, -262, -164, 122, 312):
        pen.disc(x, -46, 58, "#00000026")
        wheel(pen.at(x, -46), 46)


def container(pen: Pen, width: float = 300, height: float = 130, colour: str = c.RED) -> None:
    """A freight container, standing."""
    pen.rect(-width / 2, -height, width, height, colour, 4)
    step = 22
    for place in range(int((width - 24) / step)):
        pen.rect(-width / 2 + 16 + place * step, -height + 12, 9, height - 24, "#0000001c")
    pen.rect(-width / 2, -height, width, 8, "#ffffff30")
    pen.rect(-width / 2, -8, width, 8, "#00000030")


def ship(pen: Pen) -> None:
    """A container ship on the water, about 1000 long, heading right."""
    colours = (c.RED, c.GOLD, c.JADE, c.NAVY, c.STEEL, "#c77b4a")
    for column in range(6):
        for row in range((2, 3, 3, 2, 3, 2)[column]):
            container(pen.at(-190 + column * 104, -92 - row * 58), 100, 56, colours[(column * 2 + row * 3) % 6])
    pen.rect(-420, -306, 150, 220, c.PAPER, 6)
    pen.rect(-440, -330, 190, 40, c.PAPER, 6)
    for row in range(4):
        for x in (-404, -358, -312):
            pen.rect(x, -322 + row * 54 + (0 if row else 4), 30, 20, GLASS if row else c.INK, 4)
    pen.rect(-392, -392, 54, 64, c.RED, 4)
    pen.rect(-392, -376, 54, 16, c.GOLD)
    pen.line([(-300, -330), (-300, -410)], 6, c.STEEL)
    pen.fill([(-500, -96), (510, -96), (452, 16), (-470, 16)], c.NAVY_DEEP)
    pen.fill([(-484, -30), (476, -30), (452, 16), (-470, 16)], c.RED_DEEP)
    pen.fill([(410, -96), (530, -136), (510, -96)], c.NAVY_DEEP)


def ferry(pen: Pen) -> None:
    """A passenger ferry on the water, about 520 long, heading right."""
    pen.rect(-190, -150, 330, 70, c.WHITE, 12)
    pen.rect(-130, -206, 190, 62, c.WHITE, 12)
    for x in range(-170, 110, 50):
        pen.rect(x, -132, 34, 30, c.SEA, 6)
    for x in (-110, -60, -10):
        pen.rect(x, -192, 36, 26, c.SEA, 6)
    pen.rect(-100, -250, 44, 46, c.RED, 4)
    pen.line([(40, -206), (40, -262)], 5, c.STEEL)
    pen.fill([(-250, -84), (270, -84), (214, 12), (-222, 12)], c.NAVY)
    pen.fill([(-238, -40), (244, -40), (214, 12), (-222, 12)], c.RED)
    pen.rect(-246, -84, 510, 10, c.WHITE)


def junk(pen: Pen, sail: str = "#c8643f") -> None:
    """A boat with two battened sails, about 330 long, on the water."""
    for x, height, width in ((-40, 260, 150), (92, 190, 100)):
        pen.line([(x, -20), (x, -height - 24)], 7, c.WOOD_DEEP)
        sail_edge = [(x - width * 0.42, -52), (x - width * 0.5, -height * 0.72), (x - width * 0.08, -height)]
        belly = [(x + width * 0.4, -height * 0.8), (x + width * 0.56, -height * 0.4), (x + width * 0.44, -48)]
        pen.fill([*sail_edge, *belly], sail)
        for part in (0.32, 0.52, 0.72):
            y = -height * part
            pen.line([(x - width * 0.44, y), (x + width * 0.5, y - 14)], 4, c.RED_DEEP)
    pen.blob([(-170, -52), (-120, -30), (0, -24), (130, -32), (186, -66), (150, 4), (60, 16), (-100, 14)], c.WOOD_DEEP)
    pen.stroke([(-166, -46), (-110, -24), (0, -18), (130, -26), (180, -58)], 8, c.WOOD)


def sampan(pen: Pen) -> None:
    """A rowing boat with a woven roof, about 260 long, on the water."""
    pen.half(-12, -26, 66, -58, "#c9a267")
    pen.half(-12, -26, 46, -42, c.WOOD_DEEP)
    pen.blob([(-140, -44), (-90, -24), (0, -20), (90, -24), (140, -48), (100, 6), (0, 14), (-100, 6)], c.WOOD)


def plane(pen: Pen, tail: str = c.SEA_DEEP) -> None:
    """An airliner, about 760 long, heading right; origin in its middle."""
    pen.fill([(-20, 10), (90, 10), (-120, 150), (-176, 150)], c.STEEL)
    pen.fill([(-380, -150), (-300, -150), (-210, -30), (-350, -10)], tail)
    pen.blob(
        [
            (-370, -30),
            (-250, -52),
            (0, -58),
            (230, -54),
            (330, -34),
            (378, 0),
            (320, 30),
            (150, 44),
            (-120, 40),
            (-300, 8),
        ],
        c.WHITE,
    )
    pen.stroke([(-330, 0), (-120, 26), (150, 30), (330, 14)], 9, c.SEA)
    for x in range(-210, 250, 36):
        pen.rect(x, -30, 16, 20, c.SEA, 7)
    pen.fill([(306, -34), (350, -16), (330, -8), (298, -12)], c.INK)
    pen.fill([(-10, 12), (110, 12), (-90, 130), (-140, 130)], c.MIST)
    pen.rect(-40, 56, 96, 34, c.SEA_DEEP, 17)
    pen.fill([(-372, -24), (-270, -24), (-360, 22), (-410, 22)], c.MIST)


def crane(pen: Pen, colour: str = c.GOLD) -> None:
    """A quay crane, about 560 high, its boom to the left."""
    for x in (-70, 90):
        pen.line([(x, 0), (x, -380)], 16, colour)
    pen.line([(-70, -150), (90, -150)], 12, colour)
    pen.line([(-70, -150), (90, -370)], 8, colour)
    pen.line([(-380, -380), (190, -380)], 18, colour)
    pen.line([(10, -380), (10, -540)], 14, colour)
    pen.line([(10, -536), (-300, -384)], 6, c.INK_SOFT)
    pen.line([(10, -536), (180, -384)], 6, c.INK_SOFT)
    pen.rect(-40, -376, 60, 44, c.INK, 6)
    pen.line([(-250, -376), (-250, -270)], 4, c.INK_SOFT)
    pen.rect(-290, -272, 80, 12, c.INK)
