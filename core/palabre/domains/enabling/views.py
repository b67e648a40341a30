"""What goes out about plugins: of this installation, and for one client."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from palabre.plugins.states import State


class PluginScope(Struct, frozen=True, kw_only=True):
    """A permission the plugin asks at its platform, with the sentence people read first."""

    scope: str
    sentence: str
    required: bool


class PluginAdapter(Struct, frozen=True, kw_only=True):
    """One adapter: its family (``auth``, ``publisher``, ...), key and platform."""

    family: str
    key: str
    platform: str


class Plugin(Struct, frozen=True, kw_only=True):
    """A plugin found on this installation. ``reason`` says why it is not active."""

    key: str
    name: str
    version: str
    vendor: str = ""
    state: State
    reason: str = ""
    always_on: bool = False
    """Comes with Palabre and is on for every client."""
    capabilities: list[str] = []
    lifecycle: str = ""
    icon: str = ""
    colour: str = ""
    allowed_hosts: list[str] = []
    platform_api_version: str = ""
    platform_api_end: str = ""
    support_url: str = ""
    scopes: list[PluginScope] = []
    settings_schema: dict[str, Any] | None = None
    """JSON Schema of the settings form; secrets are ``writeOnly``."""
    adapters: list[PluginAdapter] = []


class EnabledBy(Struct, frozen=True, kw_only=True):
    """Who changed it last."""

    id: UUID
    name: str


class ClientPlugin(Struct, frozen=True, kw_only=True):
    """A plugin for one client.

    ``settings`` holds the client's own values, a secret only as ``{"set_at": time}``.
    ``missing``: required fields that no level sets; ``inherited``: fields that the agency or the
    installation sets.
    """

    plugin: Plugin
    enabled: bool
    configured: bool
    missing: list[str]
    inherited: list[str]
    settings: dict[str, Any]
    enabled_by: EnabledBy | None
    updated_at: datetime | None


class AgencyPlugin(Struct, frozen=True, kw_only=True):
    """The settings of a plugin for all clients of the agency; secrets as for a client."""

    plugin: str
    settings: dict[str, Any]
    missing: list[str]
    updated_at: datetime | None
