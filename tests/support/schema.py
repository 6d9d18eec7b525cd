"""Holding an answer against the JSON Schema of the product's own OpenAPI document: what it uses of it, no more."""

import re
from datetime import date, datetime
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    *("$ref", "anyOf", "type", "enum", "const", "properties", "required", "items", "additionalProperties", "format"),
    *("title", "description", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "maxItems"),
    *("prefixItems", "minItems"),
}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], place: str = "$") -> list[str]:
    """Where `value` is not what `schema` says; a keyword that this does not know is a fault too."""
    if unknown := schema.keys() - _KNOWN:
        return [f"{place}: unknown keywords {sorted(unknown)}"]
    if "$ref" in schema:
        return faults(value, resolve(document, schema["$ref"]), document, place)
    if "anyOf" in schema:
        tried = [faults(value, each, document, place) for each in schema["anyOf"]]
        return [] if any(not found for found in tried) else min(tried, key=len)
    if not _is_like(value, schema):
        return [f"{place}: {value!r} is not {schema}"]
    if isinstance(value, dict):
        return _object_faults(value, schema, document, place)
    items = value if isinstance(value, list) else []
    each = schema.get("items", {})
    return [fault for n, item in enumerate(items) for fault in faults(item, each, document, f"{place}[{n}]")]


def resolve(document: dict[str, Any], reference: str) -> dict[str, Any]:
    """The schema that `#/components/schemas/…` names."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def _is_like(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value itself is right, whatever is inside it."""
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "type" in schema and not _is_of(value, schema["type"]):
        return False
    return not isinstance(value, str) or _fits(value, schema)


def _is_of(value: Any, names: str | list[str]) -> bool:
    for name in [names] if isinstance(names, str) else names:
        if isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool)):
            return True
    return False


def _object_faults(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], place: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{place}: {name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known:
            found += faults(item, known[name], document, f"{place}.{name}")
        elif known and schema.get("additionalProperties") is None and "properties" in schema:
            # Everything sent is said: a field that the document does not know would be a secret of ours.
            found.append(f"{place}: {name} is not in the document")
    return found


def _fits(value: str, schema: dict[str, Any]) -> bool:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    try:
        if schema.get("format") == "date":
            date.fromisoformat(value)
        if schema.get("format") == "date-time":
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
