"""Which envelopes are believed to be notices, and which of them are news."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from appliance.notices.judge import AHEAD, KEPT, admit
from mqtt.contract.documents import encode
from mqtt.contract.duty import Delegated, verify_notice
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, MessageType, Notice, Status
from tests.notices.test_force import FIRST, GATE, HOUR, LATER, NOON, notice

OFFICERS = [CryptoSigner.generate_ed25519() for _ in range(3)]
STRANGER = CryptoSigner.generate_ed25519()


def duty(threshold: int = 1, role: str = "dic-duty", **until: Any) -> Callable[[str], Delegated | None]:
    keys = tuple(officer.public_key for officer in OFFICERS)
    ends = {OFFICERS[int(number[1:])].public_key.keyid: end for number, end in until.items()}
    return lambda path: Delegated(role, keys, threshold, ends) if path == f"notice/{GATE}/weather" else None


def sealed(one: Notice, *signers: CryptoSigner) -> bytes:
    return seal(encode(one), NOTICE_PAYLOAD_TYPE, signers or OFFICERS[:1])


def refused(data: bytes, duty_of: Callable[[str], Delegated | None]) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        verify_notice(data, duty_of, NOON)
    return caught.value.code


def test_what_an_officer_on_duty_has_signed_is_believed() -> None:
    assert verify_notice(sealed(notice()), duty(), NOON) == notice()


def test_two_officers_are_two_persons() -> None:
    """One signature of two, and one officer twice, are too few; a stranger does not count."""
    assert verify_notice(sealed(notice(), *OFFICERS[:2]), duty(2), NOON)
    assert refused(sealed(notice(), OFFICERS[0]), duty(2)) is ErrorCode.THRESHOLD
    assert refused(sealed(notice(), OFFICERS[0], OFFICERS[0]), duty(2)) is ErrorCode.THRESHOLD
    assert refused(sealed(notice(), OFFICERS[0], STRANGER), duty(2)) is ErrorCode.THRESHOLD
    assert refused(sealed(notice(), STRANGER), duty(2)) is ErrorCode.SIGNATURE


def test_an_officer_whose_appointment_has_run_out_says_nothing_more() -> None:
    over = duty(_0=NOON)
    assert refused(sealed(notice()), over) is ErrorCode.EXPIRED
    assert verify_notice(sealed(notice(), OFFICERS[1]), over, NOON)
    assert verify_notice(sealed(notice()), duty(_0=NOON + timedelta(seconds=1)), NOON)


@pytest.mark.parametrize("claim", [{"gate": "*"}, {"gate": "hai-phong-port"}, {"kind": "fire"}, {"agency": "police"}])
def test_an_officer_says_what_the_regulation_gives_to_the_duty_and_nothing_else(claim: dict[str, Any]) -> None:
    assert refused(sealed(notice(**claim)), duty()) is ErrorCode.AUTHORITY


def test_a_word_that_was_changed_after_signing_is_not_believed() -> None:
    table = json.loads(sealed(notice()))
    table["payload"] = b64encode(b64decode(table["payload"]).replace(b'"normal"', b'"urgent"')).decode()
    assert refused(json.dumps(table).encode(), duty()) is ErrorCode.SIGNATURE


@pytest.mark.parametrize(
    "spoilt", [b"", b"{}", b"[]", b"null", b'{"payload":1,"payloadType":2,"signatures":3}', b"\xff"]
)
def test_what_is_no_envelope_is_refused(spoilt: bytes) -> None:
    assert refused(spoilt, duty()) is ErrorCode.MALFORMED


def news(one: Notice, *kept: Notice, trusted: bool = True, gate: str = GATE) -> bool:
    return admit(one, kept, gate, NOON + HOUR, trusted=trusted)


def why_not(one: Notice, *kept: Notice, **how: Any) -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        news(one, *kept, **how)
    return caught.value.code


def test_a_notice_is_news_once() -> None:
    """A retained message comes with every connection."""
    assert news(notice())
    assert not news(notice(), notice())


def test_a_cancelled_notice_that_is_sent_again_is_refused() -> None:
    cancel = notice(LATER, type=MessageType.CANCEL, supersedes=(FIRST,), texts={})
    assert why_not(notice(), cancel) is ErrorCode.CANCELLED


def test_another_notice_does_not_take_the_name_of_one_that_is_kept() -> None:
    assert why_not(notice(kind="fire"), notice()) is ErrorCode.EXISTS


def test_a_notice_for_others_over_or_from_the_future_is_refused() -> None:
    assert why_not(notice(), gate="hai-phong-port") is ErrorCode.AUDIENCE
    assert why_not(notice(expires=NOON + HOUR)) is ErrorCode.EXPIRED
    ahead = NOON + HOUR + AHEAD
    assert news(notice(sent=ahead, expires=ahead + HOUR))
    late = ahead + timedelta(seconds=1)
    assert why_not(notice(sent=late, expires=late + HOUR)) is ErrorCode.FUTURE
    assert news(notice(sent=late, expires=late + HOUR), trusted=False), "who does not know the time cannot tell"


def test_nobody_fills_the_card_with_notices() -> None:
    kept = [notice(f"weather-{number:05}", status=Status.TEST) for number in range(KEPT)]
    assert why_not(notice(), *kept) is ErrorCode.SIZE
