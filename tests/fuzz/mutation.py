"""Spoils bytes: what lines, cards, broken senders and enemies make of a valid sample. Pure; the dice decide all.

sample ──► as JSON: one place replaced, removed, repeated ──► bytes: flipped, cut, spliced, nested, inflated ──► case
"""

import json
import random
import re
from collections.abc import Sequence
from typing import Any, Final

INTACT: Final = 0.06
"""Share of the cases that stay as they were: they show that a target reaches its valid side."""
NOISE: Final = 0.04
"""Share of the cases that are random bytes only."""
LONGEST: Final = 600_000

ODD_TEXTS: Final = (
    "", "\0", "../..", "/", "a" * 300, "é", "e\u0301", "ſ", "K", "\u202e", "\ufeff", "\ud800", "𝕏", "ＡＢ", "đ\u0300",
    "con", "*", "+", "#", "null", "NaN", "1e999", "-0", "9" * 400, "0x10", "٣", "2026-02-30", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59", "%2e%2e%2f", "{}", "[]", "\r\n", "+++",
)  # fmt: skip
ODD_VALUES: Final[tuple[Any, ...]] = (
    *ODD_TEXTS, None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.5, -1e308,
    [], {}, [[]], [None], {"": {}}, {"schema": "x/1"},
)  # fmt: skip
_ODD_BYTES: Final = (b"\0", b"\xff", b"\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'"', b"\\u0000", b"\n", b"\x7f")
_DIGITS: Final = re.compile(rb"\d+")
_DEEP: Final = (b"[", b'{"a":', b"((", b"> ", b"- ", b"a=[", b"**")


def spoil(dice: random.Random, samples: Sequence[bytes]) -> bytes:
    """Return a case made of valid samples."""
    throw = dice.random()
    if throw < NOISE:
        return dice.randbytes(dice.choice((0, 1, 8, 64, 1000)))
    data = dice.choice(samples)
    if throw < NOISE + INTACT:
        return data
    if dice.random() < 0.4 and (changed := _spoil_json(dice, data)) is not None:
        data = changed
        if dice.random() < 0.7:
            return data
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = _spoil_bytes(dice, data, samples)
    return data[:LONGEST]


def _spoil_json(dice: random.Random, data: bytes) -> bytes | None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places = list(_places(document))
    if not places:
        return None
    holder, key = dice.choice(places)
    match dice.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[dice.choice(ODD_TEXTS)] = holder[key]
        case 1:
            holder.extend([holder[key]] * dice.choice((1, 2, 300)))
        case 2:
            other, place = dice.choice(places)
            holder[key] = json.loads(json.dumps(other[place]))
        case _:
            holder[key] = dice.choice(ODD_VALUES)
    return json.dumps(document, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> "list[tuple[Any, Any]]":
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        one = pending.pop()
        keys = one.keys() if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            pending.append(one[key])
    return found


def _spoil_bytes(dice: random.Random, data: bytes, samples: Sequence[bytes]) -> bytes:  # noqa: PLR0911 - a table
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.choice((1, 2, 4, 16, 200)))
    match dice.randrange(9):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:end] + data[at:end] * dice.choice((1, 2, 50)) + data[end:]
        case 4:
            other = dice.choice(samples)
            return data[:at] + other[dice.randrange(len(other) + 1) :]
        case 5:
            return data[:at] + dice.choice(_DEEP) * dice.choice((3, 100, 3000)) + data[at:]
        case 6 if numbers := list(_DIGITS.finditer(data[:20_000])):
            found = dice.choice(numbers)
            new = dice.choice((b"0", b"-1", b"1", b"99999999999999999999", b"9" * 5000, b"1e400", b"00", b"1.5"))
            return data[: found.start()] + new + data[found.end() :]
        case 7:
            return data[:at] + dice.choice(ODD_TEXTS).encode("utf-8", "surrogatepass") + data[at:]
        case _:
            return data[:at] + dice.choice(_ODD_BYTES) + data[end:]
