"""Entry point: the manifest and the hooks. Everything heavy is imported inside the hooks."""

from collections.abc import Iterable
from typing import Final

from palabre.sdk import (
    AuthProvider,
    Capability,
    PluginManifest,
    Publisher,
    RateBudget,
    hookimpl,
)
from palabre.sdk.simulator import Simulator
from palabre_facebook.scopes import SCOPES
from palabre_facebook.settings import GRAPH_VERSION, AppSettings

HOSTS: Final = ("graph.facebook.com", "graph-video.facebook.com")
SIMULATED_HOSTS: Final = ("www.facebook.com", *HOSTS)
_LOGO: Final = (
    "M24 12.07C24 5.4 18.63 0 12 0S0 5.4 0 12.07C0 18.1 4.39 23.1 10.13 24v-8.44H7.08v-3.49h3.05"
    "V9.41c0-3.03 1.79-4.7 4.53-4.7 1.31 0 2.69.24 2.69.24v2.97h-1.52c-1.49 0-1.96.93-1.96 1.89"
    "v2.26h3.33l-.53 3.49h-2.8V24C19.61 23.1 24 18.1 24 12.07Z"
)


@hookimpl
def palabre_manifest() -> PluginManifest:
    """Return the manifest."""
    return PluginManifest(
        key="facebook",
        name="Facebook",
        api=(1, 0),
        version="0.1.0",
        vendor="Palabre",
        capabilities=frozenset(
            {
                Capability.CONNECT,
                Capability.PUBLISH_TEXT,
                Capability.PUBLISH_LINK,
                Capability.PUBLISH_IMAGE,
                Capability.PUBLISH_CAROUSEL,
                Capability.PUBLISH_DELETE,
            }
        ),
        allowed_hosts=HOSTS,
        app_settings=AppSettings,
        scopes=SCOPES,
        refresh_style="exchange",
        # 200 calls per hour and daily active user (meta.md 2.5): counted as for a single user.
        rate_budgets=(RateBudget(per="app", limit=200, window_s=3600),),
        platform_api_version=GRAPH_VERSION,
        max_concurrency=2,
        min_interval_s=10.0,
        icon=_LOGO,
        colour="#0866FF",
        support_url="https://developers.facebook.com/docs/pages-api",
    )


@hookimpl
def palabre_auth_providers() -> Iterable[AuthProvider]:
    """Return the login."""
    from palabre_facebook.auth import FacebookAuth  # noqa: PLC0415 - light module, heavy inside

    return [FacebookAuth()]


@hookimpl
def palabre_publishers() -> Iterable[Publisher]:
    """Return the publisher."""
    from palabre_facebook.publisher import FacebookPages  # noqa: PLC0415 - as above

    return [FacebookPages()]


@hookimpl
def palabre_simulators() -> Iterable[Simulator]:
    """Return the simulator; it needs the extra ``simulator``."""
    from palabre_facebook.simulator.app import DEMO_APP, make_app  # noqa: PLC0415 - as above

    return [Simulator("facebook", hosts=SIMULATED_HOSTS, make=make_app, settings=DEMO_APP)]
