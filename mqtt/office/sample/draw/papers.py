"""What is printed: documents, money, cards, codes. Origin: the middle."""

from collections.abc import Sequence

from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, polar, sector


def lines(  # noqa: PLR0913 - where, how wide, how far apart
    pen: Pen, left: float, top: float, widths: Sequence[float], *, colour: str = c.MIST, step: float = 26
) -> None:
    """Grey lines that stand for writing."""
    for place, width in enumerate(widths):
        pen.rect(left, top + place * step, width, 10, colour, 5)


def sheet_of_paper(pen: Pen, width: float = 260, height: float = 350, colour: str = c.PAPER) -> None:
    """A document with lines and a heading."""
    pen.rect(-width / 2 + 10, -height / 2 + 12, width, height, c.SHADE, 10)
    pen.rect(-width / 2, -height / 2, width, height, colour, 10)
    left, top = -width / 2 + 30, -height / 2 + 36
    pen.rect(left, top, width * 0.5, 16, c.NAVY, 8)
    rows = int((height - 130) / 28)
    lines(pen, left, top + 44, [width - 60 - (0, 0, 0, 70)[row % 4] for row in range(rows)], step=28)


def seal(pen: Pen, radius: float = 46, colour: str = c.RED) -> None:
    """The print of a round stamp."""
    pen.ring(0, 0, radius, 6, colour)
    pen.ring(0, 0, radius * 0.72, 3, colour)
    star(pen, radius * 0.46, colour)


def star(pen: Pen, radius: float, colour: str = c.GOLD) -> None:
    """A five-pointed star."""
    pen.fill(
        [point for n in range(5) for point in (polar(radius, n * 72 - 90), polar(radius * 0.4, n * 72 - 54))],
        colour,
    )


def passport(pen: Pen, colour: str = "#2f6a5a") -> None:
    """A closed passport, 240 × 330."""
    pen.rect(-110, -153, 240, 330, c.SHADE, 18)
    pen.rect(-120, -165, 240, 330, colour, 18)
    pen.rect(-120, -165, 22, 330, "#00000026", 10)
    pen.ring(8, -20, 58, 6, c.GOLD)
    pen.line([(-50, -20), (66, -20)], 5, c.GOLD)
    for spread in (26, 58):
        pen.line(sector(8, -20, spread * 0.8, 58, 0, 360), 5, c.GOLD)
    pen.rect(-52, -118, 120, 14, c.GOLD, 7)
    pen.rect(-32, 88, 80, 12, c.GOLD, 6)


def open_passport(pen: Pen) -> None:
    """A passport opened flat at the page with the picture, 560 × 330."""
    pen.rect(-268, -154, 560, 340, c.SHADE, 20)
    pen.rect(-286, -172, 572, 344, "#2f6a5a", 20)
    pen.rect(-274, -160, 272, 320, c.PAPER, 10)
    pen.rect(2, -160, 272, 320, c.PAPER, 10)
    pen.rect(-10, -160, 20, 320, "#20394a1f")
    pen.rect(30, -130, 96, 122, "#cfe0e4", 8)
    pen.half(78, -8, 42, -40, c.NAVY)
    pen.disc(78, -70, 25, c.SKIN)
    pen.half(78, -76, 26, -24, c.INK)
    lines(pen, 144, -122, (100, 80, 100, 64))
    lines(pen, 30, 24, (214, 214, 150))
    for place in range(2):
        pen.rect(30, 112 + place * 22, 214, 11, c.STEEL, 3)


def banknote(pen: Pen, colour: str = "#8db7a3", dark: str = "#5f9480") -> None:
    """A note without figures, 360 × 170."""
    pen.rect(-174, -78, 360, 170, c.SHADE, 12)
    pen.rect(-180, -85, 360, 170, colour, 12)
    pen.rect(-166, -71, 332, 142, "#ffffff3a", 8)
    pen.disc(0, 0, 50, dark)
    pen.disc(0, 0, 38, colour)
    star(pen, 26, "#ffffffc0")
    for side in (-1, 1):
        pen.rect(side * 118 - 34, -44, 68, 12, dark, 6)
        pen.rect(side * 118 - 34, 32, 68, 12, dark, 6)
        pen.disc(side * 118, 0, 15, dark)


def bank_card(pen: Pen, colour: str = c.NAVY) -> None:
    """A bank card, 320 × 200."""
    pen.rect(-154, -92, 320, 200, c.SHADE, 22)
    pen.rect(-160, -100, 320, 200, colour, 22)
    pen.fill([(-160, 60), (160, -60), (160, 78), (138, 100), (-138, 100), (-160, 78)], "#ffffff1c")
    pen.rect(-130, -46, 62, 48, c.GOLD, 9)
    pen.line([(-130, -22), (-68, -22)], 3, c.GOLD_DEEP)
    pen.line([(-99, -46), (-99, 2)], 3, c.GOLD_DEEP)
    lines(pen, -130, 36, (190, 110), colour="#ffffff9c")
    pen.disc(98, 58, 24, "#e88a5acc")
    pen.disc(122, 58, 24, "#f0c873cc")


def sim(pen: Pen) -> None:
    """A SIM card, 190 × 240."""
    body = [(-95, -120), (40, -120), (95, -65), (95, 120), (-95, 120)]
    pen.fill([(x + 8, y + 10) for x, y in body], c.SHADE)
    pen.fill(body, c.PAPER)
    pen.rect(-56, -20, 112, 104, c.GOLD, 16)
    for x in (-18, 18):
        pen.line([(x, -18), (x, 82)], 4, c.GOLD_DEEP)
    for y in (14, 50):
        pen.line([(-54, y), (54, y)], 4, c.GOLD_DEEP)


def qr(pen: Pen, size: float = 180) -> None:
    """Squares that stand for a code to scan; it encodes nothing."""
    pen.rect(-size * 0.6, -size * 0.6, size * 1.2, size * 1.2, c.WHITE, 14)
    cell = size / 11
    corners = {(row, column) for row in (0, 1, 2, 3, 7, 8, 9, 10) for column in range(4)}
    corners |= {(row, column) for row in range(4) for column in range(7, 11)}
    for row in range(11):
        for column in range(11):
            if (row, column) not in corners and (row * 7 + column * 5 + row * column * 3) % 4 in {0, 1}:
                pen.rect(-size / 2 + column * cell, -size / 2 + row * cell, cell * 1.02, cell * 1.02, c.INK)
    for x, y in ((0, 0), (8, 0), (0, 8)):
        left, top = -size / 2 + x * cell, -size / 2 + y * cell
        pen.rect(left, top, cell * 3, cell * 3, c.INK)
        pen.rect(left + cell * 0.6, top + cell * 0.6, cell * 1.8, cell * 1.8, c.WHITE)
        pen.rect(left + cell, top + cell, cell, cell, c.INK)


def calendar(pen: Pen, marked: Sequence[int] = (10,)) -> None:
    """A month without figures, 400 × 400; ``marked`` days (counted from 0) are red."""
    pen.rect(-188, -186, 400, 400, c.SHADE, 26)
    pen.rect(-200, -200, 400, 400, c.PAPER, 26)
    pen.fill(
        [(-200, -110), (-200, -176), (-192, -194), (-176, -200), (176, -200), (192, -194), (200, -176), (200, -110)],
        c.RED,
    )
    for x in (-110, 110):
        pen.rect(x - 10, -232, 20, 62, c.INK, 10)
    for day in range(28):
        x, y = -168 + day % 7 * 50, -86 + day // 7 * 70
        pen.rect(x, y, 36, 46, c.RED if day in marked else "#dfe6e6", 8)


def envelope(pen: Pen, width: float = 300, colour: str = c.PAPER) -> None:
    """A letter, closed; origin in its middle."""
    w, h = width / 2, width * 0.32
    pen.rect(-w + 8, -h + 10, width, 2 * h, c.SHADE, 12)
    pen.rect(-w, -h, width, 2 * h, colour, 12)
    pen.line([(-w + 12, -h + 12), (0, h * 0.18), (w - 12, -h + 12)], 8, c.MIST)
