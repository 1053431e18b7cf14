"""The sample that ships with the office, built as the office builds it: every page is reached by touch."""

import re
import shutil
from pathlib import Path

from mqtt.contract.names import LANGUAGES
from mqtt.office.content.walk import read_source
from mqtt.office.sample import CONTENT
from tests.kiosk.conftest import Kiosk


def test_every_item_is_reached_from_the_first_page_in_every_language(kiosk: Kiosk, tmp_path: Path) -> None:
    """Media are stood in for by a byte each: what they show is the concern of those who draw them."""
    folder = tmp_path / "source"
    shutil.copytree(CONTENT, folder, ignore=shutil.ignore_patterns("programme"))
    for one in read_source(folder).items:
        for medium in one.media:
            (one.folder / medium.file).write_bytes(medium.file.encode())
    source = read_source(folder)
    kiosk.booth.publish_source(source, tmp_path / "objects")
    kiosk.shelf.look()

    seen, waiting = set[str](), ["/"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += re.findall(r'(?:href|src)="(/[^"]*)"', kiosk.text(path))

    here = [one.path for one in source.items if {"*", kiosk.booth.gate}.intersection(one.facts.gates)]
    assert here
    assert {f"/{language}/{path}" for language in LANGUAGES for path in here} <= seen
    assert any(path.startswith("/files/") for path in seen)
