"""Driving, sailing, investing, governing: the people who work at the gates and with the city."""

from mqtt.office.sample.draw import nature, papers, people, rooms, things, vehicles
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Pen, Sheet


def _yard(sheet: Sheet, top: float = 640) -> None:
    nature.sky(sheet, "#bcd8e2", "#f6ecd9", top)
    nature.cloud(sheet.pen.at(360, 200))
    nature.cloud(sheet.pen.at(1180, 150, 0.7))
    nature.hills(sheet.pen, (540, 480, 520, 455, 505, 470, 530), "#b5cdc9", top)
    sheet.pen.rect(-20, top, 1640, 920 - top, "#a3abab")
    sheet.pen.rect(-20, top, 1640, 12, "#d8dcd6")


def truck_papers(sheet: Sheet) -> None:
    """A container truck before the barrier of the port, the driver's card and papers at hand."""
    _yard(sheet)
    pen = sheet.pen
    pen.rect(1010, 430, 150, 300, c.NAVY, 10)
    pen.rect(990, 408, 190, 34, c.RED_DEEP, 8)
    pen.rect(1030, 476, 110, 96, "#cfe6ec", 8)
    people.officer(pen.at(1085, 572, 0.3))
    barrier = pen.at(1010, 640, 1.0, -3)
    barrier.rect(-310, -14, 330, 28, c.WHITE, 10)
    for x in range(-300, 0, 110):
        barrier.rect(x, -14, 55, 28, c.RED)
    vehicles.truck(pen.at(372, 812, 0.84))
    papers.sheet_of_paper(pen.at(1390, 560, 1.1, 6))
    papers.sheet_of_paper(pen.at(1290, 600, 1.1, -5))
    papers.seal(pen.at(1336, 700, 0.9, -8))
    card = pen.at(1130, 780, 1.0, -8)
    card.rect(-124, -74, 260, 164, c.SHADE, 16)
    card.rect(-130, -82, 260, 164, c.PAPER, 16)
    card.rect(-130, -82, 260, 36, c.JADE_DEEP, 12)
    card.rect(-108, -28, 76, 92, "#cfe0e4", 8)
    people.bust(card.at(-70, 64, 0.28))
    papers.lines(card, -12, -22, (118, 90, 118))


def weighing(sheet: Sheet) -> None:
    """A truck on the weighbridge; the signs for parking and for driving slowly."""
    _yard(sheet, 640)
    pen = sheet.pen
    for x in (120, 1452):
        pen.rect(x - 8, 300, 16, 420, c.STEEL)
    pen.rect(20, 200, 200, 200, c.NAVY, 22)
    pen.rect(32, 212, 176, 176, "#ffffff1c", 16)
    vehicles.truck(pen.at(120, 336, 0.19), c.WHITE, c.WHITE)
    pen.disc(1452, 300, 110, c.WHITE)
    pen.ring(1452, 300, 98, 22, c.RED)
    pen.at(1452, 316).half(0, 16, 62, -62, c.INK)
    pen.at(1452, 316).half(0, 16, 46, -46, c.WHITE)
    pen.line([(1452, 332), (1424, 292)], 8, c.RED)
    pen.rect(1180, 360, 190, 110, c.INK, 16)
    pen.rect(1196, 376, 158, 78, "#274b3f", 8)
    for x in (1216, 1250, 1284, 1318):
        pen.rect(x, 394, 20, 42, "#86d3a4", 5)
    pen.rect(1266, 470, 18, 300, c.STEEL)
    pen.fill([(190, 806), (280, 766), (1320, 766), (1410, 806)], c.INK_SOFT)
    pen.rect(190, 804, 1220, 36, c.INK, 6)
    for x in (340, 650, 950, 1260):
        pen.rect(x - 30, 838, 60, 26, c.INK)
    vehicles.truck(pen.at(720, 774, 1.08), c.RED, c.JADE)


def _quay(sheet: Sheet) -> None:
    nature.sky(sheet, "#b8d5e0", "#f7ead6", 560)
    nature.sun(sheet.pen.at(260, 250), 76)
    nature.hills(sheet.pen, (560, 500, 520, 470, 520, 500, 560), "#b5cdc9", 600)
    nature.sea(sheet.pen, 560, 200, bands=4)


def shore_pass(sheet: Sheet) -> None:
    """A seafarer before his ship, his shore pass beside him."""
    _quay(sheet)
    pen = sheet.pen
    vehicles.ship(pen.at(1010, 640, 1.0))
    pen.rect(-20, 730, 1640, 200, "#b9b4a6")
    pen.rect(-20, 730, 1640, 16, "#dcd8cc")
    for step in range(9):
        pen.rect(738 + step * 14, 566 + step * 20, 44, 8, c.WOOD_DEEP)
    pen.line([(742, 532), (880, 706)], 6, c.STEEL)
    pen.line([(738, 570), (880, 740)], 12, c.WOOD)
    people.sailor(pen.at(430, 900, 1.75))
    pass_card = pen.at(1220, 740, 1.0, 7)
    pass_card.rect(-222, -130, 460, 290, c.SHADE, 24)
    pass_card.rect(-230, -140, 460, 290, c.PAPER, 24)
    pass_card.fill(
        [(-230, -84), (-230, -116), (-222, -134), (-206, -140), (206, -140), (222, -134), (230, -116), (230, -84)],
        c.SEA_DEEP,
    )
    pass_card.rect(-196, -54, 130, 164, "#cfe0e4", 10)
    people.sailor(pass_card.at(-131, 110, 0.48))
    papers.lines(pass_card, -36, -44, (220, 180, 220, 140), step=40)


def seafarer_and_agent(sheet: Sheet) -> None:
    """A seafarer and the ship's agent, with what one asks for: a doctor, the luggage, a letter home."""
    _quay(sheet)
    pen = sheet.pen
    vehicles.ship(pen.at(800, 640, 0.86))
    pen.rect(-20, 730, 1640, 200, "#b9b4a6")
    pen.rect(-20, 730, 1640, 16, "#dcd8cc")
    people.sailor(pen.at(420, 900, 1.55))
    people.helmeted(pen.at(1190, 900, 1.55), "#c77b4a")
    for x, y, radius in ((640, 210, 92), (830, 150, 92), (1020, 210, 92)):
        pen.disc(x, y, radius, "#fffffff0")
    pen.disc(560, 330, 22, "#fffffff0")
    pen.disc(1092, 334, 22, "#fffffff0")
    things.medical_cross(pen.at(640, 210), 52)
    rooms.suitcase(pen.at(830, 214, 0.42))
    papers.envelope(pen.at(1020, 210, 0.42), colour="#f3ead6")


def first_steps(sheet: Sheet) -> None:
    """The public service desk, files on it, and a factory beyond the window."""
    pen = rooms.stage(sheet, "#dbe4e2", "#f3efe2", None)
    pen.rect(880, 110, 600, 400, c.PAPER, 12)
    pen.rect(904, 134, 552, 352, "#bddbe3")
    pen.rect(904, 400, 552, 86, "#8fb07a")
    for x in (1010, 1110, 1210):
        pen.fill([(x - 50, 420), (x - 50, 320), (x, 276), (x, 320), (x + 50, 276), (x + 50, 420)], "#e3e6e2")
        pen.rect(x - 50, 356, 100, 12, c.JADE)
    rooms.building(pen.at(1350, 420), 110, 210, c.SEA_DEEP, 5, 4)
    pen.rect(1170, 110, 20, 400, c.PAPER)
    pen.rect(150, 120, 420, 110, c.NAVY, 16)
    people.bust(pen.at(230, 212, 0.25), c.WHITE, c.WHITE, c.WHITE)
    papers.lines(pen, 300, 150, (220, 160), colour="#ffffffb0", step=32)
    people.bust(pen.at(400, 640, 1.15), c.SEA_DEEP, long_hair=True)
    people.bust(pen.at(760, 640, 1.1), c.INK_SOFT, c.SKIN_DEEP)
    pen.rect(60, 630, 1480, 54, c.CREAM, 12)
    pen.rect(100, 684, 1400, 240, c.WOOD)
    pen.rect(100, 684, 1400, 30, "#00000020")
    for place, colour in enumerate((c.RED_DEEP, c.NAVY, c.GOLD_DEEP, c.JADE_DEEP)):
        pen.rect(1010 + place * 8, 588 - place * 44, 330, 42, colour, 6)
        pen.rect(1040 + place * 8, 600 - place * 44, 90, 16, c.PAPER, 4)
    pen.at(580, 628).fill([(-96, 0), (70, 0), (96, -26), (-66, -26)], c.WHITE)


def investing(sheet: Sheet) -> None:
    """Factories, a port and a rising line: the city's economic zones."""
    nature.sky(sheet, "#bddbe3", "#f7efdc", 640)
    pen = sheet.pen
    nature.sun(pen.at(1310, 230), 84)
    nature.hills(pen, (560, 510, 540, 480, 520, 500, 560), "#b5cdc9", 660)
    vehicles.crane(pen.at(1380, 650, 0.9))
    for x, width, height, colour in ((170, 190, 300, c.NAVY), (360, 160, 390, c.SEA_DEEP), (520, 130, 250, c.STEEL)):
        rooms.building(pen.at(x, 650), width, height, colour, height // 52, 4)
    for x in (690, 830, 970):
        pen.fill([(x - 70, 650), (x - 70, 500), (x, 440), (x, 500), (x + 70, 440), (x + 70, 650)], "#d9dfdc")
        pen.rect(x - 70, 560, 140, 16, c.JADE)
    pen.rect(1046, 330, 36, 320, "#c3cbc9")
    pen.rect(1046, 352, 36, 26, c.RED)
    pen.rect(-20, 646, 1640, 280, "#8fb07a")
    pen.rect(-20, 646, 1640, 10, "#ffffff50")
    pen.rect(-20, 744, 1640, 96, "#8d989c")
    for x in range(-60, 1600, 200):
        pen.rect(x, 788, 110, 8, "#ffffffa0")
    vehicles.truck(pen.at(500, 820, 0.56), c.RED, c.SEA)
    vehicles.truck(pen.at(1120, 820, 0.56), c.NAVY, c.GOLD)
    pen.line([(180, 300), (420, 220), (640, 262), (860, 160), (1100, 110)], 16, c.RED)
    rooms.arrow(pen.at(1118, 104, 0.9, -16), 60, c.RED, 16)
    for x, y in ((180, 300), (420, 220), (640, 262), (860, 160)):
        pen.disc(x, y, 20, c.PAPER)
        pen.disc(x, y, 12, c.RED)


def documents(sheet: Sheet) -> None:
    """Law: papers under seal and a balance."""
    pen = rooms.stage(sheet, "#d9e1e4", "#f4eedf", "#c8a87e", 700)
    rooms.scales(pen.at(1120, 716, 1.2))
    for place, turn in enumerate((-9, -3, 4)):
        papers.sheet_of_paper(pen.at(480 + place * 40, 470 + place * 8, 1.25, turn))
    papers.seal(pen.at(650, 610, 1.15, -10))
    for place, colour in enumerate((c.RED_DEEP, c.NAVY, c.JADE_DEEP)):
        pen.rect(240 + place * 22, 800 - place * 52, 500 - place * 40, 52, colour, 10)
        pen.rect(280 + place * 22, 818 - place * 52, 120, 10, c.GOLD, 5)


def announcement(sheet: Sheet) -> None:
    """The notice board of the ward, the same news on a phone and on the booth."""
    nature.sky(sheet, "#c3dde4", "#f6eedb", 640)
    pen = sheet.pen
    houses = ((120, 230, 330, "#d9b98f"), (340, 190, 400, "#c7d3cb"), (1240, 210, 380, "#e0c9a6"))
    for x, width, height, colour in (*houses, (1460, 230, 310, "#c3cfd6")):
        rooms.building(pen.at(x, 650), width, height, colour, height // 80, 3)
        pen.fill([(x - width / 2 - 14, 650 - height), (x, 590 - height), (x + width / 2 + 14, 650 - height)], "#b8694a")
    pen.rect(-20, 648, 1640, 280, "#cdbf9f")
    pen.rect(-20, 648, 1640, 10, "#ffffff60")
    for x in (380, 940):
        pen.rect(x - 12, 240, 24, 520, c.WOOD_DEEP, 6)
    pen.fill([(300, 214), (660, 130), (1020, 214), (1020, 236), (300, 236)], "#b8583f")
    pen.rect(340, 236, 640, 340, c.WOOD, 10)
    pen.rect(364, 260, 592, 292, "#eaf0ea")
    for x, turn in ((470, -2), (660, 1), (850, -1)):
        papers.sheet_of_paper(pen.at(x, 406, 0.62, turn))
        pen.disc(x, 306, 9, c.RED)
    people.bust(pen.at(420, 900, 1.1), c.RED_DEEP, long_hair=True)
    people.farmer(pen.at(700, 900, 1.05))
    rooms.kiosk(pen.at(1340, 830, 1.1))
    things.phone(pen.at(1010, 720, 0.72, -6))
    things.message(pen.at(1010, 690, 0.72, -6))


def scam(sheet: Sheet) -> None:
    """A message one need not answer: bait on a hook, a phone, the shield before it."""
    pen = _scam_table(sheet)
    _bait(pen.at(330, 60))
    _messages(pen.at(640, 470))
    things.shield(pen.at(1080, 500, 1.9))
    things.tick(pen.at(1080, 490, 2.1), c.WHITE, 24)


def scam_narrow(sheet: Sheet) -> None:
    """The same, closer together."""
    pen = _scam_table(sheet)
    _bait(pen.at(990, -60, 1.0))
    _messages(pen.at(670, 540, 0.84))
    things.shield(pen.at(960, 580, 1.3))
    things.tick(pen.at(960, 572, 1.45), c.WHITE, 24)


def _scam_table(sheet: Sheet) -> Pen:
    return rooms.stage(sheet, "#dbe3ea", "#f4ede2", "#cdbfa6", 760)


def _messages(pen: Pen) -> None:
    things.phone(pen.at(0, 0, 1.4))
    for y, x, colour in ((-170, -40, "#e9c5bd"), (-50, 50, c.MIST), (70, -40, "#e9c5bd")):
        pen.rect(x - 70, y - 44, 150, 84, colour, 26)
        papers.lines(pen, x - 46, y - 20, (104, 70), colour="#ffffffc0")


def _bait(hook: Pen) -> None:
    papers.envelope(hook.at(0, 270, 0.8, -10))
    hook.line([(0, -80), (0, 150)], 10, c.INK_SOFT)
    hook.stroke([(0, 150), (8, 216), (54, 232), (84, 196), (76, 160)], 14, c.INK_SOFT)


def handshake(sheet: Sheet) -> None:
    """Two hands meet over the water, the sun rising behind them."""
    sheet.fade("#f4dcb4", "#fbf3e2", 0, 640)
    pen = sheet.pen
    nature.sun(pen.at(800, 400), 190)
    nature.hills(pen, (620, 560, 600, 540, 600, 560, 630), "#c2d3c4", 720)
    nature.sea(pen, 660, 240, bands=4)
    right = pen.at(1480, 330, 1.28, 172)
    right.rect(-220, -84, 560, 168, c.RED_DEEP, 20)
    right.rect(330, -72, 46, 144, c.WHITE, 12)
    right.blob([(366, -58), (470, -66), (580, -46), (624, -6), (600, 34), (520, 58), (430, 60), (366, 56)], c.SKIN_DEEP)
    left = pen.at(120, 330, 1.28, 8)
    left.rect(-220, -84, 560, 168, c.NAVY, 20)
    left.rect(330, -72, 46, 144, c.WHITE, 12)
    left.blob(
        [(366, -56), (440, -66), (520, -56), (596, -34), (622, -2), (610, 36), (560, 60), (450, 62), (366, 56)], c.SKIN
    )
    for y in (-16, 10, 34):
        left.stroke([(548, y - 10), (588, y - 4), (612, y + 4)], 5, c.SKIN_DEEP)
    left.stroke([(420, -50), (476, -72), (532, -52)], 38, c.SKIN)
    left.stroke([(444, -28), (486, -44), (530, -36)], 5, c.SKIN_DEEP)


def meeting(sheet: Sheet) -> None:
    """Delegations at a table with flowers between them."""
    pen = rooms.stage(sheet, "#d3e0de", "#f4eee0", None)
    for x, coat, skin, long_hair in (
        (240, c.NAVY, c.SKIN, False),
        (500, "#8d5a7a", c.SKIN, True),
        (1100, c.JADE_DEEP, c.SKIN_DEEP, True),
        (1360, c.INK_SOFT, c.SKIN_DEEP, False),
    ):
        people.bust(pen.at(x, 640, 1.1), coat, skin, long_hair=long_hair)
    pen.rect(60, 620, 1480, 60, c.WOOD, 14)
    pen.rect(110, 680, 1380, 240, c.WOOD_DEEP)
    pen.rect(60, 620, 1480, 14, "#ffffff40", 7)
    for x in (240, 500, 1100, 1360):
        pen.fill([(x - 70, 626), (x + 70, 626), (x + 52, 600), (x - 52, 600)], c.PAPER)
    for x, turn in ((-70, -28), (0, 0), (70, 28)):
        nature.lotus(pen.at(800 + x, 600, 0.86, turn))
    pen.fill([(700, 560), (900, 560), (860, 640), (740, 640)], "#dfe9ea")
