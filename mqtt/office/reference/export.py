"""All pages of the reference as bytes, and the folder they are written to.

    reference/
    ├── topics.md errors.md documents.md configuration.md commands.md
    ├── asyncapi.json
    └── schemas/{name}-{major}.json

The same code always gives the same bytes. Pages we once wrote and write no more are removed; other files stay.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from mqtt.office.reference.asyncapi import asyncapi
from mqtt.office.reference.commands import commands_page
from mqtt.office.reference.kinds import file_of, kinds
from mqtt.office.reference.pages import MARK, configuration_page, documents_page, errors_page, topics_page
from mqtt.office.reference.schemas import schema

SCHEMAS: Final = "schemas"


def contract_pages() -> dict[str, bytes]:
    """Return what follows from the contract alone: bytes by path within the folder."""
    return {
        "asyncapi.json": _json(asyncapi()),
        "topics.md": topics_page().encode(),
        "errors.md": errors_page().encode(),
        "documents.md": documents_page().encode(),
        "configuration.md": configuration_page().encode(),
        **{f"{SCHEMAS}/{file_of(kind)}": _json(schema(kind)) for kind in kinds()},
    }


def all_pages() -> dict[str, bytes]:
    """Return the whole reference, command lines included.

    Raises:
        ContractError: ``E_CONFIG``; a command group cannot be loaded. Nothing is better than a page with a hole.
    """
    return {**contract_pages(), "commands.md": commands_page().encode()}


def write(folder: Path, pages: dict[str, bytes]) -> int:
    """Write the pages that differ, each as one step, and remove those of ours that are no more.

    Returns:
        How many files were changed or removed.

    Raises:
        OSError: The folder cannot be written; each page is the old one or the new one.
    """
    (folder / SCHEMAS).mkdir(parents=True, exist_ok=True)
    changed = [path for path, data in pages.items() if not _holds(folder / path, data)]
    for path in changed:
        _replace(folder / path, pages[path])
    stale = [page for page in _ours(folder) if page.relative_to(folder).as_posix() not in pages]
    for page in stale:
        page.unlink()
    return len(changed) + len(stale)


def _ours(folder: Path) -> list[Path]:
    pages = [path for path in folder.glob("*.md") if MARK in path.read_text("utf-8")]
    return [*pages, *(folder / SCHEMAS).glob("*.json")]


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
