"""Days of celebration, and what the gate gives every traveller."""

from mqtt.office.sample.draw import nature, papers, people, rooms, things
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, Sheet, smooth


def buffalo(sheet: Sheet) -> None:
    """A water buffalo on the beach of Đồ Sơn, festival pennants behind it."""
    nature.sky(sheet, "#c3dde6", "#fbeed2", 520)
    pen = sheet.pen
    nature.hills(pen, (520, 440, 470, 420, 460, 480, 540), "#a9c8b9", 560)
    nature.sea(pen, 540, 110, bands=3)
    pen.rect(-20, 640, 1640, 280, c.SAND)
    pen.rect(-20, 640, 1640, 12, "#ffffff70")
    for place, x in enumerate((150, 330, 1290, 1470)):
        pen.rect(x, 220, 12, 440, c.WOOD_DEEP)
        colour = (c.RED, c.GOLD, c.JADE, c.RED)[place]
        pen.fill([(x + 12, 230), (x + 150, 256), (x + 110, 330), (x + 150, 400), (x + 12, 390)], colour)
        pen.fill([(x + 12, 262), (x + 96, 280), (x + 74, 328), (x + 96, 372), (x + 12, 362)], "#ffffff66")
    _buffalo(pen.at(800, 800, 1.25))


def _buffalo(pen: Pen) -> None:
    dark, body, light = "#3f3f45", "#55555c", "#6b6b73"
    pen.oval(0, 4, 300, 24, c.SHADE)
    for x, shade in ((-170, dark), (120, dark)):
        pen.fill([(x - 30, -150), (x + 34, -150), (x + 22, 0), (x - 22, 0)], shade)
    pen.blob(
        [
            (-280, -250),
            (-210, -310),
            (-60, -300),
            (60, -330),
            (170, -310),
            (230, -240),
            (200, -150),
            (60, -110),
            (-120, -110),
            (-260, -140),
        ],
        body,
    )
    for x in (-220, 180):
        pen.fill([(x - 36, -170), (x + 36, -170), (x + 22, 0), (x - 22, 0)], body)
        pen.rect(x - 26, -22, 50, 22, c.INK, 6)
    for x in (-170, 120):
        pen.rect(x - 24, -18, 46, 18, c.INK, 6)
    pen.stroke([(-276, -236), (-316, -170), (-306, -96)], 13, dark)
    pen.blob([(-318, -104), (-300, -112), (-290, -70), (-304, -50), (-320, -70)], c.INK)
    pen.blob(
        [(180, -300), (270, -300), (330, -240), (352, -170), (330, -136), (286, -144), (236, -196), (190, -220)], body
    )
    pen.blob([(312, -182), (350, -176), (352, -144), (322, -134), (300, -150)], light)
    pen.disc(290, -236, 8, c.INK)
    pen.blob([(196, -290), (150, -286), (128, -258), (172, -252), (204, -268)], dark)
    for lift, shade in ((-16, "#3d3d43"), (0, "#2b2b30")):
        outer = [(268, -300), (232, -352), (160, -384), (84, -372), (30, -322)]
        inner = [(92, -340), (160, -346), (212, -322), (236, -288)]
        pen.at(lift, lift).fill([*smooth(outer, closed=False), *smooth(inner, closed=False)], shade)
    pen.stroke([(-190, -286), (-40, -278), (60, -304)], 8, light)


def festival(sheet: Sheet) -> None:
    """A calendar with its marked days, lanterns and blossoms around it."""
    pen = rooms.stage(sheet, "#f0dcc0", "#fbf3e2", None)
    pen.line([(-20, 90), (400, 150), (800, 168), (1200, 150), (1620, 90)], 6, c.WOOD_DEEP)
    for x, y, colour in ((150, 116, c.RED), (400, 150, c.GOLD), (1200, 150, c.GOLD), (1450, 116, c.RED)):
        lantern = pen.at(x, y)
        lantern.line([(0, 0), (0, 50)], 5, c.WOOD_DEEP)
        lantern.rect(-34, 44, 68, 18, c.GOLD_DEEP, 6)
        lantern.oval(0, 132, 92, 76, colour)
        lantern.oval(0, 132, 52, 76, "#ffffff30")
        lantern.rect(-34, 200, 68, 18, c.GOLD_DEEP, 6)
        for x2 in (-18, 0, 18):
            lantern.line([(x2, 218), (x2, 272)], 5, colour)
    papers.calendar(pen.at(800, 520, 1.5), (9, 10, 22))
    for x, y, size in (
        (330, 700, 1.8),
        (220, 800, 1.4),
        (440, 820, 1.3),
        (1270, 700, 1.8),
        (1390, 800, 1.4),
        (1160, 820, 1.3),
    ):
        nature.flamboyant(pen.at(x, y, size, x % 72))
    for x, y, turn in ((300, 820, 200), (380, 760, -20), (1320, 820, -20), (1220, 760, 200)):
        nature.fern(pen.at(x, y, 0.9, turn))


def dances(sheet: Sheet) -> None:
    """Neighbours celebrating together: dress of three countries, lotus at their feet."""
    sheet.fade("#f3d9b5", "#fcf3e0")
    pen = sheet.pen
    nature.sun(pen.at(800, 360), 230)
    nature.hills(pen, (640, 600, 630, 580, 630, 600, 640), "#c5d2b4", 760)
    pen.rect(-20, 740, 1640, 200, "#cfa36f")
    pen.rect(-20, 740, 1640, 12, "#ffffff60")
    for x, coat, trim, skin in (
        (430, c.RED, c.GOLD, c.SKIN),
        (800, c.NAVY, c.GOLD, c.SKIN_DEEP),
        (1170, "#7b4a86", c.GOLD, c.SKIN_DEEP),
    ):
        dancer = pen.at(x, 800, 1.35)
        dancer.oval(0, 4, 120, 18, c.SHADE)
        dancer.fill([(-62, -200), (62, -200), (96, 0), (-96, 0)], coat)
        dancer.fill([(-92, -26), (92, -26), (96, 0), (-96, 0)], trim)
        dancer.fill([(-58, -214), (58, -214), (54, -186), (-54, -186)], trim)
        dancer.stroke([(-52, -300), (-120, -310), (-138, -390)], 28, coat)
        dancer.stroke([(52, -300), (120, -280), (150, -350)], 28, coat)
        dancer.disc(-139, -402, 16, skin)
        dancer.disc(154, -362, 16, skin)
        dancer.fill([(-60, -320), (60, -320), (56, -204), (-56, -204)], coat)
        dancer.fill([(-60, -320), (-34, -320), (56, -216), (56, -204), (30, -204)], trim)
        dancer.rect(-18, -352, 36, 46, skin, 12)
        dancer.oval(0, -384, 42, 48, skin)
        dancer.half(0, -390, 46, -50, c.INK)
        dancer.disc(0, -444, 20, c.INK)
        dancer.disc(20, -440, 10, trim)
    for x, turn in ((130, 0), (1470, 0), (615, 0), (985, 0)):
        nature.lotus(pen.at(x, 880, 0.72, turn))


def booklets(sheet: Sheet) -> None:
    """Booklets to take away, and the code that brings them to a phone."""
    pen = rooms.stage(sheet, "#d6e4e3", "#f5f0e1", "#cfae80", 720)
    _booklet(pen.at(400, 470, 1.2, -10), c.SEA_DEEP, c.SEA_LIGHT)
    _booklet(pen.at(690, 470, 1.2, -2), c.RED_DEEP, "#e2a08f")
    rooms.arrow(pen.at(912, 470), 100, c.INK_SOFT, 16)
    _phone_with_code(pen.at(1160, 500, 1.15, 8))


def booklets_narrow(sheet: Sheet) -> None:
    """The same, closer together."""
    pen = rooms.stage(sheet, "#d6e4e3", "#f5f0e1", "#cfae80", 720)
    _booklet(pen.at(650, 480, 1.2, -7), c.RED_DEEP, "#e2a08f")
    _phone_with_code(pen.at(990, 540, 1.05, 7))


def _booklet(book: Pen, colour: str, lower: str) -> None:
    book.rect(-130, -184, 290, 400, c.SHADE, 12)
    book.rect(-144, -200, 290, 400, c.PAPER, 10)
    book.rect(-150, -206, 286, 398, colour, 10)
    book.rect(-150, -206, 26, 398, "#00000026", 8)
    book.rect(-92, -150, 190, 20, c.PAPER, 10)
    book.rect(-92, -114, 130, 14, lower, 7)
    book.rect(-92, -60, 196, 200, lower, 8)
    nature.karst(book.at(6, 140), 170, 150)


def _phone_with_code(pen: Pen) -> None:
    things.phone(pen)
    papers.qr(pen.at(0, -18, 0.76))


def guide_desk(sheet: Sheet) -> None:
    """The information desk of the gate, with somebody to ask and a screen to touch."""
    pen = rooms.stage(sheet, "#cfe0e6", "#f3efe2", "#d9cdb6", 720)
    pen.rect(420, 96, 760, 120, c.NAVY, 20)
    pen.disc(520, 156, 40, c.WHITE)
    pen.rect(512, 150, 16, 34, c.NAVY, 4)
    pen.disc(520, 134, 9, c.NAVY)
    for x, colour in ((640, c.RED), (740, c.GOLD), (840, c.JADE), (940, c.SEA_LIGHT), (1040, c.SAND)):
        pen.rect(x, 130, 72, 52, colour, 12)
    people.bust(pen.at(620, 560, 1.05), c.SEA_DEEP, long_hair=True)
    people.bust(pen.at(930, 560, 1.05), c.NAVY, c.SKIN_DEEP)
    rooms.counter(pen.at(780, 800), 980, 260)
    rooms.kiosk(pen.at(1390, 814))
    rooms.plant(pen.at(170, 806, 1.3))
