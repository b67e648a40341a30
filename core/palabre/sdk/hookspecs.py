"""The catalogue of hooks a plugin may implement. Provider hooks are synchronous and run once.

An implementation may leave out any argument it does not need and must not give arguments defaults
(pluggy would use the default and never pass the host's value).
"""

from collections.abc import Awaitable, Iterable

import pluggy

from palabre.sdk.adapters import (
    AuthProvider,
    LeadSource,
    MediaStore,
    MetricsSource,
    Publisher,
    WebhookHandler,
)
from palabre.sdk.context import HostInfo
from palabre.sdk.events import Event
from palabre.sdk.manifest import PluginManifest
from palabre.sdk.simulator import Simulator

PROJECT = "palabre"
ENTRY_POINT_GROUP = "palabre.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """Every hook, one method each."""

    @hookspec
    def palabre_manifest(self) -> PluginManifest:  # type: ignore[empty-body]
        """Return the plugin's manifest. Called once when the plugin is loaded; mandatory.

        Since 1.0.
        """

    @hookspec
    def palabre_auth_providers(self, host: HostInfo) -> Iterable[AuthProvider]:  # type: ignore[empty-body]
        """Return the adapters that connect accounts. Called once at start-up. Since 1.0."""

    @hookspec
    def palabre_publishers(self, host: HostInfo) -> Iterable[Publisher]:  # type: ignore[empty-body]
        """Return the adapters that publish. Called once at start-up. Since 1.0."""

    @hookspec
    def palabre_metrics_sources(self, host: HostInfo) -> Iterable[MetricsSource]:  # type: ignore[empty-body]
        """Return the adapters that read metrics. Called once at start-up. Since 1.0."""

    @hookspec
    def palabre_media_stores(self, host: HostInfo) -> Iterable[MediaStore]:  # type: ignore[empty-body]
        """Return the adapters that keep files. Called once at start-up. Since 1.0."""

    @hookspec
    def palabre_lead_sources(self, host: HostInfo) -> Iterable[LeadSource]:  # type: ignore[empty-body]
        """Return the adapters that bring leads. Called once at start-up. Since 1.0."""

    @hookspec
    def palabre_webhooks(self, host: HostInfo) -> Iterable[WebhookHandler]:  # type: ignore[empty-body]
        """Return the adapters that understand inbound webhooks. Called once. Since 1.0."""

    @hookspec
    def palabre_simulators(self, host: HostInfo) -> Iterable[Simulator]:  # type: ignore[empty-body]
        """Return simulators of the platform for demo and tests; never called in production.

        Since 1.0.
        """

    @hookspec
    def palabre_on_event(self, event: Event) -> Awaitable[None] | None:
        """Hear what happened at a client for whom the plugin is enabled.

        Called after the change is committed, at least once per event (``event.event_id`` tells
        repeats), within 2 s, sync or ``async def``. An exception is logged and counted and stops
        nothing. Since 1.0.
        """
