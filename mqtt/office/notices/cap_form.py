"""The form of a CAP 1.2 document, as its schema gives it: which elements stand where, in which order, how often.

The table reads like a content model: ``?`` at most once, ``*`` any number, ``+`` at least once, else exactly once.
"""

import re
from collections import Counter
from typing import Final

from mqtt.office.notices.cap_xml import Element

_NAMED_VALUE: Final = "valueName value"
FORM: Final = {
    "alert": "identifier sender sent status msgType source? scope restriction? addresses? code* note? references?"
    " incidents? info*",
    "info": "language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset?"
    " expires? senderName? headline? description? instruction? web? contact? parameter* resource* area*",
    "eventCode": _NAMED_VALUE,
    "parameter": _NAMED_VALUE,
    "resource": "resourceDesc mimeType size? uri? derefUri? digest?",
    "area": "areaDesc polygon* circle* geocode* altitude? ceiling?",
    "geocode": _NAMED_VALUE,
}
"""Elements with elements inside; every other one holds text (CAP 1.2, section 3.4)."""

_PART: Final = re.compile(r"(\w+)([?*+]?)")
_MOST_ONE: Final = frozenset({"", "?"})
_LEAST_ONE: Final = frozenset({"", "+"})


def check_form(alert: Element) -> None:
    """See that a document has the form of the standard.

    Raises:
        ContractError: ``E_CAP`` naming the first element that is out of place, missing or there too often.
    """
    if alert.name != "alert":
        raise alert.refusal("a CAP document is an alert")
    _check(alert)


def _check(element: Element) -> None:
    parts = dict(_PART.findall(FORM.get(element.name, "")))
    if parts and element.text:
        raise element.refusal("text stands between its elements")
    names = list(parts)
    reached = 0
    for child in element.children:
        if child.name not in parts:
            raise child.refusal(f"has no place in {element.name}")
        place = names.index(child.name)
        if place < reached:
            raise child.refusal(f"must stand before {names[reached]}")
        reached = place
        _check(child)
    counts = Counter(child.name for child in element.children)
    for name, often in parts.items():
        if often in _LEAST_ONE and not counts[name]:
            raise element.refusal(f"{name} is missing")
        if often in _MOST_ONE and counts[name] > 1:
            raise element.refusal(f"{name} stands in it {counts[name]} times")
