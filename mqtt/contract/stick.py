"""What a stick carries to a booth without a line: the same bytes as the wire, in files.

    GATEBOOTH/
    ├── format                 "gatebooth stick 1", written first
    ├── current.json           Stick: which state counts; replaced as one step, last of all
    ├── states/{n}/            meta, assign.json, root.{n}.json: the payloads of repo/meta, assign, root
    └── objects/ab/{sha256}    every blob of the releases for the gate

Nothing on a stick is believed for its name or place: metadata is judged by its signatures, blobs by their digests.
"""

from typing import Annotated, Final

from msgspec import Meta

from mqtt.contract.documents import Document
from mqtt.contract.names import GateId, Instant, SizeBytes

FOLDER: Final = "GATEBOOTH"
FORMAT_FILE: Final = "format"
FORMAT: Final = b"gatebooth stick 1\n"
CURRENT_FILE: Final = "current.json"
STATES: Final = "states"
META_FILE: Final = "meta"
ASSIGN_FILE: Final = "assign.json"
OBJECTS: Final = "objects"
CURRENT_LIMIT: Final = 4 * 1024
ROOTS_LIMIT: Final = 4 * 1024 * 1024
"""All roots of a stick together, bytes."""


class Stick(Document, frozen=True, kw_only=True, tag="stick/1"):
    """``current.json``: unsigned, a table of contents that only saves a booth from reading in vain.

    Attributes:
        state: Which folder of ``states/`` counts.
        written: When the office wrote it.
        root_latest: How many roots there are.
        size: Bytes of all blobs.
    """

    gate: GateId
    state: Annotated[int, Meta(ge=0, le=2**53)]
    written: Instant
    root_latest: Annotated[int, Meta(ge=1, le=100_000)]
    size: SizeBytes


def root_file(number: int) -> str:
    """Name of one version of the root in a state."""
    return f"root.{number}.json"


def object_path(digest: str) -> tuple[str, str, str]:
    """Folders and name of a blob below :data:`FOLDER`."""
    return OBJECTS, digest[:2], digest
