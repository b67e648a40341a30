"""Every route of the API, one module per resource."""

from typing import Any

from palabre_api.routes import audit, auth, clients, health, me, plugins

ALL: list[Any] = [
    *health.handlers,
    *auth.handlers,
    *me.handlers,
    *clients.handlers,
    *plugins.handlers,
    *audit.handlers,
]
