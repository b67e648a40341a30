"""The contract for plugin authors: import everything from here."""

from palabre.sdk.adapters import (
    Adapter,
    AuthProvider,
    LeadSource,
    MediaStore,
    MetricsSource,
    Publisher,
    WebhookHandler,
)
from palabre.sdk.hookspecs import ENTRY_POINT_GROUP, hookimpl
from palabre.sdk.manifest import API_VERSION, PluginManifest, RateBudget, ScopeNeed
from palabre.sdk.values import Capability, MediaRef, Secret, SecretText, Value, Violation

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
    "Adapter",
    "AuthProvider",
    "Capability",
    "LeadSource",
    "MediaRef",
    "MediaStore",
    "MetricsSource",
    "PluginManifest",
    "Publisher",
    "RateBudget",
    "ScopeNeed",
    "Secret",
    "SecretText",
    "Value",
    "Violation",
    "WebhookHandler",
    "hookimpl",
]
