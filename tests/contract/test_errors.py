"""A code is one sentence to understand and one to act on."""

import pytest

from mqtt.contract.errors import DETAIL_LIMIT, ContractError, ErrorCode


@pytest.mark.parametrize("code", ErrorCode, ids=str)
def test_every_code_has_a_meaning_and_a_remedy_in_a_sentence(code: ErrorCode) -> None:
    assert code.value == f"E_{code.name}"
    for sentence in (code.meaning, code.remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.isprintable()


def test_no_two_codes_mean_the_same() -> None:
    assert len({code.value for code in ErrorCode}) == len({code.meaning for code in ErrorCode}) == len(list(ErrorCode))
    assert set(ErrorCode.__members__) == {code.name for code in ErrorCode}, "an alias hides a code"


def test_a_code_travels_as_its_value() -> None:
    assert str(ErrorCode.COSIGN) == ErrorCode("E_COSIGN") == "E_COSIGN"


def test_hostile_input_never_fills_a_log() -> None:
    error = ContractError(ErrorCode.PATH, "x" * 10_000_000)
    assert len(error.detail) == DETAIL_LIMIT
    assert len(str(error)) < DETAIL_LIMIT + 50
