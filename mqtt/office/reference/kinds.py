"""Every kind of document that the contract defines, found and not listed."""

from importlib import import_module
from pkgutil import iter_modules

from mqtt import contract
from mqtt.contract.documents import Document, schema_of


def kinds() -> tuple[type[Document], ...]:
    """Return all document types of the contract, by schema name."""
    for module in iter_modules(contract.__path__):
        import_module(f"{contract.__name__}.{module.name}")
    ours = (kind for kind in Document.__subclasses__() if kind.__module__.startswith(contract.__name__))
    return tuple(sorted(ours, key=schema_of))


def file_of(kind: type[Document]) -> str:
    """Return the name of a kind's JSON Schema: ``{name}-{major}.json``."""
    return schema_of(kind).replace("/", "-") + ".json"
