"""One notice of fog, as a document that tests spoil."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import Notice, NoticeText
from mqtt.office.authority import parse_authority
from mqtt.office.notices.cap import Imported, read_cap, write_cap
from mqtt.office.reference.examples import example_of
from provisioning.authority import DEFAULT

GATES = parse_authority(DEFAULT.read_bytes()).gates
SENT = datetime(2026, 12, 1, 8, tzinfo=UTC)
FOG = msgspec.structs.replace(
    example_of(Notice),
    effective=SENT + timedelta(hours=1),
    texts={
        "vi": NoticeText(headline="Sương mù, chuyến bay chậm", description="Sân bay chờ sương tan, dự kiến 10:00."),
        "en": NoticeText(
            headline="Fog, flights are late", description="The airport waits for clear sight until 10:00."
        ),
    },
)


def read(data: bytes, **asked: Any) -> Imported:
    return read_cap(data, GATES, "airport", **asked)


def refusal(data: bytes, **asked: Any) -> str:
    with pytest.raises(ContractError) as refused:
        read(data, **asked)
    assert refused.value.code is ErrorCode.CAP
    return refused.value.detail


def fog(*changes: tuple[str, str]) -> bytes:
    """The fog as a document in which texts stand otherwise; all of a text, as often as it stands there."""
    document = write_cap(FOG, GATES).decode()
    for old, new in changes:
        assert old in document, old
        document = document.replace(old, new)
    return document.encode()


def changed(field: str, text: str, *, once: bool = False) -> bytes:
    """The fog with another content of an element, in the first place or wherever it stands."""
    document = write_cap(FOG, GATES).decode()
    return re.sub(rf"(<{field}>)[^<]*", lambda found: found[1] + text, document, count=int(once)).encode()
