"""Content sets: made complete beside the one that is shown, then shown by one rename, and by one rename taken back.

    stage ─► sets/{n}, derived/{n} (empty) ─► booth prepare ─► show ─► current -> sets/{n}
                                                                 ▲
                              sets/{n-1} stays ── show again ────┘ when {n} does not hold

``trial.json`` is written before the rename: which set has yet to prove itself. ``set.json`` says which one it replaces.
"""

import shutil
from collections.abc import Mapping

import msgspec

from appliance.content.catalogue import SET_FILE, Catalogue, SetFile
from appliance.content.layout import Layout
from appliance.errors import DeviceError, ErrorCode, RefusedError
from appliance.lib import facts, files


class TrialFile(msgspec.Struct, frozen=True, kw_only=True):
    """``trial.json``: the set that has yet to prove itself."""

    set: int


class Sets:
    """The content sets on disk.

    Args:
        layout: Paths under ``content/``.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def shown(self) -> SetFile | None:
        """Return what the set shown now is made of, None before the first."""
        return facts.read(self._layout.current / SET_FILE, SetFile)

    def read(self, number: int) -> SetFile | None:
        """Return what a set is made of, None if it is not here."""
        return facts.read(self._layout.sets / str(number) / SET_FILE, SetFile)

    def stage(self, releases: Mapping[str, int], order: tuple[str, ...]) -> int:
        """Make a complete set of these releases (number by stream) that nobody sees yet; returns its number.

        Raises:
            RefusedError: ``E_PREPARE``; the set cannot be read whole. Nothing is left of it.
            DeviceError: ``E_DISK``. Nothing is left of it.
        """
        number = max(self._numbers(), default=0) + 1
        shown = self.shown()
        trial = self.on_trial()
        previous = shown.number if shown else None
        proven = (trial.proven or trial.previous) if trial else previous
        made = SetFile(number, dict(releases), order, previous, proven)
        folder = self._layout.sets / str(number)
        try:
            files.remove_tree(self._layout.derived_of(number))
            folder.mkdir()
            for stream, release in releases.items():
                category, agency = stream.split("/")
                (folder / category).mkdir(exist_ok=True)
                (folder / stream).symlink_to(f"../../../releases/{category}/{agency}/{release}")
                files.sync_folder(folder / category)
            files.write(folder / SET_FILE, msgspec.json.encode(made))
            files.sync_folder(folder.parent)
            files.make_folder(self._layout.derived_of(number))
            self._check(Catalogue.read(folder))
        except OSError as error:
            self.drop(number)
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while making set {number}") from error
        except RefusedError:
            self.drop(number)
            raise
        return number

    def show(self, number: int) -> None:
        """Show a staged or an earlier set from now on.

        Raises:
            DeviceError: ``E_DISK``; the one shown before is still shown.
        """
        before = self.shown()
        try:
            if before is None or number > before.number:
                files.write(self._layout.trial, msgspec.json.encode(TrialFile(set=number)))
            files.point(self._layout.current, f"sets/{number}")
        except OSError as error:
            raise DeviceError(ErrorCode.DISK, f"{error.strerror} while switching to set {number}") from error

    def on_trial(self) -> SetFile | None:
        """Return the set that is shown while it has yet to prove itself, else None."""
        trial, shown = facts.read(self._layout.trial, TrialFile), self.shown()
        return shown if trial and shown and trial.set == shown.number else None

    def kept(self) -> frozenset[int]:
        """Numbers of the set that is shown and of those to return to; before the first, of all."""
        shown = self.shown()
        if shown is None:
            return frozenset(self._numbers())
        wanted = (shown.number, shown.previous, shown.proven if self.on_trial() else None)
        return frozenset(number for number in wanted if number is not None)

    def to_return_to(self, shown: SetFile) -> tuple[SetFile, ...]:
        """Return the sets before this one that are still here, the newest first."""
        numbers = dict.fromkeys(number for number in (shown.previous, shown.proven) if number is not None)
        return tuple(found for number in numbers if (found := self.read(number)) is not None)

    def proven(self) -> None:
        """The set that is shown holds: from now on nothing is taken back by itself."""
        self._layout.trial.unlink(missing_ok=True)

    def drop(self, number: int) -> None:
        """Forget a set that was never shown."""
        shutil.rmtree(self._layout.sets / str(number), ignore_errors=True)
        shutil.rmtree(self._layout.derived_of(number), ignore_errors=True)

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self._layout.sets.iterdir() if path.name.isdigit()]

    def _check(self, catalogue: Catalogue) -> None:
        for release, document in catalogue.programmes:
            for entry in document.items:
                if not (release / entry.file).is_file():
                    raise RefusedError(ErrorCode.PREPARE, f"programme item {entry.id}: {entry.file} is missing")
