"""What is published is what the code says, and standards agree that it is well-formed."""

import json
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator, Draft202012Validator, ValidationError

from mqtt.contract import topics
from mqtt.contract.documents import Document, encode, schema_of
from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.contract.topics import TOPICS, Form, Party
from mqtt.office.cli import GROUP
from mqtt.office.commands.contract import contract
from mqtt.office.reference.asyncapi import asyncapi
from mqtt.office.reference.commands import PROGRAMS, commands_page, programs, walk
from mqtt.office.reference.examples import example_of
from mqtt.office.reference.export import all_pages, contract_pages, write
from mqtt.office.reference.kinds import file_of, kinds
from mqtt.office.reference.pages import MARK, documents_page, errors_page, topics_page
from mqtt.office.reference.schemas import schema

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs/reference"
KINDS = pytest.mark.parametrize("kind", kinds(), ids=schema_of)


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


_ABSENT = [entry.value for entry in entry_points(group=GROUP) if not _is_here(entry.module)]
WHOLE = pytest.mark.skipif(bool(_ABSENT), reason=f"not in this tree: {', '.join(_ABSENT)}")


@pytest.mark.parametrize("path", contract_pages())
def test_the_published_page_is_what_the_contract_says(path: str) -> None:
    """If this fails: ``make reference``."""
    assert (PUBLISHED / path).read_bytes() == contract_pages()[path]


def test_no_schema_is_published_that_the_contract_does_not_have() -> None:
    assert {path.name for path in (PUBLISHED / "schemas").iterdir()} == {file_of(kind) for kind in kinds()}


@WHOLE
def test_the_published_commands_are_those_of_the_programs() -> None:
    """If this fails: ``make reference``."""
    assert (PUBLISHED / "commands.md").read_text("utf-8") == commands_page()


@KINDS
def test_a_schema_is_json_schema_and_has_a_name_instead_of_an_address(kind: type[Document]) -> None:
    document = schema(kind)
    Draft202012Validator.check_schema(document)
    assert document["$id"].startswith("urn:")
    assert "://" not in json.dumps({**document, "$schema": ""})


@KINDS
def test_a_schema_takes_the_example_and_refuses_it_without_a_required_field(kind: type[Document]) -> None:
    check = Draft202012Validator(schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)
    example = msgspec.json.decode(encode(example_of(kind)))
    check.validate(example)
    check.validate({**example, "x-later": 1})
    for name in schema(kind)["$defs"][kind.__name__]["required"]:
        with pytest.raises(ValidationError):
            check.validate({key: value for key, value in example.items() if key != name})
    with pytest.raises(ValidationError):
        check.validate({**example, "schema": "other/1"})


def test_the_asyncapi_document_is_asyncapi() -> None:
    published = json.loads((ROOT / "tests/contract/asyncapi-3.0.0.json").read_bytes())
    check = Draft7Validator(published)
    check.validate(asyncapi())
    with pytest.raises(ValidationError):
        check.validate({**asyncapi(), "channels": {"x": {"address": 1}}})


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    for target in _references(document):
        if target.startswith("#/"):
            place: Any = document
            for part in target[2:].split("/"):
                place = place[part]
        else:
            assert (PUBLISHED / target).is_file()


def test_an_example_in_the_asyncapi_document_is_valid_by_the_schema_beside_it() -> None:
    seen = 0
    for message in asyncapi()["components"]["messages"].values():
        for example in message.get("examples", ()):
            document = json.loads((PUBLISHED / message["payload"]["schema"]["$ref"]).read_bytes())
            Draft202012Validator(document).validate(example["payload"])
            seen += 1
    assert seen == sum(topic.form is Form.JSON for topic in TOPICS)


def test_a_party_has_an_operation_for_what_it_may_say_and_hear_and_no_other() -> None:
    operations = asyncapi()["operations"]
    told = {(name.split("-")[0], data["action"], data["channel"]["$ref"]) for name, data in operations.items()}
    meant = {(party.value, "send", f"#/channels/{t.name}") for t in TOPICS for party in t.writers}
    meant |= {(party.value, "receive", f"#/channels/{t.name}") for t in TOPICS for party in t.readers}
    assert told == meant
    assert {party for party, _, _ in told} == {party.value for party in Party}


def test_what_is_sent_says_quality_retention_and_expiry() -> None:
    binding = asyncapi()["operations"]["publisher-sends-notice"]["bindings"]["mqtt"]
    assert (binding["qos"], binding["retain"], binding["messageExpiryInterval"]) == (1, True, 72 * 3600)


def test_every_topic_error_and_document_is_on_its_page() -> None:
    assert all(f"`{topics.PREFIX}{topic.template}`" in topics_page() for topic in TOPICS)
    assert all(f"| `{code.value}` | {code.meaning} | {code.remedy} |" in errors_page() for code in ErrorCode)
    for kind in kinds():
        assert f"\n## {schema_of(kind)}\n" in documents_page()
        assert all(f"| `{field.encode_name}` |" in documents_page() for field in msgspec.structs.fields(kind))


def test_the_lines_of_a_docstring_stand_at_the_fields_they_explain() -> None:
    part = schema(type(example_of(kinds()[0])))["$defs"]
    assert all("Attributes:" not in definition.get("description", "") for definition in part.values())
    assert "A booth never goes back below this number" in documents_page()


@WHOLE
def test_every_command_and_option_is_on_the_page_and_has_a_help_text() -> None:
    page = (PUBLISHED / "commands.md").read_text("utf-8")
    for program, root in programs().items():
        for name, command in walk(program, root):
            assert f"`{name}" in page
            assert command.help, name
            for param in command.params:
                hidden = getattr(param, "hidden", False)
                assert hidden or all(option in page for option in param.opts if option.startswith("-"))


def test_booth_is_described_without_being_imported_by_the_office() -> None:
    assert {entry.name for entry in entry_points(group=PROGRAMS)} == {"booth", "boothctl"}
    names = [name for name, _ in walk("booth", programs()["booth"])]
    assert "booth player" in names


def test_a_group_that_cannot_be_loaded_stops_the_export(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page with a hole would look complete."""
    (tmp_path / "broken-1.dist-info").mkdir()
    (tmp_path / "broken-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (tmp_path / "broken-1.dist-info/entry_points.txt").write_text(f"[{GROUP}]\nbroken = nowhere.at_all:group\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ContractError) as refused:
        all_pages()
    assert refused.value.code is ErrorCode.CONFIG
    result = CliRunner().invoke(contract, ["export", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "cannot be loaded" in result.output
    assert not (tmp_path / "out").exists()


def test_an_export_is_the_same_each_time_and_touches_only_what_differs(tmp_path: Path) -> None:
    pages = contract_pages()
    assert write(tmp_path, pages) == len(pages)
    assert {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == pages
    assert write(tmp_path, contract_pages()) == 0
    (tmp_path / "errors.md").write_text("spoilt", "utf-8")
    assert write(tmp_path, contract_pages()) == 1


def test_an_export_removes_its_own_stale_pages_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for name in ("old.md", "schemas/gone-1.json"):
        (tmp_path / name).write_text(f"# Old\n\n{MARK}\n", "utf-8")
    (tmp_path / "guide.md").write_text("# By hand\n", "utf-8")
    write(tmp_path, contract_pages())
    assert not (tmp_path / "old.md").exists()
    assert not (tmp_path / "schemas/gone-1.json").exists()
    assert (tmp_path / "guide.md").exists()


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
