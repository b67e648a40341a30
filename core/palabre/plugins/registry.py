"""What was loaded, frozen: adapters by family and key, manifests, states, sentences, listeners.

``Registry.for_client`` is the only door to adapters: a plugin that is not enabled is not there.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from msgspec import Struct
from pluggy import HookImpl

from palabre.base.words import has, say
from palabre.plugins.families import FAMILIES, FamilyName
from palabre.plugins.settings import schema
from palabre.plugins.slots import Slots
from palabre.plugins.states import PluginStatus
from palabre.sdk import (
    Adapter,
    AuthProvider,
    LeadSource,
    MediaStore,
    MetricsSource,
    PluginManifest,
    Publisher,
    WebhookHandler,
)
from palabre.sdk.errors import NotEnabled, PluginError, Unsupported
from palabre.sdk.simulator import Simulator

_CORE_PACKAGES = ("palabre.plugins", "palabre")


class Listener(Struct, frozen=True, kw_only=True):
    """One plugin's implementation of ``palabre_on_event``."""

    plugin: str
    version: str
    impl: HookImpl


class Loaded(Struct, frozen=True, kw_only=True):
    """One active plugin. ``package`` holds its ``locales``; empty when it ships none."""

    manifest: PluginManifest
    adapters: Mapping[FamilyName, Mapping[str, Adapter]]
    simulators: tuple[Simulator, ...]
    listeners: tuple[Listener, ...]
    package: str
    status: PluginStatus


class Registry:
    """Every plugin of this process; nothing changes after start-up."""

    def __init__(
        self, loaded: Iterable[Loaded], statuses: Iterable[PluginStatus], slots: Slots
    ) -> None:
        plugins = {one.manifest.key: one for one in loaded}
        self.plugins: Mapping[str, Loaded] = MappingProxyType(plugins)
        self.statuses = tuple(statuses)
        self.slots = slots
        self.always_on = frozenset(
            key for key, one in plugins.items() if one.status.origin == "builtin"
        )
        """Plugins that come with core: on for every client."""
        self.adapters: Mapping[FamilyName, Mapping[str, Adapter]] = MappingProxyType(
            {name: MappingProxyType(_merge(plugins, name)) for name in FAMILIES}
        )
        self.listeners = tuple(item for one in plugins.values() for item in one.listeners)
        self.simulators = tuple(item for one in plugins.values() for item in one.simulators)

    def for_client(self, enabled: frozenset[str]) -> "ClientView":
        """Return the adapters of one client, given the keys of the plugins enabled for it."""
        return ClientView(self, enabled)

    def unscoped(self) -> "ClientView":
        """Return every adapter, for what happens before a client is known (routing a webhook)."""
        return ClientView(self, frozenset(self.plugins))

    def manifest(self, plugin_key: str) -> PluginManifest:
        """Return the manifest of an active plugin.

        Raises:
            NotEnabled: The plugin is not active in this process.
        """
        if plugin_key not in self.plugins:
            raise NotEnabled(self._why_absent(plugin_key))
        return self.plugins[plugin_key].manifest

    def say(
        self,
        plugin_key: str,
        locale: str,
        key: str,
        params: Mapping[str, object] | None = None,
    ) -> str:
        """Return a plugin's sentence in ``locale``; core's, then the key, where it has none."""
        return say(locale, key, params, package=self.package(plugin_key, key))

    def explain(self, plugin_key: str, locale: str, error: PluginError) -> str:
        """Return the sentence people read for ``error``: its own key, else that of its class."""
        if error.user_key and has(error.user_key, package=self.package(plugin_key, error.user_key)):
            return self.say(plugin_key, locale, error.user_key, error.params)
        name = self.plugins[plugin_key].manifest.name if plugin_key in self.plugins else plugin_key
        for kind in type(error).__mro__:
            if has(kind.__name__, package=self.package(plugin_key, kind.__name__)):
                params = {"plugin": name} | error.params
                return self.say(plugin_key, locale, kind.__name__, params)
        return error.code

    def package(self, plugin_key: str, key: str) -> str:
        """Return the package whose ``locales`` hold the sentence ``key`` for a plugin."""
        own = self.plugins[plugin_key].package if plugin_key in self.plugins else ""
        packages = (own, *_CORE_PACKAGES) if own else _CORE_PACKAGES
        return next((package for package in packages if has(key, package=package)), packages[-1])

    def describe(self) -> list[dict[str, Any]]:
        """Return every plugin found as plain data, for ``GET /v1/plugins`` and the docs."""
        return [self._describe(status) for status in self.statuses]

    def _describe(self, status: PluginStatus) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "key": status.key,
            "distribution": status.distribution,
            "distribution_version": status.version,
            "origin": status.origin,
            "state": status.state,
            "reason": status.reason,
        }
        if status.state != "active":
            return {"name": status.key} | facts
        one = self.plugins[status.key]
        settings = one.manifest.app_settings
        return (
            one.manifest.describe()
            | facts
            | {
                "version": status.version,
                "settings_schema": schema(settings) if settings else None,
                "adapters": [_describe_adapter(name, item) for name, item in _each(one)],
            }
        )

    def _why_absent(self, plugin_key: str) -> str:
        for status in self.statuses:
            if status.key == plugin_key:
                return f"{plugin_key} is {status.state}: {status.reason}"
        return f"{plugin_key} is not installed"


class ClientView:
    """The adapters of one client: two slots, made for each use, closed unless enabled."""

    __slots__ = ("enabled", "registry")

    def __init__(self, registry: Registry, enabled: frozenset[str]) -> None:
        self.registry = registry
        self.enabled = enabled

    def is_enabled(self, plugin_key: str) -> bool:
        """Tell whether the client may use the plugin and it is active here."""
        registry = self.registry
        return plugin_key in registry.plugins and (
            plugin_key in self.enabled or plugin_key in registry.always_on
        )

    def adapter(self, family: FamilyName, key: str) -> Adapter:
        """Return one adapter, never another one in its place.

        Raises:
            NotEnabled: The plugin is off for the client, or not active in this process.
            Unsupported: The plugin has no such adapter.
        """
        plugin_key = key.partition(".")[0]
        registry = self.registry
        if plugin_key not in self.enabled and plugin_key not in registry.always_on:
            raise NotEnabled(f"{plugin_key} is not enabled for this client")
        found = registry.adapters[family].get(key)
        if found is None:
            registry.manifest(plugin_key)
            raise Unsupported(f"{plugin_key} has no {family} adapter {key}")
        return found

    def keys(self, family: FamilyName) -> tuple[str, ...]:
        """Return the adapter keys of a family that the client may use, sorted."""
        keys = self.registry.adapters[family]
        return tuple(sorted(key for key in keys if self.is_enabled(key.partition(".")[0])))

    def auth(self, key: str) -> AuthProvider:
        """Return the adapter that connects accounts. Errors as ``adapter``."""
        return cast("AuthProvider", self.adapter("auth", key))

    def publisher(self, key: str) -> Publisher:
        """Return the adapter that publishes. Errors as ``adapter``."""
        return cast("Publisher", self.adapter("publisher", key))

    def metrics(self, key: str) -> MetricsSource:
        """Return the adapter that reads metrics. Errors as ``adapter``."""
        return cast("MetricsSource", self.adapter("metrics", key))

    def media(self, key: str) -> MediaStore:
        """Return the adapter that keeps files. Errors as ``adapter``."""
        return cast("MediaStore", self.adapter("media", key))

    def leads(self, key: str) -> LeadSource:
        """Return the adapter that brings leads. Errors as ``adapter``."""
        return cast("LeadSource", self.adapter("leads", key))

    def webhooks(self, key: str) -> WebhookHandler:
        """Return the adapter that understands inbound webhooks. Errors as ``adapter``."""
        return cast("WebhookHandler", self.adapter("webhooks", key))


def _merge(plugins: Mapping[str, Loaded], family: FamilyName) -> dict[str, Adapter]:
    """Join the adapters of all plugins; keys begin with the plugin's, so none can clash."""
    return {key: item for one in plugins.values() for key, item in one.adapters[family].items()}


def _each(one: Loaded) -> Iterator[tuple[FamilyName, Adapter]]:
    for name, adapters in one.adapters.items():
        for adapter in adapters.values():
            yield name, adapter


def _describe_adapter(family: FamilyName, adapter: Adapter) -> dict[str, Any]:
    return {
        "family": family,
        "key": adapter.key,
        "platform": adapter.platform,
        "capabilities": sorted(adapter.capabilities),
    }
