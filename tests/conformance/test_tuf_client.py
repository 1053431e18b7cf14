"""The executable of the conformance suite on its main journeys, with a small repository of our own over HTTP."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from tests.conformance.client import main

CLIENT = Path(__file__).with_name("tuf-client")
ROLES = ("root", "timestamp", "snapshot", "targets")
TARGET = "essentials/dic/release.json"


class Repository:
    """Signed metadata by file name, changed and published at will; every request is remembered."""

    def __init__(self) -> None:
        expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        self.keys = {role: CryptoSigner.generate_ed25519() for role in ROLES}
        self.root, self.targets = Root(expires=expires), Targets(expires=expires)
        self.snapshot, self.timestamp = Snapshot(expires=expires), Timestamp(expires=expires)
        for role in ROLES:
            self.root.add_key(self.keys[role].public_key, role)
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.put("root", "1.root.json")
        self.publish()

    def put(self, role: str, name: str, *signers: CryptoSigner) -> None:
        metadata: Metadata[Any] = Metadata(getattr(self, role))
        for signer in signers or (self.keys[role],):
            metadata.sign(signer, append=True)
        self.files[f"/metadata/{name}"] = metadata.to_bytes()

    def publish(self) -> None:
        self.snapshot.meta["targets.json"] = MetaFile(version=self.targets.version)
        self.timestamp.snapshot_meta = MetaFile(version=self.snapshot.version)
        self.put("targets", f"{self.targets.version}.targets.json")
        self.put("snapshot", f"{self.snapshot.version}.snapshot.json")
        self.put("timestamp", "timestamp.json")

    def grow(self) -> None:
        for signed in (self.targets, self.snapshot, self.timestamp):
            signed.version += 1
        self.publish()

    def add_target(self, data: bytes) -> None:
        self.targets.targets[TARGET] = TargetFile.from_data(TARGET, data, ["sha256"])
        self.files[f"/targets/essentials/dic/{sha256(data).hexdigest()}.release.json"] = data
        self.grow()

    def rotate(self, role: str, *, vouched: bool = True) -> None:
        """New key for a role; the new root is signed by the old root key only if ``vouched``."""
        before = self.keys["root"]
        self.root.revoke_key(self.keys[role].public_key.keyid, role)
        self.keys[role] = CryptoSigner.generate_ed25519()
        self.root.add_key(self.keys[role].public_key, role)
        self.root.version += 1
        self.put("root", f"{self.root.version}.root.json", self.keys["root"], *((before,) if vouched else ()))


def _execute(words: list[str]) -> int:
    return subprocess.run([CLIENT, *words], check=False, timeout=60, capture_output=True).returncode


class Client:
    """The command line in a folder; started in this process, or as the executable."""

    def __init__(self, folder: Path, url: str) -> None:
        self.metadata, self.downloads, self._url = folder / "metadata", folder / "targets", url
        self.start: Callable[[list[str]], int] = main
        self.metadata.mkdir()
        self.downloads.mkdir()

    def run(self, *words: str | Path) -> int:
        return self.start(["--metadata-dir", str(self.metadata), *map(str, words)])

    def refresh(self) -> int:
        return self.run("--metadata-url", f"{self._url}/metadata", "refresh")

    def download(self) -> int:
        where = ("--target-base-url", f"{self._url}/targets", "--target-dir", self.downloads)
        return self.run("--metadata-url", f"{self._url}/metadata", "--target-name", TARGET, *where, "download")

    def version(self, role: str) -> int:
        version: int = Metadata.from_file(str(self.metadata / f"{role}.json")).signed.version
        return version

    def downloaded(self) -> list[bytes]:
        return [path.read_bytes() for path in self.downloads.iterdir()]


@pytest.fixture
def repository() -> Repository:
    return Repository()


@pytest.fixture
def client(repository: Repository, tmp_path: Path) -> Iterator[Client]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.requests.append(self.path)
            body = repository.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        one = Client(tmp_path, f"http://127.0.0.1:{server.server_port}")
        factory = tmp_path / "factory.json"
        factory.write_bytes(repository.files["/metadata/1.root.json"])
        assert one.run("init", factory) == 0
        yield one
        server.shutdown()
        thread.join()


def test_init_asks_for_nothing_and_refresh_for_each_file_once(client: Client, repository: Repository) -> None:
    assert (repository.requests, client.version("root")) == ([], 1)
    assert client.refresh() == 0
    names = [name.removeprefix("/metadata/") for name in repository.requests]
    assert names == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"]
    assert {role: client.version(role) for role in ROLES} == dict.fromkeys(ROLES, 1)


def test_the_executable_obeys_as_the_suite_will_call_it(client: Client, repository: Repository) -> None:
    client.start = _execute
    repository.add_target(b"release 1")
    assert (client.refresh(), client.download(), client.downloaded()) == (0, 0, [b"release 1"])
    repository.files["/metadata/timestamp.json"] = b"{}"
    assert client.refresh() == 1


def test_a_signed_file_is_brought_once_and_others_never(client: Client, repository: Repository) -> None:
    assert client.download() == 1
    repository.add_target(b"release 1")
    assert client.download() == 0
    repository.requests.clear()
    assert client.download() == 0
    assert client.downloaded() == [b"release 1"]
    assert not [name for name in repository.requests if name.startswith("/targets")]


def test_bytes_that_nobody_signed_are_not_kept(client: Client, repository: Repository) -> None:
    repository.add_target(b"release 1")
    for name in [name for name in repository.files if name.startswith("/targets")]:
        repository.files[name] = b"release X"
    assert client.download() == 1
    assert client.downloaded() == []


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_nothing_older_is_believed_again(role: str, client: Client, repository: Repository) -> None:
    repository.grow()
    assert client.refresh() == 0
    getattr(repository, role).version = 1
    for above in ROLES[1 : ROLES.index(role)]:
        getattr(repository, above).version = 3
    repository.publish()
    assert client.refresh() == 1
    assert client.version(role) == 2


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_what_has_run_out_is_refused(role: str, client: Client, repository: Repository) -> None:
    assert client.refresh() == 0
    getattr(repository, role).expires = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    repository.grow()
    assert client.refresh() == 1


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_signature_by_another_key_is_refused(role: str, client: Client, repository: Repository) -> None:
    assert client.refresh() == 0
    repository.keys[role] = CryptoSigner.generate_ed25519()
    repository.grow()
    assert client.refresh() == 1
    assert client.version(role) == 1


@pytest.mark.parametrize("role", ROLES)
def test_root_may_replace_keys(role: str, client: Client, repository: Repository) -> None:
    assert client.refresh() == 0
    repository.rotate(role)
    repository.grow()
    assert client.refresh() == 0
    assert (client.version("root"), client.version("timestamp")) == (2, 2)


def test_a_root_that_the_one_before_does_not_vouch_for_is_refused(client: Client, repository: Repository) -> None:
    repository.rotate("root", vouched=False)
    assert client.refresh() == 1
    assert client.version("root") == 1
