"""Layers of the configuration: key by key, never more than the schema, protected only when sealed."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.contract.configuration import Broker, Configuration, keys
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.layers import Layer, Scope, check_key, fingerprint, merge, read_values, split

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def layer(scope: Scope = Scope.ALL, name: str = "all", **values: Any) -> Layer:
    return Layer(scope=scope, name=name, revision=1, issued=NOW, values=values)


def test_every_key_says_what_it_is() -> None:
    assert len(keys()) == 9
    for key in keys().values():
        assert len(key.description) > 10
        assert key.kind != "value"
        assert not key.confirmed or key.protected
        section, _, name = key.path.partition(".")
        default = getattr(getattr(Configuration(), section), name)
        assert key.default == msgspec.json.encode(default).decode()


def test_the_booth_s_layer_wins_over_the_gate_s_and_that_over_all() -> None:
    layers = [
        layer(Scope.BOOTH, "cb-01", screen={"volume_percent": 3}),
        layer(screen={"volume_percent": 1, "notice_seconds": 11}),
        layer(Scope.GATE, "cat-bi", screen={"volume_percent": 2}, log={"level": "error"}),
    ]
    merged = merge(Configuration(), [(one, False) for one in layers])
    assert merged.configuration.screen.volume_percent == 3
    assert merged.configuration.screen.notice_seconds == 11
    assert merged.origins == {
        "screen.volume_percent": "booth/cb-01", "screen.notice_seconds": "all/all", "log.level": "gate/cat-bi",
    }  # fmt: skip


def test_a_key_that_is_refused_leaves_what_the_layer_below_says() -> None:
    layers = [layer(screen={"volume_percent": 10}), layer(Scope.GATE, "cat-bi", screen={"volume_percent": 1000})]
    merged = merge(Configuration(), [(one, False) for one in layers])
    assert merged.configuration.screen.volume_percent == 10
    assert [(one.key, one.code, one.layer) for one in merged.refused] == [
        ("screen.volume_percent", ErrorCode.CONFIG, "gate/cat-bi")
    ]


def test_protected_keys_count_only_sealed() -> None:
    one = layer(network={"brokers": [{"host": "a.example"}], "confirm_within_s": 60})
    assert {refusal.code for refusal in merge(Configuration(), [(one, False)]).refused} == {ErrorCode.PROTECTED}
    merged = merge(Configuration(), [(one, True)])
    assert merged.configuration.network.brokers == (Broker(host="a.example"),)


@pytest.mark.parametrize(
    "text",
    ["[screen]\nvolume_percent = 101\n", "[screen]\nloudness = 1\n", "[nothing]\na = 1\n", "screen = 1\n", "[screen\n",
     '[kiosk]\nlanguages = ["vi", "vi"]\n', '[kiosk]\nlanguages = ["fr"]\n', "[transfer]\nrate_limit = -1\n",
     '[network]\nbrokers = [{ host = "" }]\n', '[log]\nlevel = "loud"\n', "x = " + "1" * 20000],
)  # fmt: skip
def test_a_draft_with_a_mistake_is_refused_as_a_whole_and_says_which(text: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_values(text.encode())
    assert caught.value.code in {ErrorCode.CONFIG, ErrorCode.SIZE}
    assert len(caught.value.detail) > 10


def test_the_protected_part_is_told_from_the_open_one() -> None:
    values = read_values(b"[screen]\nvolume_percent = 5\n[network]\nconfirm_within_s = 60\n")
    assert split(values) == ({"screen": {"volume_percent": 5}}, {"network": {"confirm_within_s": 60}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SECTIONS = st.sampled_from(["kiosk", "screen", "transfer", "log", "network", "nowhere"])
NAMES = st.sampled_from([path.partition(".")[2] for path in keys()]) | st.text(max_size=6)


@given(st.dictionaries(SECTIONS, st.dictionaries(NAMES, JSON, max_size=4), max_size=4), st.booleans())
def test_whatever_a_layer_says_what_counts_is_within_the_schema(values: Any, sealed: bool) -> None:  # noqa: FBT001
    merged = merge(Configuration(), [(layer(**values), sealed)])
    assert msgspec.convert(msgspec.to_builtins(merged.configuration), Configuration) == merged.configuration
    said = {f"{section}.{key}" for section, part in values.items() for key in part}
    assert said == {one.key for one in merged.refused} | set(merged.origins)
    if not sealed:
        assert merged.configuration.network == Configuration().network


def test_two_who_speak_of_the_same_have_the_same_fingerprint() -> None:
    assert fingerprint(Configuration()) == fingerprint(msgspec.convert({}, Configuration))
    assert fingerprint(Configuration()) != fingerprint(
        merge(Configuration(), [(layer(log={"level": "error"}), False)]).configuration
    )


def test_a_value_is_taken_as_the_schema_writes_it() -> None:
    assert check_key("network.brokers", [{"host": "a"}], sealed=True) == [{"host": "a", "control": 8883, "bulk": 8884}]
