"""Sky, sea, hills, islands and plants. Each shape stands on its own origin: the middle of its foot."""

import math
from collections.abc import Sequence
from itertools import pairwise

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, Point, Sheet


def sky(sheet: Sheet, top: str = c.SKY_TOP, low: str = c.SKY_LOW, horizon: float = 620) -> None:
    """Fill the sheet down to the horizon and beyond with air."""
    sheet.fade(top, low, 0, horizon)
    if horizon < sheet.height:
        sheet.fade(low, low, horizon)


def sun(pen: Pen, radius: float = 90) -> None:
    """A low sun with a halo; origin in its middle."""
    pen.disc(0, 0, radius * 1.7, "#f6c66726")
    pen.disc(0, 0, radius * 1.32, "#f6c66740")
    pen.disc(0, 0, radius, c.SUN)


def cloud(pen: Pen, colour: str = "#ffffffb8") -> None:
    """A flat cloud about 260 wide; origin at the middle of its flat foot."""
    puffs = ((-84, -4, 46), (-16, -30, 64), (66, -6, 54))
    crest = [(float(x), min(_arc(x, *puff) for puff in puffs)) for x in range(-130, 121, 2)]
    pen.fill([(-130, 0), *crest, (120, 0)], colour)


def _arc(x: float, middle: float, y: float, radius: float) -> float:
    """Height of a circle's upper edge over x, 0 beside it."""
    beside = abs(x - middle)
    return min(0.0, y - math.sqrt(radius**2 - beside**2)) if beside < radius else 0.0


def hills(pen: Pen, tops: Sequence[float], colour: str, foot: float = 900) -> None:
    """A range across the whole sheet whose ridge passes through ``tops``, evenly spaced (units from the top)."""
    step = 1800 / (len(tops) - 1)
    ridge = [(-100 + place * step, top) for place, top in enumerate(tops)]
    pen.fill([*_eased(ridge), (1700, foot), (-100, foot)], colour)


def sea(pen: Pen, top: float, height: float, phase: float = 0.0, bands: int = 5) -> None:
    """Water from ``top`` down, in bands of gentle waves; ``phase`` 0…1 moves them by one period."""
    colours = ("#7fb4bf", "#6aa5b4", "#5797a8", "#47899c", "#3a7b8f", "#2f6d82")
    for band in range(bands):
        rise = band / bands
        y = top + height * rise**1.25
        size, period = 1.5 + 9 * rise, 160 + 240 * rise
        shift = (phase + band * 0.37) * period * (1 if band % 2 else -1)
        line = [(x, y + size * math.sin((x + shift) / period * math.tau)) for x in range(-20, 1641, 20)]
        pen.fill([*line, (1640, top + height), (-20, top + height)], colours[min(band, len(colours) - 1)])


def glints(pen: Pen, places: Sequence[Point], colour: str = "#ffffff80") -> None:
    """Short gleams on water."""
    for x, y in places:
        pen.rect(x - 34, y, 68, 5, colour, 2.5)
        pen.rect(x + 14, y + 16, 40, 4, colour, 2)


def karst(pen: Pen, width: float, height: float, *, far: bool = False) -> None:
    """A limestone island rising from the water: steep flanks, a green crown, its foot in shade."""
    rock, crown, dark = (c.ROCK, c.JADE, c.ROCK_DEEP) if not far else ("#a3bcbd", "#98bdb0", "#93afb1")
    w, h = width / 2, height
    outline = [(-w, 0), (-0.9 * w, -0.3 * h), (-0.74 * w, -0.66 * h), (-0.42 * w, -0.93 * h), (-0.05 * w, -h)]
    outline += [(0.3 * w, -0.9 * h), (0.55 * w, -0.74 * h), (0.76 * w, -0.6 * h), (0.92 * w, -0.28 * h), (w, 0)]
    pen.fill(_eased(outline), rock)
    green = [(-0.83 * w, -0.46 * h), *outline[2:8], (0.84 * w, -0.44 * h), (0.62 * w, -0.36 * h), (0.4 * w, -0.55 * h)]
    pen.blob([*green, (0.1 * w, -0.42 * h), (-0.2 * w, -0.6 * h), (-0.5 * w, -0.38 * h)], crown)
    shade = [(0.2 * w, 0), (0.34 * w, -0.3 * h), (0.3 * w, -0.46 * h), (0.62 * w, -0.3 * h), (0.9 * w, -0.22 * h)]
    pen.fill([*shade, (w, 0)], dark)
    pen.fill([(-w, 0), (-0.97 * w, -0.05 * h), (0.97 * w, -0.05 * h), (w, 0)], "#20394a30")


def tree(pen: Pen, crown: str = c.LEAF_DEEP, light: str = c.LEAF) -> None:
    """A round shade tree, about 260 high."""
    pen.fill([(-10, 0), (-7, -130), (7, -130), (12, 0)], c.WOOD_DEEP)
    pen.line([(0, -95), (38, -140)], 9, c.WOOD_DEEP)
    for x, y, r in ((-46, -160, 58), (44, -158, 56), (0, -205, 66)):
        pen.disc(x, y, r, crown)
    for x, y, r in ((-58, -176, 34), (-8, -226, 40), (34, -172, 28)):
        pen.disc(x, y, r, light)


def palm(pen: Pen) -> None:
    """A coconut palm, about 330 high, leaning to the right."""
    trunk = [(0, 0), (10, -90), (26, -180), (54, -262)]
    for width, (start, end) in zip((20, 17, 14), pairwise(trunk), strict=True):
        pen.line([start, end], width, c.WOOD)
    for turn, length in ((-164, 130), (-128, 120), (-82, 100), (-40, 118), (-8, 128), (30, 96), (-200, 96)):
        leaf = pen.at(54, -262, length / 130, turn)
        leaf.blob([(0, 0), (40, -20), (95, -14), (132, 16), (90, 6), (40, 4)], c.LEAF_DEEP if turn % 4 else c.JADE_DEEP)


def paddies(pen: Pen, top: float, foot: float, vanish: float = 800) -> None:
    """Rice fields running to the horizon: strips of two greens with dikes between them."""
    pen.rect(-20, top, 1640, foot - top, "#a6ba5f")
    edges = [-4790 + 330 * n for n in range(35)]
    for place, (left, right) in enumerate(pairwise(edges)):
        near = [(vanish + (right - 800) * 0.22, top), (vanish + (left - 800) * 0.22, top)]
        pen.fill([(left, foot), (right, foot), *near], ("#b5c46a", "#a6ba5f", "#c3cd7a")[place % 3])
        pen.line([(left, foot), near[1]], 5, "#98a85b")
    for depth in (0.12, 0.3, 0.58):
        y = top + (foot - top) * depth
        pen.rect(-20, y, 1640, 3 + 7 * depth, "#98a85b")


def sprout(pen: Pen, colour: str = c.LEAF_DEEP) -> None:
    """A tuft of rice, about 60 high."""
    for lean, height in ((-26, 44), (-12, 58), (2, 66), (16, 56), (28, 40)):
        pen.stroke([(lean * 0.15, 0), (lean * 0.4, -height * 0.6), (lean, -height)], 5, colour)


def flamboyant(pen: Pen) -> None:
    """One red flamboyant blossom, about 120 wide; origin in its middle."""
    for place in range(5):
        petal = pen.at(0, 0, 1, place * 72 - 90)
        shade = "#e08a3c" if place == 0 else (c.RED, "#d5564a", c.RED, "#d5564a")[place - 1]
        petal.blob([(6, 0), (24, -16), (50, -27), (66, -9), (64, 10), (48, 27), (22, 14)], shade)
    for angle in range(-150, -20, 26):
        tip = (40 * math.cos(math.radians(angle)), 40 * math.sin(math.radians(angle)))
        pen.line([(0, 0), tip], 3, c.RED_DEEP)
        pen.disc(*tip, 4.5, c.GOLD)
    pen.disc(0, 0, 9, c.RED_DEEP)


def fern(pen: Pen, length: float = 240) -> None:
    """A feathered leaf of the flamboyant, pointing right from its origin."""
    pen.line([(0, 0), (length, 0)], 4, c.LEAF_DEEP)
    for x in range(14, round(length), 15):
        span = 26 * math.sin(math.pi * (0.12 + 0.84 * x / length)) + 10
        for side in (-1, 1):
            pen.at(x, 0, 1, side * 58).oval(span * 0.62, 0, span * 0.62, 5.2, c.LEAF if side < 0 else c.LEAF_DEEP)


def lotus(pen: Pen) -> None:
    """A lotus in bloom, about 220 wide, on the water."""
    for x, turn, colour in ((0, -70, "#e9a9b4"), (0, 70, "#e9a9b4"), (0, -38, "#efbcc4"), (0, 38, "#efbcc4")):
        pen.at(x, 0, 1, turn).blob([(0, 6), (-28, -50), (-20, -98), (0, -124), (20, -98), (28, -50)], colour)
    pen.blob([(0, 8), (-30, -48), (-22, -98), (0, -128), (22, -98), (30, -48)], "#f6d3d7")


def _eased(points: Sequence[Point]) -> list[Point]:
    """Round the corners of a ridge without overshooting its ends."""
    line = list(points)
    for _ in range(3):
        cut = [(p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t) for p, q in pairwise(line) for t in (0.25, 0.75)]
        line = [line[0], *cut, line[-1]]
    return line
