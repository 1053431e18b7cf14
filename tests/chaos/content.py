"""Releases that differ from run to run: small texts, and media that share chunks with the release before."""

from random import Random
from typing import Final

from tests.booths import item
from tests.practice_office import Office

STREAMS: Final = (("essentials", "dic"), ("city", "dic"), ("clarifications", "police"))
MEDIA_BYTES: Final = 300_000


def publish(office: Office, dice: Random) -> str:
    """Publish a new release of one stream and return the stream's name."""
    category, agency = dice.choice(STREAMS)
    office.publish(category, agency, files_of(category, agency, dice))
    return f"{category}/{agency}"


def files_of(category: str, agency: str, dice: Random) -> dict[str, bytes]:
    """Files of one to three items."""
    files: dict[str, bytes] = {}
    for number in range(dice.randint(1, 3)):
        text = f"Text {dice.getrandbits(64):x}\n" * dice.randint(1, 400)
        if dice.random() < 0.6:
            files[f"news-{number}/clip.dat"] = _clip(dice)
        texts = {"vi": ("Tin", text), "en": ("News", text)}
        files |= item(f"{category}/{agency}/news-{number}", texts=texts).files()
    return files


def _clip(dice: Random) -> bytes:
    """Bytes that are mostly those of the last time, with an edit somewhere."""
    same = Random(7).randbytes(MEDIA_BYTES)
    at = dice.randrange(len(same))
    return same[:at] + dice.randbytes(dice.randint(1, 40_000)) + same[at:]
