"""Takes pictures of the panels when the agent asks: JPEG, small enough for the wire."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from appliance.commands.shot import SHOT_FACT, SHOT_FILE, SHOT_WANTED, ShotFact, ShotWanted
from appliance.lib import facts
from mqtt.contract.state import Panel

JPEG_S: Final = 12.0


class Photographer:
    """Answers what the agent asks.

    Args:
        runtime: ``/run/booth``.
        panel_of: The panel of a role, None if this booth has none.
    """

    def __init__(self, runtime: Path, panel_of: Callable[[str], Panel | None]) -> None:
        self._runtime = runtime
        self._panel_of = panel_of
        self._answered = ""

    def look(self) -> None:
        """Take a picture if one is wanted that was not taken yet."""
        wanted = facts.read(self._runtime / SHOT_WANTED, ShotWanted)
        if wanted is None or wanted.id == self._answered:
            return
        self._answered = wanted.id
        panel = self._panel_of(wanted.panel)
        problem = self._take(panel.output) if panel else f"this booth has no {wanted.panel}"
        facts.write(self._runtime / SHOT_FACT, ShotFact(id=wanted.id, problem=problem))

    def _take(self, output: str) -> str:
        """Write the picture; returns what is wrong, empty for nothing."""
        draft = self._runtime / f".{SHOT_FILE}"
        command = (sys.executable, "-m", "appliance.player.jpeg", output, str(draft))
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=JPEG_S)
            if done.returncode:
                return done.stderr.decode(errors="replace").strip()[-300:] or "no picture"
            draft.replace(self._runtime / SHOT_FILE)
        except (OSError, subprocess.SubprocessError) as error:
            return f"no picture: {error}"[:300]
        return ""
