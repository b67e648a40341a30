"""Load plugins one by one: a plugin that fails says why and never stops the others.

Order (PLUGINS 6.11): metadata, names, import, registration, unknown hooks, manifest, adapters.
"""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from pluggy import HookImpl, PluginManager

from palabre.base.settings import Environment
from palabre.base.words import LOCALES, catalogue
from palabre.plugins.checks import (
    check_adapters,
    check_capabilities,
    check_hooks,
    check_manifest,
    check_simulators,
)
from palabre.plugins.discovery import Candidate, admit, discover
from palabre.plugins.families import FAMILIES, FamilyName
from palabre.plugins.registry import Listener, Loaded, Registry
from palabre.plugins.slots import LocalSlots, Slots
from palabre.plugins.states import LoaderOptions, PluginStatus, Refusal, RequiredPluginMissing
from palabre.sdk import API_VERSION, Adapter, PluginManifest
from palabre.sdk.hookspecs import PROJECT, Hooks
from palabre.sdk.simulator import Simulator

_log = structlog.get_logger(__name__)


class Host(Struct, frozen=True, kw_only=True):
    """What provider hooks are told of the process; fulfils ``palabre.sdk.context.HostInfo``."""

    environment: Environment
    api_version: tuple[int, int] = API_VERSION


def load(options: LoaderOptions, *, slots: Slots | None = None) -> Registry:
    """Load every plugin of this installation and freeze the result.

    Args:
        options: What this installation allows and requires.
        slots: Who counts the calls at once per account; of this process only when left out.

    Raises:
        RequiredPluginMissing: A required plugin is not active.
    """
    admitted, statuses = admit(discover(), options)
    host = Host(environment=options.environment)
    loaded: list[Loaded] = []
    for candidate in admitted:
        try:
            loaded.append(_load_one(candidate, host))
            statuses.append(candidate.status())
        except Refusal as refusal:
            statuses.append(candidate.status(refusal))
    statuses.sort(key=lambda status: (status.key, status.distribution))
    _report(statuses)
    _check_required(options, statuses)
    return Registry(loaded, statuses, slots or LocalSlots())


def _load_one(candidate: Candidate, host: Host) -> Loaded:
    """Import and check one plugin, in a manager of its own: nothing of it reaches the others."""
    module = _import(candidate)
    try:
        handed = _Hooks(_register(module, candidate.key), host)
        return _take(handed, module, candidate, host)
    except Refusal:
        raise
    except (Exception, SystemExit) as error:
        raise Refusal("failed", _describe("Loading", error)) from error


def _import(candidate: Candidate) -> ModuleType:
    try:
        module = candidate.entry.load()
    except (Exception, SystemExit) as error:
        raise Refusal("failed", _describe("The import", error)) from error
    if not isinstance(module, ModuleType):
        raise Refusal("failed", f"The entry point names a {type(module).__name__}, not a module.")
    return module


def _register(module: ModuleType, key: str) -> list[tuple[str, HookImpl]]:
    """Return the module's hooks; misspelt ones and unknown arguments raise in pluggy."""
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(module, name=key)
    manager.check_pending()
    impls = [
        (caller.name, impl)
        for caller in manager.get_hookcallers(module) or ()
        for impl in caller.get_hookimpls()
    ]
    check_hooks(impls)
    return impls


def _take(handed: "_Hooks", module: ModuleType, candidate: Candidate, host: Host) -> Loaded:
    """Call the plugin's manifest and provider hooks and check what they return."""
    manifest = check_manifest(handed.one("palabre_manifest"), candidate.key)
    adapters = _adapters(handed, manifest)
    simulators: tuple[Simulator, ...] = ()
    if host.environment != "production":
        simulators = check_simulators(handed.all("palabre_simulators"), manifest.key)
    package = module.__spec__.parent if module.__spec__ else ""
    _check_locales(package or "")
    return Loaded(
        manifest=manifest,
        adapters=adapters,
        simulators=simulators,
        listeners=tuple(
            Listener(plugin=manifest.key, version=candidate.version, impl=impl)
            for impl in handed.impls("palabre_on_event")
        ),
        package=package or "",
        status=candidate.status(),
    )


def _adapters(handed: "_Hooks", manifest: PluginManifest) -> dict[FamilyName, dict[str, Adapter]]:
    adapters = {
        family.name: check_adapters(family, handed.all(family.hook), manifest.key)
        for family in FAMILIES.values()
    }
    check_capabilities(
        manifest,
        [(FAMILIES[name], adapter) for name, some in adapters.items() for adapter in some.values()],
    )
    return adapters


def _check_locales(package: str) -> None:
    """Read the plugin's sentences now, so that a broken file is found at start-up."""
    for locale in LOCALES if package else ():
        try:
            catalogue(package, locale)
        except (msgspec.MsgspecError, ValueError) as error:
            raise Refusal("failed", f"locales/{locale}.json cannot be read: {error}") from error


class _Hooks:
    """The implementations of one plugin, called by name; other plugins are never touched."""

    def __init__(self, impls: Iterable[tuple[str, HookImpl]], host: Host) -> None:
        self._impls = list(impls)
        self._values = {"host": host}

    def impls(self, hook: str) -> list[HookImpl]:
        return [impl for name, impl in self._impls if name == hook]

    def one(self, hook: str) -> Any:
        found = self.impls(hook)
        if not found:
            raise Refusal("failed", f"There is no {hook}.")
        return self._call(found[0])

    def all(self, hook: str) -> Any:
        found = self.impls(hook)
        return self._call(found[0]) if found else ()

    def _call(self, impl: HookImpl) -> Any:
        return impl.function(*(self._values[name] for name in impl.argnames))


def _describe(what: str, error: BaseException) -> str:
    return f"{what} failed: {type(error).__name__}: {error}"[:500]


def _report(statuses: list[PluginStatus]) -> None:
    for status in statuses:
        say = _log.info if status.state == "active" else _log.warning
        say(
            "plugin_loaded" if status.state == "active" else "plugin_refused",
            plugin=status.key,
            distribution=status.distribution,
            version=status.version,
            state=status.state,
            reason=status.reason,
        )


def _check_required(options: LoaderOptions, statuses: list[PluginStatus]) -> None:
    for key in sorted(options.required):
        states = [status for status in statuses if status.key == key]
        if not any(status.state == "active" for status in states):
            why = "; ".join(status.reason for status in states) or "It is not installed."
            raise RequiredPluginMissing(f"The plugin {key} is required and not active. {why}")
