"""Who may say what, tried out: every agency, every category and kind, every act, at a live booth on real brokers.

The office is broken into: whoever is there has every key of every agency and writes into its database what they like.
The booth decides by signatures alone, so that what is shown in the end is exactly what the regulation allows.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert
from tuf.api.metadata import TargetFile

from appliance.config.files import ConfigFiles, Effective
from appliance.content.layout import Layout
from appliance.notices.folder import Folder
from mqtt.contract.commands import COMMAND_PAYLOAD_TYPE, Command, CommandName
from mqtt.contract.documents import encode
from mqtt.contract.envelopes import seal
from mqtt.contract.layers import CONFIG_PAYLOAD_TYPE, Layer, Scope
from mqtt.contract.notices import NOTICE_PAYLOAD_TYPE, MessageType, Notice, NoticeText, Status, Urgency, duty_role
from mqtt.contract.releases import assign_target, release_target
from mqtt.office.assign import reassign
from mqtt.office.authority import parse_authority
from mqtt.office.database import assignments, blobs, commands, notices, releases
from mqtt.office.notices.compose import agency_for
from mqtt.office.publish import publish_release
from mqtt.office.terms import OPERATIONS
from provisioning.authority import DEFAULT
from tests.gate_world import GATE, GateWorld

pytestmark = pytest.mark.broker

BOOTH = "cb-01"
TERMS = parse_authority(DEFAULT.read_bytes())
CATEGORIES = tuple(name for name in TERMS.categories if name != "programme")
KINDS = sorted(
    {pattern.partition("/")[2] for one in TERMS.agencies.values() if one.duty for pattern in one.duty.notices}
)


@pytest.fixture(scope="module")
def world() -> Iterator[GateWorld]:
    folder = Path(tempfile.mkdtemp(prefix="matrix-"))
    folder.chmod(0o755)
    with GateWorld(folder, regulation=DEFAULT.read_text("utf-8")) as world:
        world.add_booth(BOOTH)
        world.start_booth(BOOTH)
        world.publish(b"one")
        world.until(lambda: world.shown(BOOTH) == 1, "the booth follows")
        yield world
    shutil.rmtree(folder, ignore_errors=True)


def streams(world: GateWorld) -> set[str]:
    """What readers at the booth find."""
    current = Layout(world.folder / BOOTH / "content").current
    return {f"{one.parent.name}/{one.name}" for one in current.glob("*/*") if one.is_dir() or one.is_symlink()}


def codes(world: GateWorld) -> dict[str, str]:
    report = world.reported(BOOTH)
    return {one.subject: one.code.value for one in report.errors} if report else {}


@pytest.mark.parametrize("agency", TERMS.order)
def test_an_agency_publishes_in_its_categories_and_in_no_other(world: GateWorld, agency: str) -> None:
    """It lists releases of all categories as its own; booths take those the regulation lets it publish."""
    office = world.office
    allowed = set(TERMS.agencies[agency].categories) & set(CATEGORIES)
    for category in sorted(allowed):
        built = office.build(category, agency, {"a/item.dat": f"{category} of {agency}".encode()})
        publish_release(office.home, office.engine, built, office.now)
    wanted = {f"{category}/{agency}" for category in allowed}
    world.until(lambda: wanted <= streams(world), f"{agency} is shown in {sorted(allowed)}")

    foreign = [category for category in CATEGORIES if category not in allowed]
    with office.changing() as change:
        targets = change.edit(agency).targets
        saved = dict(targets)
        for category in foreign:
            built = office.build(category, agency, {"a/item.dat": b"foreign"})
            path = release_target(category, agency)
            targets[path] = TargetFile(len(built.head_bytes), {"sha256": sha256(built.head_bytes).hexdigest()}, path)
            key = {"category": category, "agency": agency, "number": 1}
            change.connection.execute(insert(releases).values(**key, head=built.head_bytes, published=change.now))
            rows = [{**key, "sha256": digest, "size": size} for digest, size in built.blobs.items()]
            change.connection.execute(insert(blobs), rows)
        reassign(change)
    world.until(lambda: any(code == "E_AUTHORITY" for code in codes(world).values()) or not foreign, "refused")
    assert not {f"{category}/{agency}" for category in foreign} & streams(world)
    assert wanted <= streams(world), "what it had published before stays"

    with office.changing() as change:
        change.edit(agency).targets.clear()
        change.edit(agency).targets.update(saved)
        for table in (blobs, releases):
            change.connection.execute(table.delete().where(table.c.agency == agency, table.c.category.in_(foreign)))
        reassign(change)
    world.until(lambda: "E_AUTHORITY" not in codes(world).values(), "and it is well again")


def announced(world: GateWorld, agency: str, kind: str, role: str) -> str:
    """Put a notice into the office's database that a role has signed, whatever it may."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = Notice(
        id=f"{kind}-{agency}-{role}"[:64], agency=agency, gate=GATE, kind=kind, status=Status.ACTUAL,
        type=MessageType.ALERT, urgency=Urgency.NORMAL, sent=now, expires=now + timedelta(hours=1),
        texts={"vi": NoticeText(headline=f"{kind} của {agency}")},
    )  # fmt: skip
    with world.office.changing() as change:
        envelope = seal(encode(made), NOTICE_PAYLOAD_TYPE, change.signers(role))
        row = {"notice": made.id, "gate": GATE, "sent": made.sent, "expires": made.expires, "envelope": envelope}
        change.connection.execute(insert(notices).values(**row, way="office"))
        change.touch()
    return made.id


@pytest.mark.parametrize("agency", TERMS.order)
def test_an_agency_announces_what_is_its_duty_and_nothing_else(world: GateWorld, agency: str) -> None:
    """Signed by its officers on duty; then the same by the keys of its content, which are no duty at all."""
    duty = duty_role(agency) if TERMS.agencies[agency].duty else agency
    made = {kind: announced(world, agency, kind, duty) for kind in KINDS}
    foreign = {announced(world, agency, kind, "assignments") for kind in KINDS}
    allowed = {made[kind] for kind in KINDS if agency_for(TERMS, GATE, kind) == agency}
    last = announced(world, "dic", "general", duty_role("dic")) if agency != "dic" else made["general"]
    everything = {*made.values(), *foreign, last}

    def kept() -> set[str]:
        return {one.id for one in Folder(world.folder / BOOTH / "notices").notices()} & everything

    world.until(lambda: kept() >= {*allowed, last}, f"{agency} is heard")
    time.sleep(0.3)
    assert kept() == {*allowed, last}
    with world.office.engine.begin() as connection:
        connection.execute(notices.delete())


@pytest.mark.parametrize("role", [*TERMS.order, "assignments", "collector", "firmware", OPERATIONS])
def test_only_operations_orders_anything(world: GateWorld, role: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    order = Command(
        id=f"identify-by-{role}", booth=BOOTH, name=CommandName.IDENTIFY, sent=now, expires=now + timedelta(minutes=5)
    )
    fact = world.folder / f"{BOOTH}-run/identify.json"
    fact.unlink(missing_ok=True)
    with world.office.changing() as change:
        envelope = seal(encode(order), COMMAND_PAYLOAD_TYPE, change.signers(role))
        row = {"command": order.id, "booth": BOOTH, "name": "identify", "envelope": envelope, "done": False}
        change.connection.execute(insert(commands).values(**row, sent=order.sent, expires=order.expires))
        change.touch()
    subject = f"booth/{BOOTH}/cmd/identify"
    if role == OPERATIONS:
        world.until(fact.exists, "operations is obeyed")
    else:
        world.until(lambda: codes(world).get(subject) in {"E_SIGNATURE", "E_THRESHOLD"}, f"{role} is refused")
        assert not fact.exists()
    with world.office.engine.begin() as connection:
        connection.execute(commands.delete())


@pytest.mark.parametrize("role", [*TERMS.order, "assignments", OPERATIONS])
def test_only_operations_changes_protected_keys(world: GateWorld, role: str) -> None:
    """The assignment is signed by the office's own role; what it carries for protected keys must be sealed."""
    state, number = world.folder / BOOTH, list(TERMS.order).index(role) if role in TERMS.order else 50
    seconds = 100 + number
    layer = Layer(
        scope=Scope.BOOTH,
        name=BOOTH,
        revision=1,
        issued=world.office.now,
        values={"network": {"confirm_within_s": seconds}},
    )
    with world.office.changing() as change:
        envelope = seal(encode(layer), CONFIG_PAYLOAD_TYPE, change.signers(role)).decode()
    assign(world, sealed=(envelope,))
    if role == OPERATIONS:
        world.until(lambda: Effective(state).read().network.confirm_within_s == seconds, "operations counts")
        return

    def refused() -> bool:
        report = world.reported(BOOTH)
        said = report.configuration.refused if report and report.configuration else ()
        return bool(said) and said[0].code.value in {"E_SIGNATURE", "E_THRESHOLD"}

    world.until(refused, f"{role} is refused")
    assert ConfigFiles(state).effective() is None or Effective(state).read().network.confirm_within_s != seconds


def assign(world: GateWorld, **parts: Any) -> None:
    office = world.office
    assignment = office.assignment(GATE)
    booths = tuple(msgspec.structs.replace(one, sealed=(0,)) for one in assignment.booths)
    body = encode(msgspec.structs.replace(assignment, booths=booths, **parts))
    with office.changing() as change:
        change.list_target("assignments", assign_target(GATE), body)
        change.connection.execute(assignments.update().where(assignments.c.gate == GATE).values(body=body))
