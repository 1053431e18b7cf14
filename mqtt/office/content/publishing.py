"""Publishes what has changed: one release per stream whose files differ from the newest one.

A release carries over what the one before has revoked and the number below which booths never go back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.releases import HEAD_LIMIT, ReleaseHead
from mqtt.office.authority import read_authority
from mqtt.office.content.build import Built, build_release
from mqtt.office.content.source import Source
from mqtt.office.home import Home
from mqtt.office.objects import Objects
from mqtt.office.proposals import listed, needs_approval, propose
from mqtt.office.publish import awaits_cosignature, newest_head_bytes, publish_release
from mqtt.office.repository import opened
from mqtt.office.terms import Authority


@dataclass(frozen=True)
class Change:
    """What became of one stream.

    Attributes:
        files: How many; None when there was nothing to publish.
        proposal: Its name when it must be approved or signed by others first.
        waits_for: Whose turn it is then.
    """

    stream: str
    number: int
    files: int | None = None
    new_bytes: int = 0
    awaits_cosignature: bool = False
    proposal: str = ""
    waits_for: str = ""

    def __str__(self) -> str:
        if self.proposal:
            return f"{self.stream}: {self.proposal} waits for the {self.waits_for}"
        what = "is up to date" if self.files is None else f"({self.files} files, {self.new_bytes} new bytes)"
        waits = "; booths wait for Foreign Affairs: boothctl content cosign " if self.awaits_cosignature else ""
        return f"{self.stream}: release {self.number} {what}{waits}{self.stream.replace('/', ' ') if waits else ''}"


def publish_changes(
    source: Source, streams: Iterable[str], home: Home, now: datetime, officers: tuple[str, ...] = ()
) -> Iterator[Change]:
    """Build, sign and hand over, stream by stream (``category/agency``); yields what became of each.

    Raises:
        ContractError: A release could not be built or signed; the ones before it are published.
    """
    objects = Objects(home.objects)
    with opened(home) as engine:
        for stream in streams:
            category, agency = stream.split("/")
            with engine.connect() as connection:
                newest = newest_release(connection, category, agency)
            built = build_release(
                source,
                category,
                agency,
                number=newest.number + 1 if newest else 1,
                issued=now,
                objects=objects,
                min_release=newest.min_release if newest else 1,
                revoked=newest.revoked if newest else (),
                longest=_longest(read_authority(home.authority), category, now),
            )
            if newest and newest.list.sha256 == built.head.list.sha256:
                number, files, new_bytes = newest.number, None, 0
            elif needs_approval(read_authority(home.authority), category, agency, officers):
                yield _proposed(home, engine, built, officers, now)
                continue
            else:
                number = publish_release(home, engine, built, now, officers)
                files, new_bytes = len(built.listing.files), built.new_bytes
            with engine.connect() as connection:
                waits = awaits_cosignature(connection, category, agency)
            yield Change(stream, number, files, new_bytes, waits)


def _longest(authority: Authority, category: str, now: datetime) -> datetime | None:
    rules = authority.categories.get(category)
    return now + timedelta(days=rules.longest_days) if rules and rules.longest_days else None


def _proposed(home: Home, engine: Engine, built: Built, officers: tuple[str, ...], now: datetime) -> Change:
    if not officers:
        raise ContractError(ErrorCode.OFFICER, f"{built.head.stream} takes steps: say who you are with --as")
    name = propose(home, engine, built, officers[0], now)
    waits = next(one.waits_for for one in listed(home, engine, now) if one.proposal == name)
    files, new_bytes = len(built.listing.files), built.new_bytes
    return Change(built.head.stream, built.head.number, files, new_bytes, proposal=name, waits_for=waits or "")


def newest_release(connection: Connection, category: str, agency: str) -> ReleaseHead | None:
    """Return the newest head an agency has published in a category, None before the first."""
    head = newest_head_bytes(connection, category, agency)
    return decode(ReleaseHead, head, HEAD_LIMIT) if head else None
