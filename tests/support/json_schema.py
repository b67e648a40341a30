"""Tells where a value does not fit a JSON schema of the OpenAPI document."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}
FORMATS = {"uuid": UUID, "date-time": datetime.fromisoformat}
KNOWN = {
    *("$ref", "additionalProperties", "allOf", "anyOf", "const", "contentEncoding"),
    *("contentMediaType", "default", "description", "enum", "exclusiveMaximum"),
    *("exclusiveMinimum", "format", "items", "maxItems", "maxLength", "maximum", "minItems"),
    *("minLength", "minimum", "oneOf", "pattern", "properties", "required", "title", "type"),
}
"""Words this module understands or that say nothing about values; others must not pass unseen."""


def faults(value: Any, schema: dict[str, Any], components: dict[str, Any]) -> list[str]:
    """Return what does not fit, each as path and reason."""
    return [f"${path}: {why}" for path, why in _faults(value, schema, components, "")]


def _faults(
    value: Any, schema: dict[str, Any], components: dict[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    unknown = set(schema) - KNOWN
    if unknown:
        yield path, f"schema says {unknown}, which nobody checks"
    for word in ("oneOf", "anyOf"):
        options = schema.get(word)
        if options and all(list(_faults(value, one, components, path)) for one in options):
            yield path, f"{value!r} fits none of {word}"
    for part in schema.get("allOf", ()):
        yield from _faults(value, part, components, path)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield path, f"{value!r} is not {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"{value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield path, f"{value!r} is not {schema['const']!r}"
    yield from _bounds(value, schema, path)
    yield from _parts(value, schema, components, path)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _bounds(value: Any, schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield path, f"length {len(value)}"
        if not re.search(schema.get("pattern", ""), value):
            yield path, f"{value!r} does not match {schema['pattern']}"
        try:
            FORMATS.get(schema.get("format", ""), str)(value)
        except ValueError:
            yield path, f"{value!r} is no {schema['format']}"
    low, high = ("minItems", "maxItems") if isinstance(value, list) else ("minimum", "maximum")
    size = len(value) if isinstance(value, list) else value
    counted = isinstance(size, int | float) and not isinstance(size, bool)
    if counted and not schema.get(low, size) <= size <= schema.get(high, size):
        yield path, f"{size} is out of bounds"


def _parts(
    value: Any, schema: dict[str, Any], components: dict[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _faults(item, schema.get("items", {}), components, f"{path}[{i}]")
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{path}.{name}", "missing"
        for name, item in value.items():
            if name in fields:
                yield from _faults(item, fields[name], components, f"{path}.{name}")
            elif fields and not isinstance(schema.get("additionalProperties"), dict):
                yield f"{path}.{name}", "not in the schema"
