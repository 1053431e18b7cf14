"""A command at the agent: judged, done once, answered however often it comes, also after the booth went down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from appliance.commands.taken import TakenFolder
from appliance.sync.commands import AHEAD, Commands
from appliance.sync.messages import Did, Do, Outgoing, Publish
from appliance.trust.time import Belief
from mqtt.contract import topics
from mqtt.contract.commands import COMMAND_PAYLOAD_TYPE, RESULT_LIMIT, Command, CommandName, Outcome, Result
from mqtt.contract.documents import decode, encode
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import seal
from mqtt.contract.errors import ContractError, ErrorCode

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
OPERATIONS, STRANGER = CryptoSigner.generate_ed25519(), CryptoSigner.generate_ed25519()


class Noon:
    """It is noon."""

    def now(self) -> Belief:
        return Belief(NOON, "ntp", trusted=True)

    def hear(self, *_: object) -> None: ...

    def new_epoch(self, epoch: int) -> None: ...


def duty(path: str) -> Delegated | None:
    keys = (OPERATIONS.public_key,)
    return Delegated("operations", keys, 1) if path.startswith("command/") else None


def agent(folder: Path) -> Commands:
    return Commands("cb-01", TakenFolder(folder / "commands"), duty, Noon())


def order(**parts: Any) -> Command:
    said: dict[str, Any] = {
        "booth": "cb-01",
        "name": CommandName.REBOOT,
        "sent": NOON,
        "expires": NOON + timedelta(minutes=5),
    }
    return Command(id="reboot-order-1", **(said | parts))


def give(
    commands: Commands, one: Command, signer: CryptoSigner = OPERATIONS, topic: str | None = None
) -> list[Outgoing]:
    topic = topic or topics.COMMAND.at(booth=one.booth, name=one.name)
    commands.take(topic, seal(encode(one), COMMAND_PAYLOAD_TYPE, [signer]))
    return commands.take_outgoing()


def answers(messages: list[Outgoing]) -> list[Result]:
    said = [message for message in messages if isinstance(message, Publish)]
    assert all(one.correlation == b"reboot-order-1" for one in said)
    return [decode(Result, one.payload, RESULT_LIMIT) for one in said]


def test_it_is_done_once_and_answered_each_time(tmp_path: Path) -> None:
    commands = agent(tmp_path)
    first = give(commands, order())
    assert [message.command for message in first if isinstance(message, Do)] == [order()]
    assert [one.outcome for one in answers(first)] == [Outcome.RUNNING]
    commands.did(Did(order(), Result(id=order().id, booth="cb-01", outcome=Outcome.OK, data=b"x")))
    assert answers(commands.take_outgoing())[0].data == b"x"
    again = give(commands, order())
    assert not any(isinstance(message, Do) for message in again)
    assert [(one.outcome, one.data) for one in answers(again)] == [(Outcome.OK, b"")]


def test_after_a_start_a_reboot_has_succeeded_and_is_not_done_again(tmp_path: Path) -> None:
    """The office asks until it knows: what was said before the line was up is lost, the answer is not."""
    give(agent(tmp_path), order())
    started = agent(tmp_path)
    started.take_outgoing()
    again = give(started, order())
    assert not any(isinstance(message, Do) for message in again)
    assert [one.outcome for one in answers(again)] == [Outcome.OK]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"booth": "cb-02"}, ErrorCode.AUDIENCE),
        ({"sent": NOON - timedelta(hours=1), "expires": NOON}, ErrorCode.EXPIRED),
        ({"sent": NOON + 2 * AHEAD, "expires": NOON + 3 * AHEAD}, ErrorCode.FUTURE),
    ],
)
def test_what_is_for_others_over_or_from_the_future_is_not_done(
    tmp_path: Path, parts: dict[str, Any], code: ErrorCode
) -> None:
    commands = agent(tmp_path)
    with pytest.raises(ContractError) as refused:
        give(commands, order(**parts))
    assert refused.value.code is code
    assert commands.take_outgoing() == []


def test_a_stranger_s_order_and_one_under_another_name_are_not_done(tmp_path: Path) -> None:
    commands = agent(tmp_path)
    with pytest.raises(ContractError, match="E_SIGNATURE"):
        give(commands, order(), STRANGER)
    with pytest.raises(ContractError, match="E_AUDIENCE"):
        give(commands, order(), topic=topics.COMMAND.at(booth="cb-01", name="identify"))
    assert commands.take_outgoing() == []


def test_a_result_that_is_too_large_says_so_instead(tmp_path: Path) -> None:
    commands = agent(tmp_path)
    give(commands, order())
    huge = Result(id=order().id, booth="cb-01", outcome=Outcome.OK, detail="", data=bytes(512 * 1024))
    commands.did(Did(order(), huge))
    assert answers(commands.take_outgoing())[0].outcome is Outcome.OK, "512 KiB are allowed"
