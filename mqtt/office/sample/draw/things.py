"""Things in hands. Flat ones have their origin in the middle, standing ones at their foot."""

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, polar


def rubber_stamp(pen: Pen) -> None:
    """A stamp with a wooden handle, about 200 high, standing."""
    pen.rect(-70, -34, 140, 34, c.INK, 8)
    pen.fill([(-50, -34), (50, -34), (26, -92), (-26, -92)], c.WOOD)
    pen.rect(-18, -140, 36, 60, c.WOOD, 10)
    pen.disc(0, -158, 40, c.WOOD)
    pen.disc(-12, -170, 12, c.LIGHT)


def coins(pen: Pen, count: int = 4) -> None:
    """A pile of coins, standing."""
    for place in range(count):
        y = -place * 22
        pen.oval(0, y - 4, 58, 20, c.GOLD_DEEP)
        pen.rect(-58, y - 16, 116, 12, c.GOLD_DEEP)
        pen.oval(0, y - 18, 58, 20, c.GOLD)
    pen.oval(0, -count * 22 + 4, 40, 12, "#f0c873")


def phone(pen: Pen, width: float = 230, height: float = 450, screen: str = "#eaf3f4") -> None:
    """A smartphone with an empty screen."""
    pen.rect(-width / 2 + 10, -height / 2 + 14, width, height, c.SHADE, 34)
    pen.rect(-width / 2, -height / 2, width, height, c.INK, 34)
    pen.rect(-width / 2 + 14, -height / 2 + 16, width - 28, height - 32, screen, 22)
    pen.rect(-34, -height / 2 + 25, 68, 13, c.INK, 6.5)


def signal_bars(pen: Pen, colour: str = c.JADE, bars: int = 4) -> None:
    """Bars of reception, 130 wide, standing."""
    for place in range(bars):
        pen.rect(-65 + place * 34, -(34 + place * 28), 24, 34 + place * 28, colour, 7)


def shield(pen: Pen, colour: str = c.NAVY, light: str = "#3a6496") -> None:
    """A shield, 220 × 260; origin in its middle."""
    outline = [(0, -130), (60, -108), (110, -100), (108, 0), (84, 62), (44, 104), (0, 130)]
    pen.fill([*outline, *((-x, y) for x, y in reversed(outline))], colour)
    pen.fill([*((x * 0.82, y * 0.82) for x, y in outline)], light)
    pen.fill([*((-x * 0.82, y * 0.82) for x, y in outline)], "#ffffff1f")


def tick(pen: Pen, colour: str = c.WHITE, width: float = 22) -> None:
    """A tick about 110 wide."""
    pen.line([(-50, 4), (-14, 40), (54, -40)], width, colour)


def cross(pen: Pen, size: float = 60, colour: str = c.RED, width: float = 22) -> None:
    """An X."""
    pen.line([(-size, -size), (size, size)], width, colour)
    pen.line([(-size, size), (size, -size)], width, colour)


def medical_cross(pen: Pen, size: float = 100, colour: str = c.RED) -> None:
    """A plus sign."""
    pen.rect(-size * 0.3, -size, size * 0.6, size * 2, colour, size * 0.1)
    pen.rect(-size, -size * 0.3, size * 2, size * 0.6, colour, size * 0.1)


def handset(pen: Pen, colour: str = c.RED) -> None:
    """A telephone receiver, about 380 long, lying along x."""
    pen.stroke([(-150, 40), (-120, -30), (0, -62), (120, -30), (150, 40)], 62, colour)
    for side in (-1, 1):
        pen.at(side * 152, 34, 1, side * -18).rect(-52, -14, 104, 74, colour, 26)
        pen.at(side * 152, 34, 1, side * -18).rect(-40, 40, 80, 22, c.INK, 10)
    pen.stroke([(-110, -46), (0, -78), (70, -66)], 10, "#da7a70")


def clock(pen: Pen, radius: float = 90) -> None:
    """A clock showing ten past ten; origin in its middle."""
    pen.disc(0, 0, radius, c.INK)
    pen.disc(0, 0, radius * 0.86, c.PAPER)
    for hour in range(12):
        pen.disc(*polar(radius * 0.7, hour * 30), radius * 0.045, c.STEEL)
    pen.line([(0, 0), polar(radius * 0.42, -150)], radius * 0.09, c.INK)
    pen.line([(0, 0), polar(radius * 0.58, -30)], radius * 0.07, c.INK)
    pen.disc(0, 0, radius * 0.08, c.RED)


def magnifier(pen: Pen, radius: float = 80) -> None:
    """A magnifying glass, its handle to the lower right; origin in the middle of the glass."""
    pen.line([(radius * 0.75, radius * 0.75), (radius * 1.7, radius * 1.7)], radius * 0.32, c.WOOD_DEEP)
    pen.disc(0, 0, radius, c.INK)
    pen.disc(0, 0, radius * 0.82, "#e6f1f3")
    pen.fill(
        [
            (-radius * 0.5, radius * 0.1),
            (-radius * 0.1, -radius * 0.5),
            (radius * 0.1, -radius * 0.5),
            (-radius * 0.4, radius * 0.3),
        ],
        "#ffffffc0",
    )


def message(pen: Pen) -> None:
    """A bell and lines, as a phone shows news; origin in the middle of its screen."""
    pen.disc(0, -80, 44, c.RED)
    pen.half(0, -74, 22, -26, c.WHITE)
    pen.rect(-26, -76, 52, 14, c.WHITE, 6)
    pen.disc(0, -56, 7, c.WHITE)
    for place, width in enumerate((150, 150, 100)):
        pen.rect(-75, -6 + place * 34, width, 14, c.MIST, 7)
