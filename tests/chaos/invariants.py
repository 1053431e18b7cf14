"""What must hold whatever has gone wrong. Another law is another function in ``LAWS``.

torn    readers would see a set that is not whole, not signed, or older than before
stuck   the newest published release is not shown in time
lost    it is shown and the office does not learn of it; or a record that the booth promised to keep never comes
twice   a record of a booth stands twice at the office
"""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Final

from sqlalchemy import select

from appliance.content.catalogue import SET_FILE
from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError
from mqtt.contract.releases import HEAD_LIMIT, LIST_LIMIT, FileList, ReleaseHead
from mqtt.office.database import releases
from tests.chaos.world import World

Problem = tuple[str, str]
"""What kind (torn, lost, twice, stuck), and what exactly."""
PATIENCE_S: Final = 150.0
"""For the newest release to be shown and reported once everything works again: twice the longest pause of the link."""


def whole(world: World, before: dict[str, int]) -> Iterator[Problem]:
    """What is shown is whole and signed, and nothing that was shown is gone or older.

    Args:
        world: Where to look; nothing is waited for.
        before: What was shown earlier, by stream.
    """
    try:
        current = world.layout.current.resolve(strict=True)
    except OSError:
        current = None
    shown = world.links(current) if current else {}
    for stream, number in before.items():
        if shown.get(stream, 0) < number:
            yield "torn", f"{stream} shows {shown.get(stream)} after {number}"
    if current is None:
        return
    try:
        facts = json.loads((current / SET_FILE).read_bytes())
        if facts["releases"] != shown:
            yield "torn", f"set {facts['number']} says {facts['releases']} and links to {shown}"
        for stream, number in shown.items():
            yield from _release(world, stream, number)
    except (OSError, ValueError, KeyError) as error:
        yield "torn", f"what is shown cannot be read: {error}"


def _release(world: World, stream: str, number: int) -> Iterator[Problem]:
    category, agency = stream.split("/")
    folder = world.layout.release(category, agency, number)
    try:
        body = (folder / "head.json").read_bytes()
        if body != _signed(world, category, agency, number):
            yield "torn", f"{stream} {number}: this head was never signed"
            return
        head = decode(ReleaseHead, body, HEAD_LIMIT)
        listed = (folder / "list.json").read_bytes()
        if sha256(listed).hexdigest() != head.list.sha256:
            yield "torn", f"{stream} {number}: another list than the signed one"
            return
        for entry in decode(FileList, listed, LIST_LIMIT).files:
            if sha256((folder / "files" / entry.path).read_bytes()).hexdigest() != entry.sha256:
                yield "torn", f"{stream} {number}: {entry.path} is not what was signed"
    except (OSError, ContractError) as error:
        yield "torn", f"{stream} {number}: {error}"


def _signed(world: World, category: str, agency: str, number: int) -> bytes | None:
    row = (releases.c.category == category) & (releases.c.agency == agency) & (releases.c.number == number)
    with world.office.engine.connect() as connection:
        body: bytes | None = connection.scalar(select(releases.c.head).where(row))
    return body


def arrives(world: World, _before: dict[str, int]) -> Iterator[Problem]:
    """The newest release of every stream is shown in the end, and the office is told."""
    newest = world.newest
    if not world.until(lambda: world.shown == newest, PATIENCE_S):
        report = world.report
        yield "stuck", f"{world.shown} is shown, {newest} is published; {report.errors if report else 'no report'}"
    elif not world.until(lambda: world.told == newest, PATIENCE_S):
        yield "lost", f"{newest} is shown, the office was told {world.told}"


def once(world: World, _before: dict[str, int]) -> Iterator[Problem]:
    """Every record that the outbox promised to keep comes to stand at the office, and none stands there twice."""
    if not world.until(lambda: world.promised <= world.recorded.keys(), PATIENCE_S):
        missing = sorted(world.promised - world.recorded.keys())
        yield "lost", f"records {missing[:5]} ({len(missing)} in all) are not at the office"
    for name, count in world.recorded.items():
        if count > 1:
            yield "twice", f"record {name} stands {count} times"
    if world.given_up:
        yield "lost", f"the booth has given up records: {world.given_up} gaps"


LAWS: Final[tuple[Callable[[World, dict[str, int]], Iterator[Problem]], ...]] = (whole, arrives, whole, once)
"""In this order: what is shown right after the fault, then what it becomes."""
