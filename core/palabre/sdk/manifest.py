"""What a plugin says of itself: one manifest, data only."""

from typing import Any, Literal

from msgspec import Struct

from palabre.sdk.values import Capability, Key, Value

API_VERSION: tuple[int, int] = (1, 0)
"""Version of the contract. A plugin loads if its major is equal and its minor not newer."""

RefreshStyle = Literal["rotating", "extending", "exchange", "none"]


class ScopeNeed(Value, frozen=True, kw_only=True):
    """A permission asked at the platform, what it unlocks and the sentence people read first.

    ``sentence_key`` names an entry of the plugin's ``locales``.
    """

    scope: str
    capability: Capability
    sentence_key: str
    required: bool = True


class RateBudget(Value, frozen=True, kw_only=True):
    """Calls a platform allows: ``limit`` per ``window_s`` seconds, counted per ``per``."""

    per: Literal["app", "account", "endpoint"]
    limit: int
    window_s: int
    endpoint: str = ""


class PluginManifest(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identity, capabilities, hosts, settings and permissions of a plugin.

    ``key`` equals the entry-point name. ``allowed_hosts`` are exact hosts or ``*.suffix``; the
    word ``account`` allows the host stored with the account. ``app_settings`` describes one
    registration of an app at the platform and may be given for the installation, an agency or a
    client (merged field by field, the narrowest wins). Fields of type ``SecretText`` go to the
    vault.
    """

    key: Key
    name: str
    api: tuple[int, int]
    capabilities: frozenset[Capability]
    version: str = "0"
    vendor: str = ""
    lifecycle: Literal["incubation", "production", "mature", "deprecated"] = "incubation"
    allowed_hosts: tuple[str, ...] = ()
    app_settings: type[Struct] | None = None
    scopes: tuple[ScopeNeed, ...] = ()
    refresh_style: RefreshStyle = "none"
    rate_budgets: tuple[RateBudget, ...] = ()
    platform_api_version: str = ""
    platform_api_end: str = ""
    """ISO date after which the platform stops serving that version; empty when not announced."""
    max_concurrency: int = 4
    """Calls at once per account."""
    min_interval_s: float = 0.0
    """Seconds between two publications on one account."""
    icon: str = ""
    """SVG path data on a 24 x 24 grid, drawn in the current text colour."""
    colour: str = "#5A544B"
    support_url: str = ""

    def describe(self) -> dict[str, Any]:
        """Return the manifest as plain data for the API and the docs, without Python types."""
        return {
            "key": self.key,
            "name": self.name,
            "version": self.version,
            "vendor": self.vendor,
            "api": list(self.api),
            "lifecycle": self.lifecycle,
            "capabilities": sorted(self.capabilities),
            "allowed_hosts": list(self.allowed_hosts),
            "refresh_style": self.refresh_style,
            "platform_api_version": self.platform_api_version,
            "platform_api_end": self.platform_api_end,
            "icon": self.icon,
            "colour": self.colour,
            "support_url": self.support_url,
        }
