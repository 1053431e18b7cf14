"""XML from anybody: nothing of it reaches the disk, the network or much memory."""

import tracemalloc

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.notices.cap_xml import CAP_LIMIT, DEPTH_LIMIT, NAMESPACE, Element, read_xml, write_xml

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def refused(data: bytes) -> ContractError:
    with pytest.raises(ContractError) as refusal:
        read_xml(data)
    return refusal.value


def document(inside: str, prolog: str = "") -> bytes:
    return f'{prolog}<alert xmlns="{NAMESPACE}">{inside}</alert>'.encode()


@pytest.mark.parametrize(
    "data",
    [
        document("<note>&x;</note>", '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        document("<note>&x;</note>", '<!DOCTYPE alert [<!ENTITY % x SYSTEM "http://x.example/x"> %x;]>'),
        document("<note>&l9;</note>", f'<!DOCTYPE alert [<!ENTITY l0 "ha">{LAUGHS}]>'),
        document("", '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE alert SYSTEM "http://x.example/cap.dtd">'),
    ],
    ids=["file", "network", "laughs", "dtd"],
)
def test_a_document_type_is_refused_before_anything_is_parsed(data: bytes) -> None:
    assert "<!DOCTYPE is not allowed" in refused(data).detail


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert "Entity 'nbsp' not defined (line 1)" in refused(document("<note>&nbsp;</note>")).detail


def test_a_document_of_ten_megabytes_is_refused_by_its_size_alone() -> None:
    data = document("<note>" + "x" * 10_000_000 + "</note>")
    tracemalloc.start()
    assert refused(data).code is ErrorCode.SIZE
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_the_largest_document_is_read_and_one_byte_more_is_not() -> None:
    frame = len(document("<note></note>"))
    largest = document(f"<note>{'x' * (CAP_LIMIT - frame)}</note>")
    assert len(read_xml(largest).one("note").text) == CAP_LIMIT - frame
    assert refused(largest + b"\n").code is ErrorCode.SIZE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (document("<note>Hải Phòng</note>").decode().encode("utf-16"), "is not UTF-8 (line 1)"),
        (document("<note>a</note>").decode().encode("utf-16-le"), "is not well-formed"),
        (document("\n<note>Hà</note>").decode().encode("cp1258"), "is not UTF-8 (line 2)"),
        (document("<note>a</note>", '<?xml version="1.0" encoding="ISO-8859-1"?>'), "says that it is 'ISO-8859-1'"),
        (document("<note>a</note>", "<?xml version='1.0' encoding = 'UTF-7'?>"), "says that it is 'UTF-7'"),
    ],
)
def test_only_utf_8_is_read(data: bytes, words: str) -> None:
    """A document that lies about its letters would show other ones."""
    assert words in refused(data).detail


def test_a_byte_order_mark_and_either_name_of_utf_8_are_fine() -> None:
    for head in ("\ufeff", '<?xml version="1.0" encoding="utf-8"?>', '\ufeff<?xml version="1.0" encoding="UTF-8"?>'):
        assert read_xml(document("<note>Hải</note>", head)).one("note").text == "Hải"


@pytest.mark.parametrize("data", [b"", b"\0", b"<alert", document("<note>"), document("") * 2, document("\x01")])
def test_what_is_not_well_formed_is_refused(data: bytes) -> None:
    assert refused(data).code is ErrorCode.CAP


@pytest.mark.parametrize("depth", [DEPTH_LIMIT, 200, 5000])
def test_elements_within_one_another_are_bounded(depth: int) -> None:
    assert refused(document("<x>" * depth + "</x>" * depth)).code is ErrorCode.CAP


def test_comments_and_instructions_do_not_cut_a_text() -> None:
    """A text that ends at a comment would be another text."""
    assert read_xml(document("<note>no <!-- x -->danger<?x y?> here</note>")).one("note").text == "no danger here"


def test_a_tree_reads_back_as_it_was_written() -> None:
    tree = Element(
        "alert", children=(Element("note", 'a & b < c > "d"\nê 中 ລ'), Element("info", children=(Element("x"),)))
    )
    found = read_xml(write_xml(tree))
    assert [one.text for one in found.children] == [one.text for one in tree.children]
    assert [one.line for one in found.children] == [3, 5]
