"""Every command of the admin guide, run in its order against an office and a booth as the guide makes them.

What a person does between two commands is done here where the guide says so: files it shows are written, the regulation
gets its approval, a text is edited, the identity is carried to the booth.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from provisioning.practice.booth import BOOTH
from provisioning.practice.office import BOOTHCTL
from provisioning.practice.processes import Processes
from provisioning.practice.stage import free_ports

pytestmark = pytest.mark.broker

GUIDES: Final = Path(__file__).parents[2] / "docs/guides"
_FILE: Final = re.compile(r"`([a-z]+\.toml)`")
_ID: Final = re.compile(r"^(?:\S+: )?([a-z-]+-\d{8}-\d{6}-[0-9a-f]{4})\b", re.MULTILINE)
_PROPOSAL: Final = re.compile(r"\b([a-z]+-[a-z]+-\d+-[0-9a-f]{8})\b")
APPROVAL: Final = '[categories.clarifications]\napproval = ["author", "reviewer", "publisher"]'


def blocks(page: Path) -> list[tuple[str, str]]:
    """Indented blocks of a page, each with the paragraph before it."""
    found, before = [], ""
    for part in re.split(r"\n\n(?! {4})", page.read_text("utf-8")):
        if part.startswith("    "):
            found.append((before, re.sub(r"^ {4}", "", part, flags=re.MULTILINE)))
        else:
            before, _, rest = part.partition("\n\n    ")
            if rest:
                found.append((before, re.sub(r"^ {4}", "", rest, flags=re.MULTILINE)))
    return found


class Admin:
    """Somebody who reads the guide and types."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.folder = folder
        self._processes = processes
        self._ports = free_ports((0, 0))
        self._notice = self._proposal = ""
        path = f"{Path(BOOTHCTL).parent}:{os.environ['PATH']}"
        self._environment = os.environ | {"GATEBOOTH_HOME": str(folder / "office"), "PATH": path}

    def write(self, name: str, text: str) -> None:
        """Write a file as the guide shows it, at the end of one that is there."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")

    def type(self, command: str) -> None:
        """Run a command of the guide."""
        command = command.replace("NAME", "127.0.0.1").replace("NOTICE", self._notice)
        command = command.replace("PROPOSAL", self._proposal)
        if " authority init " in command:
            command += f" --control-port {self._ports[0]} --bulk-port {self._ports[1]}"
        if " serve all" in command:
            self._processes.start((BOOTHCTL, "serve", "all"), self.folder / "serve.log", self._environment)
            return
        self._before(command)
        done = subprocess.run(
            ("bash", "-c", command), cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        self._notice = next(iter(reversed(_ID.findall(done.stdout))), self._notice)
        self._proposal = next(iter(_PROPOSAL.findall(done.stdout)), self._proposal)
        if " booth add cb-01" in command:
            self._carry()

    def _before(self, command: str) -> None:
        if "--category clarifications" in command:
            for page in (self.folder / "content/clarifications/police").rglob("vi.md"):
                page.write_text(page.read_text("utf-8") + "\nThêm một câu.\n", "utf-8")
        if command.endswith("regulation apply authority.toml") and (self.folder / "content").exists():
            file = self.folder / "authority.toml"
            text = file.read_text("utf-8")
            if "officers.lan" in text and self._applied:
                file.write_text(text.replace("[categories.clarifications]", APPROVAL), "utf-8")
            self._applied = True

    _applied = False

    def _carry(self) -> None:
        state = self.folder / "booth"
        state.mkdir()
        shutil.copytree(self.folder / "office/booths/cb-01", state / "identity")
        command = (BOOTH, "agent", "--state", str(state), "--run", str(self.folder / "run"))
        self._processes.start(command, self.folder / "agent.log", self._environment | {"BOOTH_LOGS": str(self.folder)})
        end = time.monotonic() + 30
        while not (self.folder / "run/link.json").exists():
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.fixture
def admin() -> Iterator[Admin]:
    folder = Path(tempfile.mkdtemp(prefix="guide-"))
    folder.chmod(0o755)
    with Processes() as processes:
        yield Admin(folder, processes)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(400)
def test_every_command_of_the_admin_guide_does_what_it_says(admin: Admin) -> None:
    typed = 0
    for before, block in blocks(GUIDES / "admin.en.md"):
        if block.startswith("boothctl "):
            for command in block.strip().splitlines():
                admin.type(command)
                typed += 1
        elif named := _FILE.findall(before):
            admin.write(named[-1], block)
    assert typed > 45


def test_both_guides_show_the_same_commands_and_files() -> None:
    vietnamese, english = (blocks(GUIDES / f"admin.{language}.md") for language in ("vi", "en"))
    assert [block for _, block in vietnamese] == [block for _, block in english]
    assert len(english) > 10
