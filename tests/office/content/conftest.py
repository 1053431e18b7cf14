"""A small content source without mistakes, for laws that spoil one thing in it."""

import random
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from mqtt.office.content.check import check
from mqtt.office.content.problems import Problem
from mqtt.office.content.walk import read_source

TODAY = date(2026, 12, 1)
ITEM = "essentials/dic/money"

STREAMS = """\
gates = ["cat-bi", "hai-phong-port"]

[[streams]]
number = 1
vi = "Giới thiệu"
en = "Presenting"

[[streams]]
number = 3
vi = "Thiết yếu"
en = "Essentials"
outside = [{ vi = "Báo Hải Phòng", en = "Hải Phòng newspaper" }]

[categories.essentials]
stream = 3
agencies = ["dic", "police"]

[categories.programme]
stream = 1
agencies = ["dic"]

[categories.city]
stream = 1
agencies = ["dic"]
"""

VI = """\
+++
title = "Đổi tiền"
summary = "Đổi ở đâu."
agency = "dic"
gates = ["cat-bi"]
visitors = ["tourist"]
order = 10
as_of = 2026-11-20
valid_from = 2026-01-01
valid_until = 2027-12-31
source = "Ngân hàng Nhà nước; mẫu"
sample = true

[[media]]
file = "cover.png"
territory = false
+++

![Tờ tiền](cover.png)

Đổi ở quầy.

## Thẻ

- Hỏi phí trước.
"""

OTHER = """\
+++
title = "Money"
summary = "Where to change."
+++

![Notes](cover.png)

Change at the counter.

## Cards

- Ask for the fee first.
"""

PROGRAMME = """\
languages = ["vi", "en"]

[[items]]
id = "welcome"
file = "welcome.png"
seconds = 12
"""


class SourceFolder:
    """A folder to spoil, and what the check has to say about it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, content: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.put(path, text.replace(old, new, 1))

    def problems(self) -> list[Problem]:
        return check(read_source(self.root), TODAY)

    def errors(self) -> list[tuple[str, int, str]]:
        return [(one.file, one.line, one.code.value) for one in self.problems() if one.is_error]

    def warnings(self) -> list[tuple[str, int, str]]:
        return [(one.file, one.line, one.code.value) for one in self.problems() if not one.is_error]


def picture(shade: int = 0, size: tuple[int, int] = (16, 9)) -> bytes:
    """A small PNG, the same bytes for the same shade."""
    out = BytesIO()
    Image.new("RGB", size, (shade % 256, 90, 120)).save(out, "PNG")
    return out.getvalue()


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not deflate, the same for the same seed."""
    return random.Random(seed).randbytes(size)


@pytest.fixture
def source(tmp_path: Path) -> SourceFolder:
    folder = SourceFolder(tmp_path / "source")
    folder.put("streams.toml", STREAMS)
    folder.put(f"{ITEM}/vi.md", VI)
    for language in ("en", "zh", "lo", "km"):
        folder.put(f"{ITEM}/{language}.md", OTHER)
    folder.put(f"{ITEM}/cover.png", picture())
    folder.put("programme/dic/programme.toml", PROGRAMME)
    folder.put("programme/dic/welcome.png", picture(7))
    return folder


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    return picture


@pytest.fixture
def make_noise() -> Callable[..., bytes]:
    return noise
