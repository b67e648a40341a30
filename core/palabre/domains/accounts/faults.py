"""Failures at a platform as they are stored with an attempt or an account, and told later."""

from typing import Any

from msgspec import Struct

from palabre.base.words import has
from palabre.plugins.registry import Registry
from palabre.sdk.errors import PermissionMissing, PluginError


class ErrorNote(Struct, frozen=True, kw_only=True):
    """A failure as people read it."""

    code: str
    message: str


def stored(error: PluginError) -> dict[str, Any]:
    """Return the values of ``error_code`` and ``error_params``; nothing internal, no secret."""
    params: dict[str, Any] = dict(error.params)
    if isinstance(error, PermissionMissing):
        params.setdefault("scopes", ", ".join(error.scopes))
    names = [kind.__name__ for kind in type(error).__mro__ if issubclass(kind, PluginError)]
    return {
        "error_code": error.code,
        "error_params": {"keys": [error.user_key or "", *names], "params": params},
    }


def note(
    registry: Registry, plugin: str, locale: str, code: str | None, params: dict[str, Any] | None
) -> ErrorNote | None:
    """Return a stored failure in ``locale``: the plugin's own sentence, else that of its class."""
    if code is None:
        return None
    kept = params or {}
    values = {"plugin": plugin_name(registry, plugin)} | kept.get("params", {})
    for key in kept.get("keys", ()):
        if key and has(key, package=registry.package(plugin, key)):
            return ErrorNote(code=code, message=registry.say(plugin, locale, key, values))
    return ErrorNote(code=code, message=code)


def plugin_name(registry: Registry, plugin: str) -> str:
    """Return the plugin's name, its key when it is not active here."""
    return registry.plugins[plugin].manifest.name if plugin in registry.plugins else plugin
