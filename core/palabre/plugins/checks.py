"""Check what a plugin handed over: its hooks, its manifest, its adapters. Nothing is trusted."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct
from pluggy import HookImpl

from palabre.plugins.families import FAMILIES, Family
from palabre.plugins.settings import schema
from palabre.plugins.states import Refusal
from palabre.sdk import API_VERSION, Adapter, Capability, PluginManifest
from palabre.sdk.simulator import Simulator
from palabre.sdk.values import ADAPTER_KEY

_HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_OPTIONAL_METHODS = {
    Capability.PUBLISH_DELETE: ("publisher", "delete"),
    Capability.MEDIA_SHARE: ("media", "share"),
}
"""Capabilities that stand for one method with a base of its own."""


def check_hooks(impls: Iterable[tuple[str, HookImpl]]) -> None:
    """Refuse implementations that would not receive their arguments or would wrap others."""
    for name, impl in impls:
        if impl.kwargnames:
            raise Refusal(
                "failed",
                f"{name} gives {', '.join(impl.kwargnames)} a default; "
                "the value of the host would never arrive.",
            )
        if impl.hookwrapper or impl.wrapper:
            raise Refusal("failed", f"{name} is a wrapper; plugins may not wrap other plugins.")


def check_manifest(manifest: Any, key: str) -> PluginManifest:
    """Return the manifest, decoded anew so that every field has its declared type."""
    if not isinstance(manifest, PluginManifest):
        raise Refusal(
            "failed", f"palabre_manifest returned {_kind(manifest)}, not a PluginManifest."
        )
    _check_version(manifest)
    _check_fields(manifest)
    if manifest.key != key:
        raise Refusal(
            "failed", f"The manifest's key is {manifest.key}, the entry point's is {key}."
        )
    _check_hosts(manifest)
    _check_settings(manifest)
    return manifest


def _check_version(manifest: PluginManifest) -> None:
    """Compare contract versions; the sentence names the side to upgrade."""
    try:
        major, minor = (int(part) for part in manifest.api)
    except (TypeError, ValueError):
        raise Refusal("failed", "The manifest's api is not a pair of numbers.") from None
    ours = ".".join(map(str, API_VERSION))
    if (major, minor) > API_VERSION:
        raise Refusal(
            "incompatible",
            f"Written for contract {major}.{minor}; this Palabre speaks {ours}: upgrade Palabre.",
        )
    if major < API_VERSION[0]:
        raise Refusal(
            "incompatible",
            f"Written for contract {major}.{minor}; this Palabre speaks {ours}: "
            "upgrade the plugin.",
        )


def _check_fields(manifest: PluginManifest) -> None:
    """Constructors of Structs do not check types; decoding does."""
    fields = msgspec.structs.asdict(manifest)
    fields.pop("app_settings")
    try:
        msgspec.convert(msgspec.to_builtins(fields), PluginManifest)
    except (msgspec.ValidationError, TypeError, NotImplementedError) as error:
        raise Refusal("failed", f"The manifest is not valid: {error}") from error
    if manifest.max_concurrency < 1:
        raise Refusal("failed", "The manifest's max_concurrency is below 1.")


def _check_hosts(manifest: PluginManifest) -> None:
    for host in manifest.allowed_hosts:
        if host != "account" and not _HOST.fullmatch(host):
            raise Refusal(
                "failed", f"The allowed host {host!r} is neither a host nor *.host nor account."
            )


def _check_settings(manifest: PluginManifest) -> None:
    settings = manifest.app_settings
    if settings is None:
        return
    if not (isinstance(settings, type) and issubclass(settings, Struct)):
        raise Refusal("failed", "The manifest's app_settings is not a Struct class.")
    try:
        schema(settings)
    except Exception as error:
        raise Refusal("failed", f"app_settings gives no form: {error}") from error


def check_adapters(family: Family, handed: Any, key: str) -> dict[str, Adapter]:
    """Return the adapters of one family by key."""
    if inspect.iscoroutine(handed):
        handed.close()
        raise Refusal("failed", f"{family.hook} is async; provider hooks are synchronous.")
    if not isinstance(handed, Iterable):
        raise Refusal("failed", f"{family.hook} returned {_kind(handed)}, not adapters.")
    adapters: dict[str, Adapter] = {}
    for adapter in handed:
        if not isinstance(adapter, family.base):
            raise Refusal(
                "failed", f"{family.hook} returned {_kind(adapter)}, not a {family.base.__name__}."
            )
        _check_adapter(family, adapter, key)
        if adapter.key in adapters:
            first = type(adapters[adapter.key]).__name__
            raise Refusal(
                "failed",
                f"{first} and {type(adapter).__name__} both provide the {family.name} adapter "
                f"{adapter.key}.",
            )
        adapters[adapter.key] = adapter
    return adapters


def _check_adapter(family: Family, adapter: Adapter, key: str) -> None:
    """Check the names an adapter carries and that it only does what its family can."""
    label = type(adapter).__name__
    for name in ("key", "platform"):
        if not isinstance(getattr(adapter, name, None), str):
            raise Refusal("failed", f"{label} has no {name}.")
    if not ADAPTER_KEY.fullmatch(adapter.key) or adapter.key.partition(".")[0] != key:
        raise Refusal(
            "failed", f"{label} has the key {adapter.key!r}; it must be {key} or {key}.<platform>."
        )
    if adapter.blocking and family.streams:
        raise Refusal("failed", f"{label} is blocking; a family that streams cannot be.")


def check_capabilities(
    manifest: PluginManifest, adapters: Iterable[tuple[Family, Adapter]]
) -> None:
    """Compare what the manifest promises with what the adapters say and their methods do."""
    offered: set[str] = set()
    for family, adapter in adapters:
        offered |= adapter.capabilities
        _check_methods(family, adapter)
    missing = sorted(set(manifest.capabilities) - offered)
    if missing:
        raise Refusal("failed", f"The manifest declares {', '.join(missing)}; no adapter does it.")
    silent = sorted(offered - set(manifest.capabilities))
    if silent:
        raise Refusal("failed", f"Adapters do {', '.join(silent)}; the manifest does not say so.")


def _check_methods(family: Family, adapter: Adapter) -> None:
    for capability, (name, method) in _OPTIONAL_METHODS.items():
        if family.name != name:
            continue
        written = getattr(type(adapter), method) is not getattr(FAMILIES[name].base, method)
        if written != (capability in adapter.capabilities):
            problem = "does not declare" if written else "declares without a method"
            raise Refusal("failed", f"{type(adapter).__name__} {problem} {capability}.")


def check_simulators(handed: Any, key: str) -> tuple[Simulator, ...]:
    """Return the simulators a plugin ships."""
    if not isinstance(handed, Iterable):
        raise Refusal("failed", f"palabre_simulators returned {_kind(handed)}, not simulators.")
    simulators = tuple(handed)
    for simulator in simulators:
        if not isinstance(simulator, Simulator) or simulator.key != key:
            raise Refusal("failed", f"palabre_simulators returned no Simulator of {key}.")
    return simulators


def _kind(thing: Any) -> str:
    return type(thing).__name__
