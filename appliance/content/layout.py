"""Where content lies on the data partition, and the one link that says which is shown.

    content/
    ├── objects/ab/{sha256}                  every file's bytes, once
    ├── partial/{sha256}[.map]               what is still arriving
    ├── releases/{category}/{agency}/{n}/    head.json, list.json, files/… (hard links into objects)
    ├── sets/{n}/{category}/{agency}         links into releases: everything that is shown together
    ├── derived/{n}/                         what was made from set {n} before it is shown (``booth prepare``)
    ├── judgements.json  trial.json          releases refused for good; the set that has yet to prove itself
    └── current -> sets/{n}

Readers open ``current`` once and stay inside the set it led to. The store is the only writer, but for ``derived/``:
``booth prepare`` writes there, and nowhere else.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths under ``content/``."""

    root: Path

    @property
    def objects(self) -> Path:
        """Files by digest."""
        return self.root / "objects"

    @property
    def partial(self) -> Path:
        """Files that are still arriving, with their bitmaps."""
        return self.root / "partial"

    @property
    def releases(self) -> Path:
        """Complete releases."""
        return self.root / "releases"

    @property
    def sets(self) -> Path:
        """Content sets by number."""
        return self.root / "sets"

    @property
    def derived(self) -> Path:
        """What was made from sets before they were shown."""
        return self.root / "derived"

    @property
    def judgements(self) -> Path:
        """Releases that are refused for good."""
        return self.root / "judgements.json"

    @property
    def trial(self) -> Path:
        """The set that has yet to prove itself."""
        return self.root / "trial.json"

    @property
    def current(self) -> Path:
        """The link that says which set is shown."""
        return self.root / "current"

    def object(self, digest: str) -> Path:
        """Where the file with this digest lies, or would lie."""
        return self.objects / digest[:2] / digest

    def release(self, category: str, agency: str, number: int) -> Path:
        """Folder of one release."""
        return self.releases / category / agency / str(number)

    def derived_of(self, number: int) -> Path:
        """Folder of what was made from one set."""
        return self.derived / str(number)
