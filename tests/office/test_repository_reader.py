"""The set of metadata that goes out vouches for itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.database import metadata, open_database
from mqtt.office.repository_reader import current_meta, roots


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = open_database(f"sqlite:///{tmp_path}/office.db")
    yield found
    found.dispose()


def keep(engine: Engine, role: str, version: int, meta: dict[str, int]) -> bytes:
    body = json.dumps({"signed": {"meta": {f"{name}.json": {"version": at} for name, at in meta.items()}}}).encode()
    with engine.begin() as connection:
        connection.execute(insert(metadata).values(role=role, version=version, body=body))
    return body


def test_the_newest_timestamp_decides_and_not_the_newest_files(engine: Engine) -> None:
    """While a release is being signed newer files lie there that nobody vouches for yet."""
    keep(engine, "root", 1, {})
    keep(engine, "root", 2, {})
    for version in (1, 2, 3):
        keep(engine, "targets", version, {})
        keep(engine, "snapshot", version, {"targets": version, "law": 1})
    law = keep(engine, "law", 1, {})
    keep(engine, "timestamp", 2, {"snapshot": 2})

    with engine.connect() as connection:
        meta = current_meta(connection)
        assert set(roots(connection)) == {1, 2}

    assert meta is not None
    assert meta.root_latest == 2
    assert set(meta.files) == {"timestamp.json", "2.snapshot.json", "2.targets.json", "1.law.json"}
    assert meta.files["1.law.json"].encode() == law


def test_a_set_with_a_hole_is_not_given_out(engine: Engine) -> None:
    keep(engine, "root", 1, {})
    keep(engine, "timestamp", 1, {"snapshot": 1})

    with engine.connect() as connection, pytest.raises(ContractError) as caught:
        current_meta(connection)

    assert caught.value.code is ErrorCode.MISSING


def test_before_anything_is_signed_there_is_no_set(engine: Engine) -> None:
    with engine.connect() as connection:
        assert current_meta(connection) is None
