"""A wrong regulation is refused with the key that is wrong, before any key is made."""

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.authority import parse_authority
from mqtt.office.content.regulation import required_languages
from mqtt.office.content.streams import read_streams
from mqtt.office.sample import CONTENT
from provisioning.authority import DEFAULT
from tests.practice_office import REGULATION


def test_the_regulation_of_the_practice_office_is_right() -> None:
    assert parse_authority(REGULATION.encode()).order == ("dic", "foreign-affairs", "police")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('order = ["dic", "foreign-affairs", "police"]', 'order = ["dic", "police"]', "order"),
        ('order = ["dic", "foreign-affairs"', 'order = ["dic", "dic", "foreign-affairs"', "order"),
        ("root = { keys = 2, threshold = 2", "root = { keys = 2, threshold = 3", "roles.root.threshold"),
        ("root = { keys = 2", 'root = { keys = "two"', "roles.root.keys"),
        ("root = { keys = 2", "root = { keys = 0", "roles.root.keys"),
        ("firmware = {", "firmwear = {", "roles.firmware"),
        ("keys = 3\nthreshold = 2", "keys = 3\nthreshold = 4", "agencies.foreign-affairs.threshold"),
        ("keys = 3\nthreshold = 2", "kees = 3", "agencies.foreign-affairs"),
        ("days = 730", "days = -1", "roles.root.days"),
        ('"essentials", "clarifications"]', '"essentials", "rumours"]', "agencies.police.categories"),
        ('"essentials", "clarifications"]', '"essentials", "a/b"]', "agencies.police.categories[1]"),
        ("[agencies.police]", "[agencies.Police]", "agencies.Police"),
        ("[agencies.police]", "[agencies.timestamp]", "agencies.timestamp"),
        ("[agencies.police]", "[agencies.dic-duty]", "agencies.dic-duty"),
        ("[agencies.foreign-affairs]", "[agencies.other]", "agencies"),
        ("city = {}", "city = {}\nterritory = {}", "categories.territory"),
        ("city = {}", 'city = { languages = ["english"] }', "categories.city.languages[0]"),
        ('"*/security"', '"ha-noi/security"', "agencies.police.duty.notices"),
        ('"*/security"', '"security"', "agencies.police.duty.notices[0]"),
        ('"*/security"', '"cat-bi/general"', "agencies.police.duty.notices"),
        ('kind = "air"', 'kind = "Air!"', "gates.cat-bi.kind"),
        ('vi = "Cát Bi"', 'vi = ""', "gates.cat-bi.vi"),
        ("[categories]", "[kategories]", "outermost table"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_key(old: str, new: str, key: str) -> None:
    assert old in REGULATION
    with pytest.raises(ContractError) as caught:
        parse_authority(REGULATION.replace(old, new, 1).encode())
    assert caught.value.code is ErrorCode.CONFIG
    assert caught.value.detail.startswith(f"authority.toml: {key}: ")


@pytest.mark.parametrize("text", [b"\xff", b"[[", b"schema = 'authority/1'"])
def test_what_is_no_regulation_is_refused(text: bytes) -> None:
    with pytest.raises(ContractError) as caught:
        parse_authority(text)
    assert caught.value.code is ErrorCode.CONFIG


def test_an_unknown_major_is_refused() -> None:
    with pytest.raises(ContractError) as caught:
        parse_authority(REGULATION.replace("authority/1", "authority/2").encode())
    assert caught.value.code is ErrorCode.SCHEMA


def test_the_shipped_regulation_lets_every_agency_supply_what_the_plan_says() -> None:
    """streams.toml says who supplies which category; the regulation must let exactly them sign it."""
    shipped = parse_authority(DEFAULT.read_bytes())
    streams, problems = read_streams(CONTENT / "streams.toml")
    assert streams is not None, problems
    supplied = {(name, agency) for name, supply in streams.categories.items() for agency in supply.agencies}
    allowed = {(name, agency) for agency, terms in shipped.agencies.items() for name in terms.categories}
    assert allowed == supplied
    assert set(streams.gates) == set(shipped.gates)


def test_the_shipped_regulation_is_read_by_the_content_check() -> None:
    languages = required_languages(DEFAULT.parent)
    assert languages["essentials"] == ("vi", "en", "zh", "lo", "km")
    assert languages["law"] == ("vi", "en")
