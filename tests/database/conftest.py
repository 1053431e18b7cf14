"""A PostgreSQL cluster of the test's own: on a Unix socket in a temporary folder, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

USER = "postgres"


def _programs() -> Path:
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def _run(*command: str) -> None:
    unprivileged = ("runuser", "-u", USER, "--") if os.geteuid() == 0 else ()
    subprocess.run((*unprivileged, *command), check=True, capture_output=True, timeout=60, cwd="/")


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        data, programs = folder / "data", _programs()
        _run(str(programs / "initdb"), "-D", str(data), "-U", "office", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        control = str(programs / "pg_ctl")
        _run(control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            folder.chmod(0o755)
            yield f"postgresql+psycopg://office@/postgres?host={folder}"
        finally:
            _run(control, "-D", str(data), "-w", "-m", "immediate", "stop")


@pytest.fixture
def database_url(cluster_url: str) -> str:
    """An empty database of the cluster, with a name of its own: an office is not founded twice for one address."""
    name = f"office_{uuid4().hex}"
    server = create_engine(cluster_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return cluster_url.replace("/postgres?", f"/{name}?")
