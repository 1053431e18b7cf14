"""A booth's identity is what the booth itself reads, its name is its own, and it is there whole or not at all."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert

from appliance import identity
from mqtt.contract.documents import encode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.state import ClockReport, Conn, DiskReport, Info, Panel, Refusal, Reported, StreamReport, StreamState
from mqtt.office.database import reports
from mqtt.office.settings import Settings
from provisioning.booths import NewBooth, add_booth
from provisioning.inventory import inventory
from tests.practice_office import Office

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
SCREEN = Panel(output="HDMI-A-1", role="screen", width_px=1920, height_px=1080, diagonal_inch=43.0)
LOOKUP = Panel(output="HDMI-A-2", role="lookup", width_px=1080, height_px=1920, diagonal_inch=21.5)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings(hosts=("10.1.2.3", "office.example"), control_port=18883, bulk_port=18884)
    with Office(tmp_path, now=NOW, settings=settings) as made:
        yield made


def test_the_booth_reads_what_the_office_wrote(office: Office, tmp_path: Path) -> None:
    folder = office.add_booth("cb-01", panels=(SCREEN, LOOKUP))
    state = tmp_path / "data"
    state.mkdir()
    folder.rename(state / identity.FOLDER)
    read = identity.read(state)
    assert (read.booth, read.gate, read.roles, read.clock) == ("cb-01", "cat-bi", ("screen", "lookup"), "system")
    assert read.brokers == (identity.Broker(host="10.1.2.3", control=18883, bulk=18884),)
    assert (read.panel("screen"), read.panel("lookup")) == (SCREEN, LOOKUP)
    assert sorted(file.name for file in (state / identity.FOLDER).iterdir()) == [
        "ca.pem", "cert.pem", "identity.toml", "key.pem", "root.json",
    ]  # fmt: skip


def test_the_booth_is_born_with_the_newest_root(office: Office) -> None:
    with office.changing() as change:
        change.edit("root")
    assert (office.add_booth("cb-01") / "root.json").read_bytes() == office.roots()[2]


def test_the_key_is_its_owner_s_alone(office: Office) -> None:
    folder = office.add_booth("cb-01")
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("booth", "gate", "code"),
    [
        ("cb-01", "noi-bai", ErrorCode.UNKNOWN),
        ("publisher", "cat-bi", ErrorCode.EXISTS),
        ("broker-bulk", "cat-bi", ErrorCode.EXISTS),
        ("edge-cat-bi", "cat-bi", ErrorCode.EXISTS),
        ("../cb", "cat-bi", ErrorCode.MALFORMED),
        ("CB-01", "cat-bi", ErrorCode.MALFORMED),
        ("cb-01\n", "cat-bi", ErrorCode.MALFORMED),
        ("+", "cat-bi", ErrorCode.MALFORMED),
    ],
)
def test_a_wrong_name_or_gate_adds_nothing(office: Office, booth: str, gate: str, code: ErrorCode) -> None:
    """A booth named like one of our processes would have that process's rights on the brokers."""
    before = office.revision()
    with pytest.raises(ContractError) as caught:
        office.add_booth(booth, gate)
    assert caught.value.code is code
    assert office.revision() == before
    assert not office.home.booths.exists()


@pytest.mark.parametrize(
    ("roles", "panels"),
    [
        ((), ()),
        (("screen", "screen"), ()),
        (("door",), ()),
        (("screen",), (LOOKUP,)),
        (("counter",), (msgspec.structs.replace(SCREEN, role="counter"),)),
        (("screen", "lookup"), (SCREEN, msgspec.structs.replace(LOOKUP, output="HDMI-A-1"))),
        (("screen",), (SCREEN, msgspec.structs.replace(SCREEN, output="HDMI-A-2"))),
    ],
)
def test_roles_and_displays_must_agree(roles: tuple[str, ...], panels: tuple[Panel, ...]) -> None:
    with pytest.raises(ContractError) as caught:
        NewBooth(booth="cb-01", gate="cat-bi", roles=roles, panels=panels)
    assert caught.value.code is ErrorCode.CONFIG


def test_an_existing_booth_is_not_overwritten(office: Office) -> None:
    folder = office.add_booth("cb-01")
    before = (folder / "key.pem").read_bytes()
    with pytest.raises(ContractError) as caught:
        office.add_booth("cb-01", "hai-phong-port")
    assert caught.value.code is ErrorCode.EXISTS
    assert (folder / "key.pem").read_bytes() == before


def test_a_booth_that_cannot_be_assigned_is_not_added(office: Office) -> None:
    (office.home.keys / "assignments-1.pem").unlink()
    with pytest.raises(ContractError) as caught:
        office.add_booth("cb-01")
    assert caught.value.code is ErrorCode.KEY
    assert not office.home.booths.exists()
    with office.database() as connection:
        assert inventory(connection) == []


def test_a_power_cut_while_adding_leaves_a_name_that_can_be_used_again(office: Office) -> None:
    """The folder has its name before the inventory has the booth; the next run makes it anew."""
    child = os.fork()
    if child == 0:
        rename = Path.rename

        def rename_and_die(draft: Path, place: Path) -> Path:
            rename(draft, place)
            os._exit(9)

        Path.rename = rename_and_die  # type: ignore[assignment,method-assign]
        try:
            office.add_booth("cb-01")
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = (office.home.booths / "cb-01" / "key.pem").read_bytes()
    with office.database() as connection:
        assert inventory(connection) == []
    folder = office.add_booth("cb-01")
    assert (folder / "key.pem").read_bytes() != left
    assert [path.name for path in office.home.booths.iterdir()] == ["cb-01"]


def _say(office: Office, kind: str, body: bytes) -> None:
    with office.database() as connection:
        connection.execute(insert(reports).values(booth="cb-01", kind=kind, body=body, received=NOW))


def test_the_inventory_shows_the_newest_a_booth_has_said(office: Office) -> None:
    office.add_booth("cb-01")
    refusal = Refusal(code=ErrorCode.AUTHORITY, subject="essentials/dic", detail="signed by police", at=NOW)
    shown = StreamReport(state=StreamState.SHOWN, shown=3, target=3)
    _say(office, "conn", encode(Conn(booth="cb-01", online=True, boot="boot-0001", connection=1)))
    _say(office, "info", encode(Info(booth="cb-01", gate="cat-bi", software="0.1.0", roles=("screen",), panels=(),
                                     languages=("vi",), schemas=())))  # fmt: skip
    _say(office, "reported", encode(Reported(
        booth="cb-01", boot="boot-0001", sequence=1, at=NOW, metadata={"root": 1},
        clock=ClockReport(now=NOW, source="ntp", trusted=True), content_set=7, streams={"essentials/dic": shown},
        errors=(refusal,), disk=DiskReport(free=1, content=1))))  # fmt: skip
    with office.database() as connection:
        (line,) = inventory(connection)
    assert (line.online, line.software, line.content_set, line.heard) == (True, "0.1.0", 7, NOW)
    assert (line.streams, line.errors, line.unreadable) == ({"essentials/dic": shown}, (refusal,), ())


def test_a_report_that_cannot_be_read_is_said_so(office: Office) -> None:
    office.add_booth("cb-01")
    _say(office, "conn", b'{"schema":"conn/2"}')
    with office.database() as connection:
        (line,) = inventory(connection)
    assert (line.online, line.unreadable) == (None, ("conn",))


def test_panels_survive_the_way_through_toml(office: Office) -> None:
    new = NewBooth(booth="cb-09", gate="cat-bi", roles=("screen",), panels=(SCREEN,))
    folder = add_booth(office.home, office.engine, new, NOW)
    assert 'clock = "auto"' in (folder / "identity.toml").read_text("utf-8")
