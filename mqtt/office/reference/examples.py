"""One example of every document, made of the contract's own types: for the reference, and for tests to start from."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from mqtt.contract.commands import Command, CommandName, Outcome, Result
from mqtt.contract.desk import Answer, Call, CallState, CounterHours, GateStatus
from mqtt.contract.documents import Document
from mqtt.contract.errors import ErrorCode
from mqtt.contract.items import ItemDocument, ItemText, ProgrammeDocument, ProgrammeItem
from mqtt.contract.layers import Layer, Scope
from mqtt.contract.names import LANGUAGES
from mqtt.contract.notices import MessageType, Notice, NoticeText, Status, Urgency
from mqtt.contract.records import Ack, Batch, Gap, Priority, Record
from mqtt.contract.releases import BlobRef, FileEntry, FileList, ReleaseHead
from mqtt.contract.repository import Assignment, BoothAssignment, MetaSet, Stream
from mqtt.contract.state import (
    ClockReport,
    ConfigReport,
    Conn,
    DiskReport,
    Info,
    Panel,
    Refusal,
    Reported,
    StreamReport,
    StreamState,
)
from mqtt.contract.stick import Stick
from mqtt.contract.transfer import Range, Want

_AT: Final = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
_BOOTH: Final = "cat-bi-1"
_GATE: Final = "cat-bi"
_BOOT: Final = "7f9c2ba4-e88f-427d-b4ea-1b6b5b0f0d11"
_OUTBOX: Final = "0d6f5a52-4d5e-4c3b-9a55-2f3c8e1b7a90"
_INDEX: Final = BlobRef(sha256="b" * 64, size=152)
_VIDEO: Final = BlobRef(sha256="a" * 64, size=250_000, index=_INDEX)

_RELEASE: Final = (
    ReleaseHead(
        category="essentials",
        agency="border-guard",
        number=12,
        issued=_AT,
        valid_from=_AT,
        valid_until=_AT + timedelta(days=180),
        gates=("*",),
        languages=LANGUAGES,
        list=BlobRef(sha256="c" * 64, size=4711),
        min_release=10,
        revoked=(11,),
    ),
    FileList(
        files=(
            FileEntry(path="shore-pass/item.json", sha256="d" * 64, size=812),
            FileEntry(path="shore-pass/pier.mp4", sha256=_VIDEO.sha256, size=_VIDEO.size, index=_VIDEO.index),
        )
    ),
    ItemDocument(
        category="essentials",
        agency="border-guard",
        slug="shore-pass",
        gates=("hai-phong-port",),
        visitors=("crew",),
        order=20,
        as_of=date(2026, 11, 20),
        valid_from=date(2026, 11, 20),
        valid_until=None,
        source="Decree named by the agency",
        sample=True,
        texts={"vi": ItemText(title="Giấy phép đi bờ"), "en": ItemText(title="Shore pass")},
        media=("pier.mp4",),
    ),
    ProgrammeDocument(items=(ProgrammeItem(id="harbour", file="harbour.jpg", seconds=8.0),)),
)
_LAYER: Final = Layer(scope=Scope.GATE, name=_GATE, revision=3, issued=_AT, values={"screen": {"volume_percent": 40}})
_REPOSITORY: Final = (
    MetaSet(root_latest=2, files={"timestamp.json": "{}", "7.snapshot.json": "{}", "3.border-guard.json": "{}"}),
    Assignment(
        gate=_GATE,
        issued=_AT,
        order=("border-guard", "dic"),
        booths=(
            BoothAssignment(booth=_BOOTH, streams=(Stream(category="essentials", agency="border-guard"),), layers=(0,)),
        ),
        layers=(_LAYER,),
    ),
    _LAYER,
)
_STICK: Final = Stick(gate=_GATE, state=41, written=_AT, root_latest=2, size=250_152)
_STATE: Final = (
    Reported(
        booth=_BOOTH,
        boot=_BOOT,
        sequence=41,
        at=_AT,
        metadata={"root": 2, "timestamp": 812},
        clock=ClockReport(now=_AT, source="ntp", trusted=True),
        content_set=9,
        streams={"essentials/border-guard": StreamReport(state=StreamState.REFUSED, shown=12, target=13)},
        errors=(Refusal(code=ErrorCode.DIGEST, subject="essentials/border-guard", detail="list of 13", at=_AT),),
        disk=DiskReport(free=21_000_000_000, content=340_000_000),
        configuration=ConfigReport(revisions={f"gate/{_GATE}": 3}, fingerprint="f" * 64),
    ),
    Conn(booth=_BOOTH, online=True, boot=_BOOT, connection=3),
    Info(
        booth=_BOOTH,
        gate=_GATE,
        software="0.1.0",
        roles=("screen", "lookup"),
        panels=(Panel(output="HDMI-A-1", role="screen", width_px=1920, height_px=1080, diagonal_inch=43.0),),
        languages=LANGUAGES,
        schemas=("release/1", "files/1"),
    ),
)
_PEOPLE: Final = (
    Notice(
        id="cat-bi-2026-12-01-fog",
        agency="airport",
        gate=_GATE,
        kind="flights",
        status=Status.ACTUAL,
        type=MessageType.ALERT,
        urgency=Urgency.NORMAL,
        sent=_AT,
        expires=_AT + 6 * _HOUR,
        texts={"vi": NoticeText(headline="Sương mù, chuyến bay chậm"), "en": NoticeText(headline="Fog, flights late")},
    ),
    Call(id="3f0c9a1e", booth=_BOOTH, language="lo", at=_AT),
    Answer(call="3f0c9a1e", state=CallState.COMING, at=_AT),
    GateStatus(
        gate=_GATE, office_reachable=False, counter_staffed=True, hours=(CounterHours(opens="06:00", closes="23:30"),)
    ),
)
_WORK: Final = (
    Command(
        id="c0ffee-1", booth=_BOOTH, name=CommandName.LOGS, sent=_AT, expires=_AT + _HOUR, arguments={"unit": "kiosk"}
    ),
    Result(id="c0ffee-1", booth=_BOOTH, outcome=Outcome.OK, data=b"started\n"),
    Batch(
        booth=_BOOTH,
        stream=_OUTBOX,
        priority=Priority.OPERATION,
        first=100,
        last=104,
        records=(Record(sequence=104, kind="shown", at=_AT, clock_trusted=True, body={"release": 12}),),
        gaps=(Gap(first=100, last=103, reason="disk full"),),
    ),
    Ack(booth=_BOOTH, stream=_OUTBOX, through=104, batch="e" * 64),
    Want(blob=_VIDEO.sha256, size=_VIDEO.size, index=_INDEX.sha256, ranges=(Range(0, 1), Range(3, 3)), credit=131_072),
)

EXAMPLES: Final[tuple[Document, ...]] = (*_RELEASE, *_REPOSITORY, _STICK, *_STATE, *_PEOPLE, *_WORK)


def example_of(kind: type[Document]) -> Document:
    """Return the example of a kind.

    Raises:
        StopIteration: Somebody added a document without an example: a mistake in our code.
    """
    return next(example for example in EXAMPLES if type(example) is kind)
