"""Commands that serve HTTP: the API and the simulated platforms."""

from typing import Any, cast

import uvicorn

from palabre.base.settings import Settings, SettingsError
from palabre.simulators import simulator_app
from palabre.start import load_plugins

DRAIN_S = 20
"""Seconds running requests may take to finish after SIGTERM."""


def serve_api(settings: Settings, host: str, port: int) -> None:
    """Serve the API until SIGTERM."""
    from palabre_api.app import create_app  # noqa: PLC0415  # a layer beside the command line

    _serve(create_app(settings), settings, host, port)


def serve_simulators(settings: Settings, host: str, port: int) -> None:
    """Serve every simulator of the installed plugins until SIGTERM.

    Raises:
        SettingsError: In production there are no simulators.
    """
    if settings.environment == "production":
        raise SettingsError("Simulators are for demo and test: PALABRE_ENV is production.")
    simulators = load_plugins(settings).simulators
    origin = settings.simulator_origin or f"http://{host}:{port}"
    app = simulator_app(simulators, origin, settings.state_dir / "simulators")
    _serve(app, settings, host, port)


def _serve(app: Any, settings: Settings, host: str, port: int) -> None:
    uvicorn.run(
        cast("Any", app),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies) or None,
        timeout_graceful_shutdown=DRAIN_S,
    )
