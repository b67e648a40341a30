"""Example values made from a JSON schema: the same ones at every call, readable by people."""

from typing import Any, Final

_BY_FORMAT: Final = {
    "uuid": "01a1fc2b-7d91-78ea-8375-0f7aad3790b3",
    "date-time": "2026-11-26T14:30:00Z",
    "date": "2026-11-26",
    "uri": "https://example.org/page",
    "binary": "(file)",
}
_BY_NAME: Final = {
    "email": "awa@baobab.example",
    "password": "three words and 1 number",
    "time_zone": "Africa/Dakar",
    "locale": "fr",
    "name": "Teranga Foods",
    "agency_name": "Agence Baobab",
    "slug": "teranga-foods",
    "colour": "#8C4A2F",
    "text": "Rendez-vous samedi au marché Kermel.",
    "next_cursor": None,
    "key": "facebook",
    "version": "0.1.0",
}
_DEEPEST: Final = 8


def example(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """Return a value that fits ``schema``.

    Args:
        schema: JSON schema, may refer to components.
        components: The schemas of ``#/components/schemas``.
    """
    return _value("", schema, components, _DEEPEST)


def _value(name: str, schema: dict[str, Any], components: dict[str, Any], depth: int) -> Any:
    if depth == 0:
        return None
    if "$ref" in schema:
        target = components[schema["$ref"].rpartition("/")[2]]
        return _value(name, target, components, depth - 1)
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            parts = [part for part in schema[choice] if part.get("type") != "null"]
            return _value(name, parts[0], components, depth - 1) if parts else None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    return _of_type(name, schema, components, depth)


def _of_type(name: str, schema: dict[str, Any], components: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object":
        fields = schema.get("properties", {})
        return {key: _value(key, part, components, depth - 1) for key, part in fields.items()}
    if kind == "array":
        return [_value(name, schema.get("items", {}), components, depth - 1)]
    if kind == "string":
        return _BY_FORMAT.get(schema.get("format", ""), _BY_NAME.get(name, "text"))
    simple: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True}
    return simple.get(str(kind), _BY_NAME.get(name))
