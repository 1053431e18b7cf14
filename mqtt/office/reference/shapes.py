"""What a field of a JSON Schema may hold, in words for a table."""

from typing import Any, Final

_END: Final = "$(?!\\n)"
"""How the contract spells the end of a pattern so that Python and ECMA agree; people read ``$``."""


def shape(field: dict[str, Any]) -> str:  # noqa: PLR0911 - one line per shape of JSON Schema
    """Return the shape of a field in words: ``list of BlobRef, at most 4 items``."""
    match field:
        case {"$ref": str(target)}:
            return target.rpartition("/")[2]
        case {"anyOf": [*choices]}:
            return " or ".join(shape(choice) for choice in choices)
        case {"enum": [*values]}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": dict(item)}:
            return f"list of {shape(item)}" + _between(field, "minItems", "maxItems", " items")
        case {"type": "object", "additionalProperties": dict(item)} if item:
            return f"map to {shape(item)}"
        case {"type": "string"}:
            return _string(field)
        case {"type": str(name)}:
            return name + _between(field, "minimum", "maximum")
    return "any"


def _string(field: dict[str, Any]) -> str:
    if pattern := field.get("pattern"):
        return f"string `{pattern.replace(_END, '$')}`"
    name = str(field.get("format") or field.get("contentEncoding") or "string")
    return name + _between(field, "minLength", "maxLength", " characters")


def _between(field: dict[str, Any], least: str, most: str, unit: str = "") -> str:
    low, high = field.get(least), field.get(most)
    above = field.get("exclusiveMinimum") if least == "minimum" else None
    limits = [f"more than {above}"] if above is not None else []
    limits += [f"at least {low}"] if low is not None else []
    limits += [f"at most {high}"] if high is not None else []
    return f", {' and '.join(limits)}{unit}" if limits else ""
