"""People without faces, calm and upright. Origin: the middle below them."""

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen


def bust(pen: Pen, coat: str = c.NAVY, skin: str = c.SKIN, hair: str = c.INK, *, long_hair: bool = False) -> None:
    """Head and shoulders, about 250 wide and 320 high; cut off flat below."""
    if long_hair:
        pen.rect(-70, -290, 140, 190, hair, 62)
    pen.fill([*_shoulders(124, 168)], coat)
    pen.rect(-30, -196, 60, 62, skin, 20)
    pen.pie(0, -150, 44, 0, 180, skin)
    pen.fill([(-44, -150), (0, -96), (44, -150), (30, -164), (0, -128), (-30, -164)], c.WHITE)
    pen.oval(0, -232, 58, 68, skin)
    pen.half(0, -240, 62, -64, hair)
    pen.fill([(-62, -240), (-20, -262), (62, -244), (62, -236), (52, -222), (30, -246), (-40, -240), (-54, -222)], hair)


def officer(pen: Pen, coat: str = c.OLIVE, skin: str = c.SKIN) -> None:
    """A bust in uniform with a peaked cap."""
    bust(pen, coat, skin)
    pen.half(0, -262, 78, -56, coat)
    pen.rect(-70, -272, 140, 26, c.RED, 6)
    pen.fill([(-64, -248), (64, -248), (76, -232), (-76, -232)], c.INK)
    pen.disc(0, -276, 13, c.GOLD)
    for side in (-1, 1):
        pen.at(side * 92, -150, 1, side * 24).rect(-26, -8, 52, 16, c.GOLD, 5)


def helmeted(pen: Pen, coat: str = c.GOLD_DEEP, helmet: str = c.WHITE, skin: str = c.SKIN) -> None:
    """A bust with a safety helmet and a vest with bright bands."""
    bust(pen, coat, skin)
    for side in (-1, 1):
        pen.fill([(side * 46, -150), (side * 74, -146), (side * 70, 0), (side * 40, 0)], "#f7e9b4")
    pen.half(0, -250, 72, -66, helmet)
    pen.rect(-84, -258, 168, 16, helmet, 8)
    pen.rect(-10, -318, 20, 60, "#00000014", 8)


def sailor(pen: Pen, skin: str = c.SKIN_DEEP) -> None:
    """A bust with a flat sailor's cap and a wide collar."""
    bust(pen, c.NAVY, skin)
    pen.fill([(-86, -158), (0, -70), (86, -158), (46, -166), (0, -116), (-46, -166)], c.WHITE)
    pen.rect(-74, -306, 148, 36, c.WHITE, 18)
    pen.rect(-62, -278, 124, 28, c.NAVY_DEEP, 6)
    pen.disc(0, -264, 9, c.GOLD)


def conical_hat(pen: Pen) -> None:
    """A palm-leaf hat, 240 wide; origin in the middle of its brim."""
    pen.fill([(-120, 0), (0, -96), (120, 0)], "#ead9ad")
    pen.half(0, 0, 120, 16, "#d9c48d")
    for x in (-70, -24, 24, 70):
        pen.line([(0, -92), (x, 2)], 2.5, "#cdb67c")


def farmer(pen: Pen) -> None:
    """A bust with a palm-leaf hat."""
    bust(pen, "#7c5a86", c.SKIN_DEEP)
    conical_hat(pen.at(0, -256))


def walker(pen: Pen, coat: str = c.RED, trousers: str = c.NAVY, skin: str = c.SKIN, *, pack: bool = False) -> None:
    """A whole person walking to the right, about 330 high."""
    if pack:
        pen.rect(-66, -252, 60, 112, c.JADE_DEEP, 22)
    pen.line([(-4, -130), (-44, -66), (-62, -8)], 32, trousers)
    pen.line([(4, -130), (40, -70), (46, -8)], 32, trousers)
    for x in (-54, 56):
        pen.rect(x - 28, -14, 52, 16, c.INK, 8)
    pen.rect(-40, -260, 80, 146, coat, 32)
    pen.line([(6, -232), (26, -180), (58, -150)], 22, coat)
    pen.disc(60, -148, 12, skin)
    pen.rect(-10, -282, 24, 36, skin, 8)
    pen.disc(4, -302, 34, skin)
    pen.half(2, -306, 36, -34, c.INK)
    pen.rect(-34, -310, 20, 26, c.INK, 10)


def arm(pen: Pen, sleeve: str, skin: str = c.SKIN, length: float = 420) -> None:
    """A forearm reaching right from its origin, hand at the end."""
    pen.rect(0, -62, length - 120, 124, sleeve, 16)
    pen.rect(length - 146, -54, 40, 108, c.WHITE, 10)
    pen.rect(length - 116, -48, 130, 96, skin, 44)


def _shoulders(half_width: float, height: float) -> list[tuple[float, float]]:
    right = [(half_width, 0), (half_width - 4, -height * 0.52), (half_width * 0.78, -height * 0.82)]
    right += [(half_width * 0.3, -height), (0, -height)]
    return [*((-x, y) for x, y in right), *reversed(right)]
