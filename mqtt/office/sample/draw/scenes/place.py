"""The city, its bay, its table and its fields."""

import math

from mqtt.office.sample.draw import nature, papers, people, rooms, vehicles
from mqtt.office.sample.draw import palette as c
from mqtt.office.sample.draw.pen import Sheet


def bay(sheet: Sheet) -> None:
    """Limestone islands, a boat under sail and a sampan."""
    bay_behind(sheet)
    bay_before(sheet)


def bay_behind(sheet: Sheet) -> None:
    """What stands still in the bay: sky, sun and the far islands."""
    horizon = sheet.height * 0.58
    nature.sky(sheet, "#a9d0df", "#fbeccb", horizon)
    pen = sheet.pen
    nature.sun(pen.at(1180, 250), 84)
    nature.cloud(pen.at(360, 190))
    nature.cloud(pen.at(760, 120, 0.66))
    for x, width, height in ((80, 260, 210), (560, 230, 170), (905, 300, 230), (1240, 220, 150), (1540, 300, 240)):
        nature.karst(pen.at(x, horizon + 4), width, height, far=True)


def bay_before(sheet: Sheet, phase: float = 0.0) -> None:
    """Water, near islands and boats; ``phase`` 0…1 moves them once around, back to where they were."""
    horizon = sheet.height * 0.58
    pen = sheet.pen
    nature.sea(pen, horizon - 4, sheet.height - horizon + 30, phase, 6)
    for x, width, height, down in ((300, 360, 380, 56), (40, 300, 270, 80), (1460, 340, 420, 70)):
        nature.karst(pen.at(x, horizon + down), width, height)
    sway, roll = math.sin(phase * math.tau), math.sin(2 * phase * math.tau)
    nature.glints(pen, [(620 + 18 * sway, horizon + 130), (1180 - 18 * sway, horizon + 96), (340, horizon + 236)])
    vehicles.junk(pen.at(860 + 14 * sway, horizon + 178 + 5 * roll, 1.28, 1.4 * roll))
    vehicles.sampan(pen.at(1260 - 10 * sway, horizon + 268 - 4 * roll, 1.0, -1.2 * roll))


def blossoms(sheet: Sheet) -> None:
    """A branch of red flamboyant over the river and the city beyond."""
    nature.sky(sheet, "#c4dfe8", "#faf0dc", 620)
    pen = sheet.pen
    for x, width, height in (
        (180, 120, 150),
        (320, 90, 230),
        (440, 130, 120),
        (1010, 130, 160),
        (1150, 90, 260),
        (1280, 140, 190),
        (1440, 110, 130),
    ):
        rooms.building(pen.at(x, 640), width, height, "#b9cbd0", height // 34, 4)
    pen.fill([(560, 640), (760, 430), (776, 430), (600, 640)], "#a9bcc2")
    pen.fill([(930, 640), (776, 430), (760, 430), (890, 640)], "#a9bcc2")
    for x in range(520, 1000, 48):
        pen.line([(768, 440), (x, 610)], 3, "#a9bcc2")
    pen.rect(380, 606, 780, 14, "#a9bcc2", 4)
    nature.sea(pen, 636, 290, bands=5)
    pen.stroke([(-30, 120), (220, 190), (470, 200), (740, 250), (960, 230)], 30, c.WOOD_DEEP)
    pen.stroke([(430, 200), (600, 330), (700, 420)], 18, c.WOOD_DEEP)
    pen.stroke([(180, 180), (260, 330), (300, 450)], 18, c.WOOD_DEEP)
    for x, y, turn, size in (
        (240, 200, 62, 1.2),
        (520, 230, 40, 1.1),
        (760, 250, 20, 1.2),
        (900, 235, -30, 1.0),
        (640, 360, 70, 1.0),
        (300, 440, 100, 1.1),
        (120, 150, -40, 1.1),
        (420, 200, -50, 1.0),
        (960, 230, 40, 0.9),
    ):
        nature.fern(pen.at(x, y, size, turn))
    for x, y, turn, size in (
        (150, 210, 0, 1.5),
        (290, 290, 40, 1.3),
        (250, 420, 10, 1.5),
        (360, 500, 60, 1.1),
        (430, 220, 30, 1.6),
        (560, 300, 70, 1.4),
        (690, 410, 20, 1.6),
        (600, 440, 50, 1.1),
        (740, 260, 5, 1.5),
        (880, 240, 55, 1.4),
        (980, 260, 25, 1.1),
        (60, 300, 20, 1.2),
        (820, 330, 10, 1.0),
    ):
        nature.flamboyant(pen.at(x, y, size, turn))
    for x, y, turn in ((520, 700, 20), (1180, 560, 70), (900, 760, 120)):
        pen.at(x, y, 1, turn).oval(0, 0, 30, 15, c.RED)


def theatre(sheet: Sheet) -> None:
    """The city theatre on its square, flamboyants on both sides."""
    nature.sky(sheet, "#c0dbe5", "#f8efdc", 660)
    pen = sheet.pen
    nature.cloud(pen.at(340, 170))
    nature.cloud(pen.at(1260, 130, 0.7))
    pen.rect(-20, 690, 1640, 240, "#d8cbb0")
    pen.fill([(300, 900), (560, 690), (1040, 690), (1300, 900)], "#e6dcc6")
    pen.rect(330, 360, 940, 340, "#ecd9a8")
    pen.rect(300, 340, 1000, 28, "#d9be82")
    pen.rect(560, 290, 480, 410, "#f3e4bb")
    pen.fill([(530, 296), (800, 176), (1070, 296)], "#d9be82")
    pen.fill([(590, 284), (800, 196), (1010, 284)], "#f3e4bb")
    papers.star(pen.at(800, 250), 24, c.RED)
    for x in (376, 460, 1096, 1180):
        pen.rect(x, 420, 52, 110, "#8aa9b0", 26)
        pen.rect(x, 580, 52, 120, "#8aa9b0")
    for x in (600, 704, 808, 912):
        pen.rect(x, 410, 76, 100, "#8aa9b0", 38)
        pen.rect(x, 550, 76, 150, "#7a5a45", 38)
    for x in (580, 686, 790, 894, 1000):
        pen.rect(x - 2, 330, 18, 370, "#fbf3da")
    pen.rect(500, 690, 600, 20, "#c9b389")
    for x in (150, 1450):
        nature.tree(pen.at(x, 740, 1.5), "#b5453a", "#d5564a")
    for x, coat in ((440, c.NAVY), (1150, c.RED_DEEP)):
        people.walker(pen.at(x, 840, 0.62), coat, c.INK_SOFT)


def noodles(sheet: Sheet) -> None:
    """A bowl of noodles with its herbs and lime."""
    sheet.fade("#f3dfbd", "#f8eedd")
    pen = sheet.pen
    pen.disc(800, 420, 400, "#ffffff70")
    pen.rect(-20, 640, 1640, 280, c.WOOD)
    for y in (700, 776, 850):
        pen.rect(-20, y, 1640, 5, "#00000018")
    for x, lean in ((650, 1), (800, -1), (940, 1)):
        pen.stroke([(x, 220), (x + 26 * lean, 170), (x - 14 * lean, 110), (x + 16 * lean, 60)], 12, "#ffffff")
    rooms.bowl(pen.at(800, 780, 1.3))
    pen.oval(1330, 790, 170, 40, c.SHADE)
    pen.oval(1330, 776, 170, 44, c.PAPER)
    for x, turn in ((1240, -30), (1290, 10), (1350, -14), (1400, 26)):
        pen.at(x, 752, 1, turn).blob(
            [(-52, 0), (-20, -26), (24, -24), (56, 0), (20, 20), (-24, 18)], c.LEAF if turn > 0 else c.LEAF_DEEP
        )
    for x, y in ((250, 800), (330, 830)):
        pen.disc(x, y, 46, c.LEAF_DEEP)
        pen.disc(x, y, 38, "#dfe7a8")
        for spoke in range(0, 360, 60):
            pen.line(
                [(x, y), (x + 34 * math.cos(math.radians(spoke)), y + 34 * math.sin(math.radians(spoke)))], 3, c.LEAF
            )


def boundary_stone(sheet: Sheet) -> None:
    """A boundary stone on the dike between rice fields; hills, no map."""
    nature.sky(sheet, "#bfdde6", "#f8f0da", 470)
    pen = sheet.pen
    nature.cloud(pen.at(330, 150))
    nature.cloud(pen.at(1270, 190, 0.8))
    nature.hills(pen, (400, 300, 380, 270, 350, 290, 400), "#a9c8c2", 500)
    nature.hills(pen, (450, 400, 440, 390, 450, 380, 450), "#85ae98", 500)
    nature.paddies(pen, 460, 900)
    pen.fill([(700, 900), (778, 462), (822, 462), (960, 900)], "#cdb784")
    pen.oval(816, 812, 190, 30, c.SHADE)
    pen.fill([(640, 810), (670, 764), (962, 764), (992, 810)], "#b8b5aa")
    pen.fill([(700, 766), (716, 420), (750, 372), (816, 356), (882, 372), (916, 420), (932, 766)], "#d6d3c8")
    pen.fill([(882, 372), (916, 420), (932, 766), (872, 766), (862, 420)], "#b8b5aa")
    pen.disc(792, 476, 50, c.RED)
    papers.star(pen.at(792, 476), 32)
    papers.lines(pen, 742, 566, (100, 100, 100), colour="#b0ada2", step=34)
    for x, y, size in (
        (560, 830, 1.5),
        (470, 780, 1.2),
        (1110, 840, 1.6),
        (1200, 790, 1.2),
        (330, 850, 1.6),
        (1380, 850, 1.7),
    ):
        nature.sprout(pen.at(x, y, size))


def sea_and_islands(sheet: Sheet) -> None:
    """A lighthouse on its island, a patrol of gulls, boats going home."""
    nature.sky(sheet, "#a9cfdf", "#fbeed3", 540)
    pen = sheet.pen
    nature.sun(pen.at(420, 300), 90)
    nature.sea(pen, 530, 400, bands=6)
    pen.blob(
        [(960, 620), (1040, 540), (1180, 490), (1340, 500), (1480, 550), (1640, 560), (1660, 640), (1300, 660)],
        c.ROCK_DEEP,
    )
    pen.blob([(1010, 566), (1100, 500), (1220, 470), (1340, 486), (1470, 536), (1300, 560), (1120, 570)], c.JADE_DEEP)
    pen.fill([(1190, 490), (1214, 190), (1286, 190), (1310, 490)], c.PAPER)
    for top in (250, 350):
        spread = 24 * (top - 190) / 300
        pen.fill(
            [(1214 - spread, top), (1286 + spread, top), (1290 + spread, top + 46), (1210 - spread, top + 46)], c.RED
        )
    pen.rect(1196, 172, 108, 20, c.INK, 4)
    pen.rect(1216, 116, 68, 58, "#f7d489", 4)
    pen.fill([(1204, 118), (1250, 72), (1296, 118)], c.RED_DEEP)
    pen.fill([(1216, 130), (1216, 160), (640, 250), (640, 110)], "#fff4cf66")
    vehicles.junk(pen.at(330, 720, 1.0), c.PAPER)
    vehicles.ferry(pen.at(800, 780, 0.8, mirror=True))
    for x, y, size in ((620, 330, 1.0), (700, 290, 0.7), (820, 360, 0.8)):
        gull = pen.at(x, y, size)
        gull.stroke([(-44, -8), (-18, -22), (0, 0), (18, -22), (44, -8)], 7, c.INK_SOFT)
