"""A picture of a panel, asked for by one fact and answered by another: only the player has the compositor's socket.

agent ─► shot-wanted.json ─► player ─► grim ─► shot.jpg, then shot.json
"""

from typing import Final

import msgspec

SHOT_WANTED: Final = "shot-wanted.json"
SHOT_FACT: Final = "shot.json"
SHOT_FILE: Final = "shot.jpg"


class ShotWanted(msgspec.Struct, frozen=True, kw_only=True):
    """``shot-wanted.json``: a picture of this panel, under this id."""

    id: str
    panel: str


class ShotFact(msgspec.Struct, frozen=True, kw_only=True):
    """``shot.json``: the picture of this id is in ``shot.jpg``, or why not."""

    id: str
    problem: str = ""
