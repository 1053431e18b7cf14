"""An authority is founded once, its keys are nobody else's to read, and a power cut leaves nothing ambiguous."""

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Metadata, Root, Targets

from appliance.trust.verifier import Trust
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.repository import EPOCH_FIELD
from mqtt.office.authority import parse_authority
from mqtt.office.database import open_database
from mqtt.office.home import Home
from mqtt.office.settings import Settings, read_settings
from mqtt.office.signed import current_meta, current_revision, roots
from provisioning.authority import DEFAULT, DRAFT, UNFINISHED, Founded, found_authority
from provisioning.delegations import delegations_of
from tests.practice_office import REGULATION

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


def _found(root: Path, regulation: str = REGULATION) -> Founded:
    return found_authority(Home(root), regulation.encode(), Settings(), NOW)


def _tree(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}


def _believed(home: Home, scratch: Path) -> bool:
    """Whether a booth born with this office's root believes what it would send."""
    engine = open_database(home.database_url)
    with engine.connect() as connection:
        known, meta, number = roots(connection), current_meta(connection), current_revision(connection)
    engine.dispose()
    with Trust(scratch, known[1]) as trust:
        trust.offer_root(1, known[1])
        trust.offer_meta(meta.to_bytes())
        view = trust.refresh(NOW)
        return view is not None and view.release("essentials", "dic") is None and number == 1


def test_booths_believe_a_new_authority(tmp_path: Path) -> None:
    assert _found(tmp_path / "office").resumed is False
    assert _believed(Home(tmp_path / "office"), tmp_path / "trust")


def test_the_root_needs_its_threshold_and_carries_the_epoch(tmp_path: Path) -> None:
    _found(tmp_path)
    engine = open_database(Home(tmp_path).database_url)
    with engine.connect() as connection:
        root: Metadata[Root] = Metadata.from_bytes(roots(connection)[1])
    engine.dispose()
    signed = root.signed
    assert (signed.roles["root"].threshold, len(signed.roles["root"].keyids)) == (2, 2)
    assert signed.consistent_snapshot is True
    assert signed.unrecognized_fields == {EPOCH_FIELD: 0}
    signed.verify_delegate("root", root.signed_bytes, root.signatures)


def test_no_key_opens_two_doors(tmp_path: Path) -> None:
    """A key that is stolen in one place must not speak in another."""
    home = Home(tmp_path)
    found_authority(home, DEFAULT.read_bytes(), Settings(), NOW)
    engine = open_database(home.database_url)
    with engine.connect() as connection:
        meta, known = current_meta(connection), roots(connection)
    engine.dispose()
    root: Metadata[Root] = Metadata.from_bytes(known[1])
    targets: Metadata[Targets] = Metadata.from_bytes(meta.files["1.targets.json"].encode())
    delegations = targets.signed.delegations
    assert delegations
    assert delegations.roles
    held = [key for role in (*root.signed.roles.values(), *delegations.roles.values()) for key in role.keyids]
    assert len(held) == len(set(held)) == len(list(home.keys.iterdir()))
    assert targets.signed.targets == {}
    assert all(role.terminating for role in delegations.roles.values())


def test_every_path_has_one_owner_and_a_fixed_depth() -> None:
    """The first delegation that matches is asked and no other; a second one would never be heard."""
    planned = delegations_of(parse_authority(DEFAULT.read_bytes()))
    examples = {
        "essentials/dic/release.json": "dic",
        "territory/essentials/dic.json": "foreign-affairs",
        "sovereignty/foreign-affairs/release.json": "foreign-affairs",
        "assign/cat-bi.json": "assignments",
        "notice/cat-bi/security": "police-duty",
        "notice/cat-bi/entry": "police-duty",
        "notice/hai-phong-port/entry": "border-guard-duty",
        "notice/*/weather": "dic-duty",
        "command/reboot/cb-01": "operations",
        "firmware/stable/release.json": "firmware",
        "ack/cb-01": "collector",
    }
    for path, owner in examples.items():
        assert [one.role for one in planned if any(_matches(path, pattern) for pattern in one.paths)] == [owner]
    for nobody in (
        "essentials/foreign-affairs/release.json",
        "essentials/dic/sub/release.json",
        "notice/cat-bi/border/x",
    ):
        assert [one.role for one in planned if any(_matches(nobody, pattern) for pattern in one.paths)] == []


def _matches(path: str, pattern: str) -> bool:
    from tuf.api.metadata import DelegatedRole  # noqa: PLC0415 - as booths match

    return DelegatedRole("x", [], 1, terminating=True, paths=[pattern]).is_delegated_path(path)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_private_keys_are_their_owner_s_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        _found(tmp_path)
    finally:
        os.umask(before)
    private = [file for file in tmp_path.rglob("*") if b"PRIVATE" in (file.read_bytes() if file.is_file() else b"")]
    assert len(private) >= 17
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}
    assert {file.suffix for file in private} == {".pem", ".key"}


def test_private_keys_are_never_open_not_even_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is looked at when it is born and when its bytes are on the disk."""
    seen: list[tuple[str, int]] = []
    really_open, really_fsync = os.open, os.fsync

    def note(handle: int) -> None:
        name = str(Path(f"/proc/self/fd/{handle}").readlink())
        seen.append((name, stat.S_IMODE(os.fstat(handle).st_mode)))

    def opened(path: Any, flags: int, mode: int = 0o777, **rest: Any) -> int:
        handle = really_open(path, flags, mode, **rest)
        note(handle)
        return handle

    def synced(handle: int) -> None:
        note(handle)
        really_fsync(handle)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", synced)
    before = os.umask(0)
    try:
        _found(tmp_path)
    finally:
        os.umask(before)
    private = [mode for name, mode in seen if "/keys/" in name or name.endswith(".key")]
    assert len(private) > 20
    assert set(private) == {0o600}


def test_a_second_authority_is_refused_and_touches_nothing(tmp_path: Path) -> None:
    _found(tmp_path)
    before = _tree(tmp_path)
    with pytest.raises(ContractError) as caught:
        found_authority(Home(tmp_path), REGULATION.encode(), Settings(hosts=("elsewhere",)), NOW)
    assert caught.value.code is ErrorCode.EXISTS
    assert _tree(tmp_path) == before


def test_a_database_that_lost_its_keys_is_not_overwritten(tmp_path: Path) -> None:
    """Whoever restores the database first must still be able to restore the keys."""
    _found(tmp_path)
    Home(tmp_path).authority.rename(tmp_path / "safe")
    before = _tree(tmp_path)
    with pytest.raises(ContractError) as caught:
        _found(tmp_path)
    assert caught.value.code is ErrorCode.EXISTS
    assert _tree(tmp_path) == before


def test_a_wrong_regulation_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        _found(tmp_path / "office", REGULATION.replace('"*/general"', '"nowhere/general"'))
    assert caught.value.code is ErrorCode.CONFIG
    assert list(tmp_path.iterdir()) == []


def _dies(act: Callable[[], object], at_fsync: int) -> bool:
    """Run in a child that is gone, without any cleaning up, before its n-th write reaches the disk."""
    child = os.fork()
    if child == 0:
        left = at_fsync
        really = os.fsync

        def fsync(handle: int) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os._exit(9)
            really(handle)

        os.fsync = fsync  # type: ignore[assignment]
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_a_power_cut_at_any_moment_leaves_what_a_second_run_finishes(tmp_path: Path) -> None:
    """Either nothing is founded and the next run founds it, or it is founded and the next run finishes or refuses."""
    outcomes: set[str] = set()
    moment = 0
    alive = False
    while not alive:
        moment += 1 if moment < 3 or moment > 34 else 8
        root = tmp_path / str(moment)
        alive = not _dies(lambda root=root: _found(root), moment)  # type: ignore[misc]
        before = "draft" if (root / DRAFT).exists() else "nothing"
        if (root / "authority").exists():
            before = "unfinished" if (root / "authority" / UNFINISHED).exists() else "done"
        outcomes.add(before)
        if before == "done":
            with pytest.raises(ContractError, match="E_EXISTS"):
                _found(root)
        else:
            assert _found(root).resumed is (before == "unfinished")
        assert _believed(Home(root), tmp_path / f"trust-{moment}")
        assert not (root / DRAFT).exists()
        assert read_settings(root) == Settings()
    assert outcomes == {"nothing", "draft", "unfinished", "done"}, moment
