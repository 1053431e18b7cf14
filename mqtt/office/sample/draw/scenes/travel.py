"""Arriving, paying, calling, moving on, keeping well."""

from mqtt.office.sample.draw import nature, papers, people, rooms, things, vehicles
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, Sheet


def entry(sheet: Sheet) -> None:
    """An open passport, a stamp, and behind them the counter with its sign."""
    pen = rooms.stage(sheet, "#cfe1e3", "#eef0e6", "#cda77c", 640)
    rooms.sign(pen.at(1150, 560), 420, 150, c.NAVY, 360)
    rooms.arrow(pen.at(1110, 125), 150)
    people.bust(pen.at(1270, 162, 0.32), "#ffffffd0", "#ffffffd0", "#ffffffd0")
    people.officer(pen.at(470, 640, 1.25))
    pen.rect(0, 640, 1600, 14, "#ffffff70")
    papers.open_passport(pen.at(860, 700, 1.05, -4))
    papers.seal(pen.at(720, 690, 1.1, -14), 62)
    things.rubber_stamp(pen.at(1330, 800, 1.15))


def money(sheet: Sheet) -> None:
    """Notes, coins, a card and a code to scan at an exchange counter."""
    pen = rooms.stage(sheet, "#d3e4dc", "#f3f0e0", "#d2b48c", 560)
    pen.rect(330, 90, 940, 470, "#8b6b50", 14)
    pen.rect(356, 116, 888, 444, "#dcebe9")
    people.bust(pen.at(800, 560, 1.15), c.JADE_DEEP, long_hair=True)
    pen.fill([(430, 116), (560, 116), (440, 560), (356, 560), (356, 390)], "#ffffff4a")
    pen.rect(0, 560, 1600, 14, "#ffffff70")
    pen.rect(640, 574, 320, 22, "#00000024", 11)
    for place, (colour, dark) in enumerate((("#8db7a3", "#5f9480"), ("#d7a58d", "#b97c60"), ("#93b2cf", "#6589ac"))):
        papers.banknote(pen.at(360 + place * 46, 756 - place * 40, 1.1, -20 + place * 11), colour, dark)
    things.coins(pen.at(730, 830), 4)
    things.coins(pen.at(850, 852), 2)
    papers.bank_card(pen.at(1060, 742, 0.95, 10))
    pen.rect(1336, 690, 64, 128, c.STEEL, 8)
    pen.rect(1296, 806, 144, 20, c.INK_SOFT, 8)
    papers.qr(pen.at(1368, 594, 1.16))


def roaming(sheet: Sheet) -> None:
    """A phone with reception, a SIM card and the passport one registers it with."""
    pen = rooms.stage(sheet, "#cfdfea", "#f1efe4", "#d8c4a0", 740)
    papers.passport(pen.at(1190, 560, 1.15, 9))
    things.phone(pen.at(760, 470, 1.42))
    things.signal_bars(pen.at(760, 510, 1.35))
    pen.rect(670, 570, 180, 16, c.MIST, 8)
    pen.rect(700, 606, 120, 16, c.MIST, 8)
    papers.sim(pen.at(420, 620, 1.1, -12))


def taxis(sheet: Sheet) -> None:
    """Taxis at the rank before the terminal, an airliner rising behind it."""
    nature.sky(sheet, "#b9d9e6", "#f6eedd", 640)
    pen = sheet.pen
    nature.cloud(pen.at(330, 190))
    nature.cloud(pen.at(1330, 260, 0.7))
    vehicles.plane(pen.at(1010, 170, 0.62, -11))
    pen.fill([(150, 610), (150, 400), (420, 322), (1180, 322), (1450, 400), (1450, 610)], "#e8ecea")
    pen.fill([(110, 412), (400, 310), (1200, 310), (1490, 412), (1490, 436), (110, 436)], c.SEA_DEEP)
    for x in range(196, 1400, 92):
        pen.rect(x, 452, 76, 158, "#a9cdd8", 4)
    pen.rect(-20, 600, 1640, 40, "#c9cfc9")
    pen.rect(-20, 640, 1640, 280, "#8d989c")
    pen.rect(-20, 640, 1640, 10, "#ffffff60")
    for x in range(-60, 1600, 220):
        pen.rect(x, 838, 120, 10, "#ffffffa0")
    nature.palm(pen.at(112, 616, 0.9))
    nature.palm(pen.at(1502, 616, 0.9, mirror=True))
    rooms.sign(pen.at(800, 610, 0.9), 150, 110, c.GOLD, 60)
    vehicles.taxi(pen.at(800, 521, 0.18))
    for x, stripe in ((330, c.JADE), (890, c.RED), (1440, c.SEA)):
        vehicles.taxi(pen.at(x, 796, 0.98), c.WHITE, stripe)


def port_bus(sheet: Sheet) -> None:
    """The shuttle inside the port beside containers, and the sign that nobody walks here."""
    nature.sky(sheet, "#bcd8e2", "#f4ecdc", 600)
    pen = sheet.pen
    nature.hills(pen, (520, 470, 505, 450, 500, 470, 520), "#b5cdc9", 640)
    vehicles.crane(pen.at(1330, 620, 0.94))
    nature.sea(pen, 590, 60, bands=2)
    pen.rect(-20, 640, 1640, 280, "#a3abab")
    pen.rect(-20, 640, 1640, 12, "#d8dcd6")
    for row, colours in enumerate(((c.RED, c.SEA, c.GOLD), (c.JADE, "#c77b4a"))):
        for place, colour in enumerate(colours):
            vehicles.container(pen.at(1210 + place * 222 + row * 60, 700 - row * 108), 216, 104, colour)
    vehicles.bus(pen.at(520, 806, 1.02), c.NAVY, c.GOLD)
    pen.rect(1064, 480, 14, 330, c.STEEL)
    pen.disc(1071, 470, 98, c.WHITE)
    people.walker(pen.at(1066, 540, 0.44), c.INK, c.INK, c.INK)
    pen.ring(1071, 470, 88, 20, c.RED)
    pen.line([(1009, 408), (1133, 532)], 18, c.RED)


def emergency(sheet: Sheet) -> None:
    """A receiver over three signs: police, fire, ambulance."""
    pen = rooms.stage(sheet, "#dfe7ea", "#f5efe2", None)
    things.handset(pen.at(800, 280, 1.9))
    _three_services(pen.at(800, 650))


def emergency_narrow(sheet: Sheet) -> None:
    """The same, closer together."""
    pen = rooms.stage(sheet, "#dfe7ea", "#f5efe2", None)
    things.handset(pen.at(800, 330, 1.4))
    _three_services(pen.at(800, 640, 0.56))


def _three_services(pen: Pen) -> None:
    for x, colour in ((-400, c.NAVY), (0, c.RED_DEEP), (400, c.JADE_DEEP)):
        pen.disc(x + 8, 14, 150, c.SHADE)
        pen.disc(x, 0, 150, colour)
    things.shield(pen.at(-400, 0, 0.74), "#f3ead6", "#ffffff")
    papers.star(pen.at(-400, -8), 48, c.NAVY)
    flame = pen.at(0, 2, 1.05)
    flame.blob([(0, 92), (-66, 62), (-70, -4), (-34, -44), (-22, -8), (4, -104), (60, -30), (72, 34), (54, 76)], c.GOLD)
    flame.blob([(0, 92), (-34, 66), (-30, 22), (2, -22), (34, 26), (34, 68)], "#f8e3b0")
    things.medical_cross(pen.at(400, 0), 86, c.WHITE)


def health(sheet: Sheet) -> None:
    """A medical cross, water to drink, and the sun to be careful of."""
    sheet.fade("#cfe6ea", "#f7ecd2")
    pen = sheet.pen
    nature.sun(pen.at(1260, 240), 120)
    pen.disc(700, 480, 330, "#ffffff70")
    pen.rect(-20, 700, 1640, 220, "#e3cfa5")
    pen.rect(-20, 700, 1640, 14, "#ffffff70")
    pen.line([(600, 350), (600, 302), (782, 302), (782, 350)], 26, c.RED_DEEP)
    pen.rect(470, 366, 470, 390, c.SHADE, 44)
    pen.rect(456, 350, 470, 390, c.WHITE, 44)
    things.medical_cross(pen.at(691, 546), 124)
    rooms.bottle(pen.at(1090, 790, 1.3))
    people.conical_hat(pen.at(330, 786, 1.15, -6))


def customs(sheet: Sheet) -> None:
    """An open suitcase on the inspection table beside the declaration."""
    pen = rooms.stage(sheet, "#d5dfe3", "#f2eddf", "#b99a73", 650)
    people.officer(pen.at(1230, 650, 1.2), "#dfe8ec")
    pen.rect(0, 650, 1600, 14, "#ffffff70")
    pen.rect(300, 300, 560, 330, c.RED_DEEP, 26)
    pen.rect(324, 324, 512, 286, "#e8b9a4", 16)
    pen.rect(270, 600, 620, 170, c.RED, 26)
    pen.rect(270, 640, 620, 16, c.RED_DEEP)
    for x, colour in ((350, c.SEA), (470, c.CREAM), (590, c.JADE), (700, c.GOLD)):
        pen.rect(x, 548, 106, 58, colour, 14)
    rooms.bottle(pen.at(800, 606, 0.62), c.WOOD)
    papers.sheet_of_paper(pen.at(1080, 724, 0.82, 8))
    things.tick(pen.at(1130, 760, 0.7), c.JADE_DEEP)
    for x in (480, 680):
        pen.rect(x - 22, 630, 44, 34, c.GOLD, 8)
