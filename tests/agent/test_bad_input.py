"""Laws of hostile input over the real wire: by whoever holds the publisher's certificate, nothing unsigned is shown.

Each refusal has its code, reaches the office's database, and changes nothing that is shown.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import msgspec
import pytest

from mqtt.contract import topics
from mqtt.contract.frames import pack
from mqtt.contract.repository import META_LIMIT, MetaSet
from mqtt.contract.topics import Plane
from tests.agent.conftest import GATE, Booth, World, item
from tests.broker.conftest import Peer

pytestmark = pytest.mark.broker

META: Final = topics.META.at()
ASSIGN: Final = topics.ASSIGN.at(gate=GATE)


class Stage:
    """A booth that shows something, an old set of metadata, and a hostile publisher."""

    def __init__(self, world: World, booth: Booth, old: MetaSet) -> None:
        self.world, self.booth, self.old = world, booth, old
        self._hostile = ExitStack()
        self.publisher = self._hostile.enter_context(world.as_publisher())

    def give_back(self) -> None:
        """The office's own publisher is there again."""
        self._hostile.close()

    @property
    def meta(self) -> MetaSet:
        return self.world.office.meta()


@pytest.fixture(scope="module")
def stage(world: World) -> Iterator[Stage]:
    with world.booth() as booth:
        world.publish(item("trước kia"))
        old = world.office.meta()
        number = world.publish(item("thật"))
        booth.start()
        booth.until_reported(number)
        stage = Stage(world, booth, old)
        yield stage
        stage.give_back()


def without_signatures(meta: MetaSet) -> MetaSet:
    files = {name: _unsigned(text) if "timestamp" in name else text for name, text in meta.files.items()}
    return msgspec.structs.replace(meta, files=files)


def _unsigned(text: str) -> str:
    document = msgspec.json.decode(text)
    document["signed"]["version"] += 1
    document["signatures"] = []
    return msgspec.json.encode(document).decode()


BAD: Final[dict[str, tuple[str, Callable[[Stage], bytes], str, str]]] = {
    "unsigned": (META, lambda stage: without_signatures(stage.meta).to_bytes(), "repo/meta", "E_SIGNATURE"),
    "rolled back": (META, lambda stage: stage.old.to_bytes(), "repo/meta", "E_ROLLBACK"),
    "truncated": (META, lambda stage: stage.meta.to_bytes()[:-20], "repo/meta", "E_FRAME"),
    "oversize": (META, lambda _: bytes(META_LIMIT + 1), "repo/meta", "E_SIZE"),
    "unknown major": (
        META, lambda _: pack(b'{"schema":"meta/2","root_latest":1,"files":{}}'), "repo/meta", "E_SCHEMA",
    ),
    "incomplete": (
        META, lambda stage: MetaSet(root_latest=9, files=stage.meta.files).to_bytes(), "repo/meta", "E_MISSING",
    ),
    "a root too far ahead": (topics.ROOT.at(number=9999), lambda _: b"{}", "repo/root/9999", "E_SIZE"),
    "oversize assignment": (ASSIGN, lambda _: bytes(topics.ASSIGN.limit_bytes + 1), "assign", "E_SIZE"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_reported_and_changes_nothing(stage: Stage, name: str) -> None:
    topic, payload, subject, code = BAD[name]
    with stage.booth.unmoved():
        stage.publisher.say([(topic, payload(stage))])
        stage.booth.until_refused(subject, code)


def test_bytes_of_the_wrong_place_are_nobody_s(stage: Stage) -> None:
    """The right bytes under a topic of another kind, of another gate, or of nobody: not even read."""
    meta = stage.meta.to_bytes()
    before = stage.booth.codes()
    with stage.booth.unmoved():
        for topic in ("repo/inline/" + "0" * 64, "gate/hai-phong-port/assign", "repo/root/x", "repo/meta/x"):
            stage.publisher.say([(topics.PREFIX + topic, meta)])
        stage.publisher.say([(META, pack(b"[]"))])
        stage.booth.until_refused("repo/meta", "E_MALFORMED")
    assert stage.booth.codes() | before | {"repo/meta": ""} == before | {"repo/meta": ""}


def test_a_booth_s_certificate_publishes_nothing_to_others(stage: Stage) -> None:
    """A broken-in booth speaks as itself and to the office only: the broker carries nothing else."""
    tls, name = stage.booth.state / "identity", stage.world.office.add_booth("cb-99", GATE)
    stage.world.admit()
    for suffix in ("pem", "key"):
        file = "cert.pem" if suffix == "pem" else "key.pem"
        (tls / f"cb-99.{suffix}").write_bytes((name / file).read_bytes())
    before = stage.booth.codes()
    with stage.booth.unmoved(), Peer(tls, "cb-99", stage.world.ports[Plane.CONTROL]) as peer:
        peer.say([(META, b"rubbish"), (ASSIGN, b"rubbish"), (topics.REPORTED.at(booth=stage.booth.name), b"rubbish")])
        stage.publisher.say([(META, pack(b'{"schema":"x/1"}'))])
        stage.booth.until_refused("repo/meta", "E_SCHEMA")
    assert stage.booth.codes() | {"repo/meta": ""} == before | {"repo/meta": ""}


def test_after_all_that_the_next_release_is_accepted(stage: Stage) -> None:
    """With the publisher back, the booth goes on as if nothing had been, and what was refused is cleared."""
    stage.give_back()
    number = stage.world.publish(item("sau cùng"))
    stage.booth.until_shown("sau cùng")
    stage.booth.until_reported(number)
    stage.booth.until(lambda: not {"repo/meta", "assign"} & stage.booth.codes().keys())
