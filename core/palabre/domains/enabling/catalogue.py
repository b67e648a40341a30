"""Tells what the plugins of this installation are, in the reader's language."""

from typing import Any

import msgspec

from palabre.base.errors import NotFound
from palabre.domains.enabling.views import Plugin, PluginAdapter, PluginScope
from palabre.plugins.registry import Registry


def plugins(registry: Registry, locale: str) -> list[Plugin]:
    """Return every plugin found, active or not, by name."""
    found = [_show(registry, facts, locale) for facts in registry.describe()]
    return sorted(found, key=lambda plugin: (plugin.name.lower(), plugin.key))


def plugin(registry: Registry, key: str, locale: str) -> Plugin:
    """Return one plugin.

    Raises:
        NotFound: There is none of this key.
    """
    for found in plugins(registry, locale):
        if found.key == key:
            return found
    raise NotFound("plugin_unknown")


def _show(registry: Registry, facts: dict[str, Any], locale: str) -> Plugin:
    key = facts["key"]
    known = {"version": facts["distribution_version"], **facts}
    known |= {
        "always_on": key in registry.always_on,
        "adapters": [
            PluginAdapter(family=item["family"], key=item["key"], platform=item["platform"])
            for item in facts.get("adapters", ())
        ],
        "scopes": _scopes(registry, key, locale) if facts["state"] == "active" else [],
        "settings_schema": _named(registry, key, locale, facts.get("settings_schema")),
    }
    return msgspec.convert(known, Plugin)


def _scopes(registry: Registry, key: str, locale: str) -> list[PluginScope]:
    return [
        PluginScope(
            scope=need.scope,
            sentence=registry.say(key, locale, need.sentence_key),
            required=need.required,
        )
        for need in registry.manifest(key).scopes
    ]


def _named(
    registry: Registry, key: str, locale: str, schema: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return the form's schema with the plugin's own word for each field: ``setting.<field>``."""
    if schema is None:
        return None
    fields = schema.get("properties", {})
    words = {name: registry.say(key, locale, f"setting.{name}") for name in fields}
    named = {
        name: part | ({"title": words[name]} if words[name] != f"setting.{name}" else {})
        for name, part in fields.items()
    }
    return schema | {"properties": named}
