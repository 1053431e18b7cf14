"""The booth's trust behind the command line of the public tuf-conformance suite.

    Trust.refresh ──► "N.role.json has not arrived" ──► one HTTP request ──► the set ──► Trust.refresh …

The shim is only the line: what the booth lacks is brought, one file at a time, and judged by :class:`Trust` alone.
A folder of the suite holds copies of what was verified (``{role}.json``) and the booth's own ``trust/``.
"""

import argparse
import shutil
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tuf.api import exceptions as tuf
from tuf.api.metadata import TargetFile

from appliance.errors import BoothError, ErrorCode, LinkError, RefusedError
from appliance.trust.verifier import Trust
from appliance.trust.view import View, refusal
from mqtt.contract.errors import ContractError
from mqtt.contract.repository import META_RAW_LIMIT, MetaSet

BEYOND: Final = 100_000
"""``root_latest`` as long as the repository has not said that there is no newer root."""
TIMESTAMP: Final = "timestamp.json"
_NEWEST: Final = (TIMESTAMP, "snapshot.json", "targets.json")
"""Names that do not say which version they are: asked for anew by each command."""
_MISSING: Final = (403, 404)
_TIMEOUT_S: Final = 10


class Line:
    """Brings files of a repository over HTTP."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/") + "/"

    def bring(self, name: str, limit: int = META_RAW_LIMIT) -> bytes | None:
        """Return the bytes of a file, one more than ``limit`` at most; None when the repository does not have it."""
        try:
            with urllib.request.urlopen(self._base + name, timeout=_TIMEOUT_S) as response:  # noqa: S310 - the suite's server
                body: bytes = response.read(limit + 1)
                return body
        except urllib.error.HTTPError as error:
            if error.code in _MISSING:
                return None
            raise


class Client:
    """One command of the suite.

    Args:
        folder: The suite's ``METADATA_DIR``.
        url: Where the repository's metadata are.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._line = Line(url)
        self._cache = folder / "trust" / "brought"
        self._cache.mkdir(exist_ok=True)
        self._trust = Trust(folder / "trust", (folder / "trust" / "factory.json").read_bytes())
        self._files = {path.name: path.read_text("utf-8") for path in self._cache.iterdir() if path.name not in _NEWEST}
        self._root_latest = BEYOND

    def refresh(self) -> View:
        """Believe the repository's newest state.

        Raises:
            BoothError: It is refused, or a file of it cannot be had.
        """
        while True:
            try:
                self._trust.offer_set(MetaSet(root_latest=self._root_latest, files=self._files))
                view = self._trust.refresh(datetime.now(UTC))
            except LinkError as error:
                self._copy_out()
                self._bring(error)
            except BoothError:
                self._copy_out()
                raise
            else:
                assert view is not None, "a set was offered"
                self._copy_out()
                return view

    def target(self, name: str) -> TargetFile:
        """Find a signed target, bringing the roles that delegate it.

        Raises:
            BoothError: Nobody has signed it, or a role on the way is refused.
        """
        while True:
            view = self.refresh()
            try:
                found = view._updater.get_targetinfo(name)
            except (tuf.RepositoryError, tuf.DownloadError) as error:
                self._copy_out()
                refused = refusal(error)
                if not isinstance(refused, LinkError):
                    raise refused from error
                self._bring(refused)
                continue
            self._copy_out()
            if found is None:
                raise RefusedError(ErrorCode.MISSING, name)
            return found

    def close(self) -> None:
        """Keep what was brought for the next command, and let go."""
        for name, text in self._files.items():
            (self._cache / name).write_text(text, "utf-8")
        self._trust.close()

    def _bring(self, error: LinkError) -> None:
        name = error.detail.partition(" ")[0]
        body = self._line.bring(name)
        number = name.removesuffix(".root.json")
        if number.isdigit():
            if body is None:
                self._root_latest = int(number) - 1
            else:
                self._trust.offer_root(int(number), body)
        elif body is None:
            raise error
        else:
            try:
                self._files[name] = body.decode("utf-8")
            except UnicodeDecodeError as wrong:
                raise RefusedError(ErrorCode.MALFORMED, name) from wrong

    def _copy_out(self) -> None:
        """Show the suite what the booth's trust has verified so far."""
        for path in self._trust._scratch.glob("*.json"):
            shutil.copyfile(path, self._folder / path.name)


def download(client: Client, names: list[str], base: str, folder: Path) -> None:
    """Bring signed files, as the booth does: by digest, verified as a whole, only what is not here.

    Raises:
        BoothError: One of them cannot be had or is not what was signed; those before it are here.
    """
    line = Line(base)
    for name in names:
        target = client.target(name)
        place = folder / quote(name, "")
        if place.is_file() and _is_signed(target, place.read_bytes()):
            continue
        above, slash, last = name.rpartition("/")
        digest = next(iter(target.hashes.values()))
        body = line.bring(quote(f"{above}{slash}{digest}.{last}"), target.length)
        if body is None or not _is_signed(target, body):
            raise RefusedError(ErrorCode.DIGEST if body else ErrorCode.MISSING, name)
        place.write_bytes(body)


def _is_signed(target: TargetFile, body: bytes) -> bool:
    try:
        target.verify_length_and_hashes(body)
    except tuf.LengthOrHashMismatchError:
        return False
    return True


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--metadata-dir", required=True, type=Path)
    parser.add_argument("--metadata-url")
    parser.add_argument("--target-name", action="append", default=[])
    parser.add_argument("--target-dir", type=Path)
    parser.add_argument("--target-base-url")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("trusted_root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Obey one command; 0 when it succeeded fully, else 1."""
    given = _arguments(words)
    folder: Path = given.metadata_dir
    if given.command == "init":
        (folder / "trust").mkdir()
        for place in (folder / "root.json", folder / "trust" / "factory.json"):
            shutil.copyfile(given.trusted_root, place)
        return 0
    client = Client(folder, given.metadata_url)
    try:
        client.refresh()
        if given.command == "download":
            download(client, given.target_name, given.target_base_url, given.target_dir)
    except (ContractError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line of the suite
        return 1
    finally:
        client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
