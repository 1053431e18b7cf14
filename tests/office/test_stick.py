"""A stick holds one whole state for one gate, or what it held before; nobody else's files are touched."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from mqtt.contract.documents import decode
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import MetaSet
from mqtt.contract.stick import CURRENT_LIMIT, FOLDER, Stick
from mqtt.office.commands.content import content
from mqtt.office.stick import cargo_for, write_stick
from tests.practice_office import Office

FILES = {"money/vi.md": b"# Money"}


def _write(office: Office, place: Path, gate: str = "cat-bi") -> Stick:
    write_stick(place, cargo_for(office.engine, gate), office.objects, office.now, lambda _done, _all: None)
    return decode(Stick, (place / FOLDER / "current.json").read_bytes(), CURRENT_LIMIT)


def _files(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def _refused(office: Office, place: Path, gate: str = "cat-bi") -> ErrorCode:
    with pytest.raises(ContractError) as caught:
        _write(office, place, gate)
    return caught.value.code


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def test_a_stick_holds_the_wire_s_bytes_and_every_blob_of_the_gate(office: Office, place: Path) -> None:
    office.add_booth("cb-01")
    office.publish("essentials", "dic", FILES)
    office.publish("city", "dic", {"other.md": b"other gate"}, gates=("hai-phong-port",))
    stick = _write(office, place)
    state = place / FOLDER / "states" / str(stick.state)
    assert MetaSet.parse((state / "meta").read_bytes()) == office.meta()
    assert (state / "assign.json").read_bytes() == office.assign("cat-bi")
    assert {path.name for path in state.iterdir()} == {"meta", "assign.json", "root.1.json"}
    objects = {path.name: path.read_bytes() for path in (place / FOLDER / "objects").glob("*/*")}
    assert all(sha256(data).hexdigest() == name for name, data in objects.items())
    assert b"# Money" in objects.values()
    assert b"other gate" not in objects.values()
    assert stick.size == sum(map(len, objects.values()))


def test_writing_again_writes_nothing_and_a_new_state_replaces_the_old(office: Office, place: Path) -> None:
    office.publish("essentials", "dic", FILES)
    _write(office, place)
    times = {path: path.stat().st_mtime_ns for path in (place / FOLDER / "objects").glob("*/*")}
    _write(office, place)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    office.publish("essentials", "dic", {"money/vi.md": b"# New"})
    stick = _write(office, place)
    assert [path.name for path in (place / FOLDER / "states").iterdir()] == [str(stick.state)]
    assert b"# Money" not in _files(place).values()
    assert b"# New" in _files(place).values()


def test_a_spoilt_blob_is_written_again(office: Office, place: Path) -> None:
    office.publish("essentials", "dic", FILES)
    _write(office, place)
    before = _files(place)
    blob = place / FOLDER / "objects" / sha256(b"# Money").hexdigest()[:2] / sha256(b"# Money").hexdigest()
    blob.write_bytes(b"# Honey")
    _write(office, place)
    assert _files(place) == before


def test_pulled_out_at_any_write_it_carries_the_old_state_or_the_new_one(
    office: Office, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rename is where a stick may leave; before the last of them the old state counts, whole."""
    office.publish("essentials", "dic", FILES)
    old = _write(office, place)
    office.publish("essentials", "dic", {"money/vi.md": b"# New"})
    rename, replace = Path.rename, Path.replace
    left = 0

    def maybe(do: object) -> object:
        def act(path: Path, target: Path) -> Path:
            nonlocal left
            if left == 0:
                raise OSError(19, "No such device")
            left -= 1
            return do(path, target)  # type: ignore[operator,no-any-return]

        return act

    for number in range(50):
        left = number
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", maybe(rename))
            patch.setattr(Path, "replace", maybe(replace))
            try:
                stick = _write(office, place)
            except OSError:
                current = decode(Stick, (place / FOLDER / "current.json").read_bytes(), CURRENT_LIMIT)
                assert current == old
                state = place / FOLDER / "states" / str(current.state)
                assert {path.name for path in state.iterdir()} == {"meta", "assign.json", "root.1.json"}
                assert b"# Money" in _files(place).values()
                continue
        assert stick.state > old.state
        assert number > 3
        assert not any("draft" in name for name in _files(place))
        return
    pytest.fail("never done")


@pytest.mark.parametrize("other", ["photo.jpg", "GATEBOOTH/photo.jpg", "gatebooth/format"])
def test_a_folder_with_other_files_is_refused_and_not_touched(office: Office, place: Path, other: str) -> None:
    office.publish("essentials", "dic", FILES)
    (place / other).parent.mkdir(exist_ok=True)
    (place / other).write_bytes(b"mine")
    assert _refused(office, place) is ErrorCode.EXISTS
    assert _files(place) == {other: b"mine"}


def test_a_link_in_the_place_of_our_folder_is_refused(office: Office, place: Path, tmp_path: Path) -> None:
    office.publish("essentials", "dic", FILES)
    (tmp_path / "elsewhere").mkdir()
    (place / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert _refused(office, place) is ErrorCode.EXISTS
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_the_system_puts_on_a_stick_is_no_hindrance(office: Office, place: Path) -> None:
    office.publish("essentials", "dic", FILES)
    (place / "System Volume Information").mkdir()
    assert _write(office, place).gate == "cat-bi"


def test_an_unknown_gate_and_one_without_an_assignment_are_named(office: Office, place: Path) -> None:
    assert _refused(office, place, "noi-bai") is ErrorCode.UNKNOWN
    assert _refused(office, place) is ErrorCode.MISSING
    assert _files(place) == {}


def test_the_command_says_what_it_wrote_or_why_not(office: Office, place: Path) -> None:
    office.publish("essentials", "dic", FILES)
    env = {"GATEBOOTH_HOME": str(office.home.root)}
    done = CliRunner().invoke(content, ["export", "--gate", "cat-bi", str(place)], env=env)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].startswith("cat-bi: 3 files, ")
    no = CliRunner().invoke(content, ["export", "--gate", "noi-bai", str(place)], env=env)
    assert (no.exit_code, "E_UNKNOWN" in no.output) == (1, True)
