"""A pen that draws flat shapes with smooth edges, in units of a 1600 × 900 sheet.

Everything becomes filled polygons on a sheet three times as fine, which is averaged at the end. A pen can be put
elsewhere, turned, scaled and mirrored: shapes are written once, around their own origin.

    x to the right, y downwards; angles in degrees, clockwise
"""

import math
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from PIL import Image, ImageColor, ImageDraw

WIDTH: Final = 1600
HEIGHT: Final = 900
FINER: Final = 3
"""Points across one pixel of the finished picture."""

Point = tuple[float, float]
_ROUND: Final = 48


@dataclass(frozen=True)
class Pen:
    """Draws on a sheet through an affine map: ``(x, y) → (ax + cy + e, bx + dy + f)``."""

    draw: ImageDraw.ImageDraw
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def at(self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, *, mirror: bool = False) -> Self:
        """Return a pen whose origin is (x, y) of this one, scaled, turned and maybe mirrored left to right."""
        cosine, sine = math.cos(math.radians(turn)) * scale, math.sin(math.radians(turn)) * scale
        side = -1.0 if mirror else 1.0
        return type(self)(
            self.draw,
            (self.a * cosine + self.c * sine) * side,
            (self.b * cosine + self.d * sine) * side,
            self.c * cosine - self.a * sine,
            self.d * cosine - self.b * sine,
            self.a * x + self.c * y + self.e,
            self.b * x + self.d * y + self.f,
        )

    def fill(self, points: Iterable[Point], colour: str) -> None:
        """Fill a polygon."""
        mapped = [(self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f) for x, y in points]
        self.draw.polygon(mapped, fill=colour)

    def rect(  # noqa: PLR0913, PLR0917 - plane geometry in its usual order
        self, x: float, y: float, width: float, height: float, colour: str, radius: float = 0.0
    ) -> None:
        """Fill a rectangle given by its top left corner, with round corners."""
        self.fill(rounded(x, y, width, height, radius), colour)

    def oval(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        """Fill an ellipse around (x, y)."""
        self.fill(sector(x, y, rx, ry, 0, 360), colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle around (x, y)."""
        self.oval(x, y, radius, radius, colour)

    def pie(  # noqa: PLR0913, PLR0917 - plane geometry in its usual order
        self, x: float, y: float, radius: float, start: float, end: float, colour: str
    ) -> None:
        """Fill a slice of a circle between two angles."""
        self.fill([(x, y), *sector(x, y, radius, radius, start, end)], colour)

    def half(self, x: float, y: float, rx: float, ry: float, colour: str) -> None:
        """Fill the lower half of an ellipse around (x, y); a negative ``ry`` gives the upper half."""
        self.fill(sector(x, y, rx, ry, 0, 180), colour)

    def line(self, points: Sequence[Point], width: float, colour: str) -> None:
        """Draw a stroke with round ends and joints."""
        for (x0, y0), (x1, y1) in pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            u, v = (y1 - y0) / length * width / 2, (x0 - x1) / length * width / 2
            self.fill([(x0 + u, y0 + v), (x1 + u, y1 + v), (x1 - u, y1 - v), (x0 - u, y0 - v)], colour)
        for x, y in points:
            self.disc(x, y, width / 2, colour)

    def stroke(self, points: Sequence[Point], width: float, colour: str) -> None:
        """Draw a smooth stroke through points."""
        self.line(smooth(points, closed=False), width, colour)

    def blob(self, points: Sequence[Point], colour: str) -> None:
        """Fill a smooth closed shape through points."""
        self.fill(smooth(points), colour)

    def ring(self, x: float, y: float, radius: float, width: float, colour: str) -> None:
        """Draw a circle line around (x, y)."""
        self.line(sector(x, y, radius, radius, 0, 360), width, colour)


class Sheet:
    """A picture being drawn.

    Args:
        width: Pixels of the finished picture.
        height: Pixels of the finished picture; the sheet's units span its width.
        finer: Points across one pixel while drawing.
    """

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, finer: int = FINER) -> None:
        self._image = Image.new("RGB", (width * finer, height * finer))
        self._finer = finer
        self._unit = width * finer / WIDTH
        self.height = height * WIDTH / width
        """Height of the sheet in units."""

    @property
    def pen(self) -> Pen:
        """A pen at the top left corner."""
        return Pen(ImageDraw.Draw(self._image, "RGBA"), self._unit, 0, 0, self._unit, 0, 0)

    def fade(self, top: str, bottom: str, start: float = 0.0, end: float | None = None) -> None:
        """Cover a band of the whole width with a vertical gradient.

        Args:
            top: Colour at ``start``.
            bottom: Colour at ``end``.
            start: Where the band begins, units from the top.
            end: Where it ends; the bottom edge when not given.
        """
        last = self._image.height if end is None else round(end * self._unit)
        height = last - round(start * self._unit)
        mask = Image.linear_gradient("L").resize((1, height))
        upper, lower = (Image.new("RGB", mask.size, ImageColor.getrgb(colour)) for colour in (top, bottom))
        column = Image.composite(lower, upper, mask)
        band = column.resize((self._image.width, height), Image.Resampling.NEAREST)
        self._image.paste(band, (0, round(start * self._unit)))

    def finish(self) -> Image.Image:
        """Return the picture at its own size, edges smooth."""
        return self._image.reduce(self._finer)

    def copy(self) -> Self:
        """Return a sheet of its own with what is drawn on this one."""
        other = copy(self)
        other._image = self._image.copy()  # noqa: SLF001 - one of us
        return other


def sector(  # noqa: PLR0913, PLR0917 - plane geometry in its usual order
    x: float, y: float, rx: float, ry: float, start: float, end: float
) -> list[Point]:
    """Return points of an elliptic arc between two angles."""
    steps = max(3, round(abs(end - start) / 360 * _ROUND * 2))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def polar(radius: float, angle: float) -> Point:
    """Return the point at this distance and angle from the origin."""
    return radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle))


def rounded(x: float, y: float, width: float, height: float, radius: float) -> list[Point]:
    """Return the outline of a rectangle with round corners."""
    r = min(radius, width / 2, height / 2)
    if r <= 0:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    corners = ((x + width - r, y + height - r, 0), (x + r, y + height - r, 90), (x + r, y + r, 180))
    return [
        point
        for cx, cy, start in (*corners, (x + width - r, y + r, 270))
        for point in sector(cx, cy, r, r, start, start + 90)
    ]


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 12) -> list[Point]:
    """Return a smooth line through points (Catmull-Rom), closed or open."""
    count = len(points)
    line: list[Point] = []
    for place in range(count if closed else count - 1):
        near = [points[(place + n) % count if closed else min(max(place + n, 0), count - 1)] for n in (-1, 0, 1, 2)]
        line += [_between(near, step / steps) for step in range(steps)]
    return line if closed else [*line, points[-1]]


def _between(near: Sequence[Point], t: float) -> Point:
    weights = (
        -t / 2 + t**2 - t**3 / 2,
        1 - 2.5 * t**2 + 1.5 * t**3,
        t / 2 + 2 * t**2 - 1.5 * t**3,
        -(t**2) / 2 + t**3 / 2,
    )
    x = sum(weight * point[0] for weight, point in zip(weights, near, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, near, strict=True))
    return x, y
