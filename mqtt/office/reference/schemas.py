"""JSON Schema 2020-12 of a document, with the docstrings' meanings at the fields they explain."""

import inspect
import re
from typing import Any, Final

import msgspec

from mqtt.contract.documents import Document, schema_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_ATTRIBUTES: Final = re.compile(r"\n\s*Attributes:\n")
_ATTRIBUTE: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


def urn(kind: type[Document]) -> str:
    """Return a document's identifier, which is a name and no address."""
    return "urn:gatebooth:schema:" + schema_of(kind).replace("/", ":")


def schema(kind: type[Document]) -> dict[str, Any]:
    """Return the JSON Schema of a document.

    Unknown fields are allowed, as booths ignore them; whoever signs refuses them.
    """
    (root,), parts = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "$id": urn(kind),
        "title": schema_of(kind),
        **root,
        "$defs": {name: _explained(parts[name]) for name in sorted(parts)},
    }


def _explained(part: dict[str, Any]) -> dict[str, Any]:
    """Move the lines of a docstring's ``Attributes:`` to the fields they are about."""
    if "description" not in part:
        return part
    text, *attributes = _ATTRIBUTES.split(inspect.cleandoc(part["description"]), maxsplit=1)
    explained = {**part, "description": text.strip()}
    for name, meaning in _ATTRIBUTE.findall(attributes[0] if attributes else ""):
        field = explained["properties"][name]
        explained["properties"][name] = {**field, "description": " ".join(meaning.split())}
    return explained
