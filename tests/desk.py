"""At the desk of an office: a command of boothctl, and everything that it may have left behind."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner, Result

from mqtt.office.cli import cli
from tests.practice_office import Office

STREAMS = """gates = ["cat-bi"]\n[[streams]]\nnumber = 1\nvi = "a"\nen = "b"\n
[categories.city]\nstream = 1\nagencies = ["dic", "police"]\n"""
VI = """+++\ntitle = "Tiền"\nsummary = "Đổi."\nagency = "{agency}"\ngates = ["*"]\nvisitors = ["everyone"]\norder = 1
as_of = 2026-01-01\nvalid_from = 2026-01-01\nvalid_until = 2999-12-31\nsource = "x"\nsample = true
territory = {territory}\n+++\n\nText.\n"""
EN = '+++\ntitle = "Money"\nsummary = "Change."\n+++\n\nText.\n'


def run(office: Office, *arguments: str) -> Result:
    """Run a command of boothctl on an office."""
    return CliRunner().invoke(cli, list(arguments), env={"GATEBOOTH_HOME": str(office.home.root)})


def traces(office: Office) -> dict[str, str]:
    """Every file in and beside an office with its digest, and every row of its database."""
    database = office.home.root / "office.db"
    files = {
        str(path.relative_to(office.home.root.parent)): sha256(path.read_bytes()).hexdigest()
        for path in office.home.root.parent.rglob("*")
        if path.is_file() and not path.name.startswith(database.name)
    }
    with closing(sqlite3.connect(database)) as connection:
        return files | {"rows": "\n".join(connection.iterdump())}


def write_source(root: Path, *agencies: str, territory: str = "false") -> Path:
    """Write a source with one item of each agency in city; of the practice office's agencies only dic may that."""
    for agency in agencies:
        item = root / "city" / agency / "money"
        item.mkdir(parents=True)
        (item / "vi.md").write_text(VI.format(agency=agency, territory=territory), "utf-8")
        (item / "en.md").write_text(EN, "utf-8")
    (root / "streams.toml").write_text(STREAMS, "utf-8")
    return root
