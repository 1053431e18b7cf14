"""What a practice shows by itself: a notice raised, updated and cancelled; configuration confirmed, and taken back.

Each step is a command of ``boothctl`` that a person could type, printed before it is run, and the booth's own files are
looked at until it has had its effect.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from appliance.config.files import ConfigFiles, Effective
from appliance.notices.folder import Folder
from mqtt.contract.errors import ErrorCode
from mqtt.contract.state import CommitState
from provisioning.practice.office import PracticeOffice
from provisioning.practice.processes import PracticeError

PATIENCE_S: Final = 60.0
JPEG: Final = b"\xff\xd8"
BOOTH: Final = "booth/cb-01"
NOBODY: Final = '[{ host = "127.0.0.1", control = 1, bulk = 1 }]'
CLOSED: Final = {
    "vi": "Diễn thử: sân bay tạm đóng cửa, xin ở lại trong nhà ga",
    "en": "Rehearsal: the airport is closed, please stay in the terminal",
    "zh": "演示：机场暂时关闭，请留在航站楼内",
    "lo": "ທົດລອງ: ສະໜາມບິນປິດຊົ່ວຄາວ, ກະລຸນາຢູ່ໃນອາຄານ",
    "km": "សាកល្បង៖ ព្រលានយន្តហោះបិទបណ្តោះអាសន្ន សូមនៅក្នុងអគារ",
}
OPENS: Final = {
    "vi": "Diễn thử: sân bay mở lại lúc 12:00",
    "en": "Rehearsal: the airport opens again at 12:00",
    "zh": "演示：机场将于 12:00 重新开放",
    "lo": "ທົດລອງ: ສະໜາມບິນເປີດຄືນເວລາ 12:00",
    "km": "សាកល្បង៖ ព្រលានយន្តហោះបើកវិញម៉ោង 12:00",
}


class Tour:
    """Walks through the practice.

    Args:
        office: Whose commands are run.
        state: The booth's data partition.
        pictures: Folder for the picture that is ordered.
        say: Told each step.
        pause: Waits between two steps, so that a person can look; True ends the tour.
    """

    def __init__(
        self, office: PracticeOffice, state: Path, pictures: Path, say: Callable[[str], None], pause: Callable[[], bool]
    ) -> None:
        self._pictures = pictures
        self._office = office
        self._say = say
        self._pause = pause
        self._notices = Folder(state / "notices")
        self._effective = Effective(state)
        self._files = ConfigFiles(state)

    def walk(self) -> bool:
        """Take every step; False when it was ended in between.

        Raises:
            PracticeError: A step did not have its effect.
        """
        first = self._run("notice", "new", "--gate", "cat-bi", "--kind", "weather", "--urgent", *_texts(CLOSED))["id"]
        self._until(lambda: first in self._kept, "the notice is at the booth")
        if self._pause():
            return False
        second = self._run("notice", "update", first, *_texts(OPENS))["id"]
        self._until(lambda: second in self._kept, "the update is at the booth")
        if self._pause():
            return False
        gone = self._run("notice", "cancel", second)["id"]
        self._until(lambda: gone in self._kept, "the notice is gone from both panels")
        if self._pause():
            return False
        return self._order() and self._configure()

    def _order(self) -> bool:
        self._run("booth", "cb-01", "do", "identify", "seconds=8")
        picture = self._pictures / "ordered.jpg"
        self._run("booth", "cb-01", "do", "screenshot", "panel=lookup", "--save", str(picture))
        self._until(lambda: picture.is_file() and picture.read_bytes()[:2] == JPEG, f"a picture came back: {picture}")
        return not self._pause()

    def _configure(self) -> bool:
        self._run("config", "set", BOOTH, "kiosk.languages", '["vi", "en"]')
        self._run("config", "push", BOOTH)
        self._until(lambda: self._effective.read().kiosk.languages == ("vi", "en"), "the page offers two languages")
        if self._pause():
            return False
        self._run("config", "set", BOOTH, "network.confirm_within_s", "10")
        self._run("config", "set", BOOTH, "network.brokers", NOBODY)
        self._run("config", "push", BOOTH)
        self._until(lambda: self._commit is CommitState.ON_TRIAL, "brokers that do not answer are tried")
        self._until(lambda: self._commit is CommitState.REVERTED, "the booth has taken its old brokers back by itself")
        self._run("config", "rollback", BOOTH, "1")
        self._until(lambda: self._commit is CommitState.SETTLED, "the office says again what it had said")
        for key in ("kiosk.languages", "network.confirm_within_s", "network.brokers"):
            self._run("config", "set", BOOTH, key, "--unset")
        self._run("config", "push", BOOTH)
        self._until(lambda: len(self._effective.read().kiosk.languages) > 2, "all languages are back")  # noqa: PLR2004 - more than were left
        self._run("audit", "verify")
        return True

    @property
    def _kept(self) -> set[str]:
        return {notice.id for notice in self._notices.notices()}

    @property
    def _commit(self) -> CommitState | None:
        kept = self._files.commit()
        return kept.state if kept else None

    def _run(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        shown = " ".join(f"'{word}'" if " " in word or '"' in word else word for word in arguments)
        self._say(f"$ boothctl {shown if len(shown) < 110 else f'{shown[:110]}…'}")  # noqa: PLR2004 - one line
        said = json.loads(self._office.run(*arguments, "--json"))
        return said.get("result") if isinstance(said, dict) else said

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                raise PracticeError(ErrorCode.PRACTICE, f"not within {PATIENCE_S:.0f} s: {what}")
            time.sleep(0.1)
        self._say(f"  {what}")


def _texts(headlines: dict[str, str]) -> list[str]:
    return [word for language, text in headlines.items() for word in ("--headline", f"{language}={text}")]
