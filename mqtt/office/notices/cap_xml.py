"""The one door to lxml: XML that anybody may have sent becomes a small tree of ours, or is refused.

    bytes ──► size ──► UTF-8 ──► no DTD ──► lxml without entities, network, huge trees ──► Element

Without a DTD there is no entity to expand, no file to include and nothing to load. What is refused names the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from mqtt.contract.errors import ContractError, ErrorCode

CAP_LIMIT: Final = 256 * 1024
"""Bytes of a document; a notice in five languages with full texts is a fifth of it."""
DEPTH_LIMIT: Final = 8
"""Elements within one another; CAP needs five."""
NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURES: Final = "http://www.w3.org/2000/09/xmldsig#"
QUOTED: Final = 40
"""Characters of foreign text that a message repeats."""
WHITE: Final = " \t\r\n"
"""What XML calls white space; no-break and ideographic spaces are letters to it."""

_ENCODING: Final = re.compile(r"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)")
_ENCODINGS: Final = frozenset({"utf-8", "us-ascii"})


@dataclass(frozen=True)
class Element:
    """One element of the CAP namespace.

    Attributes:
        name: Without its namespace.
        text: Without white space around it; empty where elements stand inside.
        line: Counted from 1; 0 in what we write.
    """

    name: str
    text: str = ""
    children: tuple["Element", ...] = ()
    line: int = 0

    def all(self, name: str) -> Iterator["Element"]:
        """Yield the children of a name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> "Element | None":
        """Return the first child of a name."""
        return next(self.all(name), None)

    def one(self, name: str) -> "Element":
        """Return the first child of a name, which must be there.

        Raises:
            ContractError: ``E_CAP``; it is missing.
        """
        if (found := self.first(name)) is None:
            raise self.refusal(f"{name} is missing")
        return found

    def refusal(self, what: str) -> ContractError:
        """Return the refusal of this element: what is wrong with it, and where."""
        return refusal(self.name, what, self.line)


def refusal(name: str, what: str, line: int = 0) -> ContractError:
    """Return the refusal of an element, or of one that is not there."""
    return ContractError(ErrorCode.CAP, f"{name}: {what}" + (f" (line {line})" if line else ""))


def quoted(text: str) -> str:
    """Return foreign text as it may stand in a message: short, nothing in it that a terminal would obey."""
    return repr(text[:QUOTED])


def read_xml(data: bytes) -> Element:
    """Read a document that is all of the CAP namespace; signatures in its outermost element are passed over.

    Raises:
        ContractError: ``E_SIZE``; ``E_CAP`` for anything but plain, well-formed XML of this one namespace.
    """
    if len(data) > CAP_LIMIT:
        raise ContractError(ErrorCode.SIZE, f"{len(data)} bytes, at most {CAP_LIMIT}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refusal("document", "is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    declared = _ENCODING.search(text, 0, 200)
    if declared and declared[1].lower() not in _ENCODINGS:
        raise refusal("document", f"says that it is {declared[1]!r}; only UTF-8 is read", 1)
    for forbidden in ("<!DOCTYPE", "<!ENTITY"):
        if (at := text.find(forbidden)) >= 0:
            raise refusal("document", f"{forbidden} is not allowed", text.count("\n", 0, at) + 1)
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        what = str(error.msg).rpartition(", line ")[0].strip()
        raise refusal("document", f"is not well-formed XML: {what}", error.lineno or 0) from error
    return _element(root, 1)


def write_xml(root: Element) -> bytes:
    """Return an element and what it holds as a document in UTF-8.

    Raises:
        ContractError: ``E_CAP``; a text holds characters that XML cannot carry.
    """
    written: bytes = etree.tostring(_node(root), encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _parser() -> etree.XMLParser:
    """A parser for one document; none of the switches trusts a default of the library."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _element(node: etree._Element, depth: int) -> Element:
    name, line = etree.QName(node), node.sourceline
    if depth > DEPTH_LIMIT:
        raise refusal(name.localname, f"lies more than {DEPTH_LIMIT} elements deep", line)
    if name.namespace != NAMESPACE:
        raise refusal(name.localname, f"is not of {NAMESPACE} but of {name.namespace or 'no namespace'}", line)
    inner = [child for child in node if depth > 1 or etree.QName(child).namespace != SIGNATURES]
    text = "".join((node.text or "", *(child.tail or "" for child in node)))
    return Element(
        name=name.localname,
        text=text.strip(WHITE),
        children=tuple(_element(child, depth + 1) for child in inner),
        line=line,
    )


def _node(element: Element) -> etree._Element:
    node = etree.Element(etree.QName(NAMESPACE, element.name), nsmap={None: NAMESPACE})
    try:
        node.text = element.text or None
    except ValueError as error:
        raise element.refusal(f"XML cannot carry its characters: {error}") from error
    node.extend([_node(child) for child in element.children])
    return node
