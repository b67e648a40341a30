"""Every route of the API, one module per resource."""

from typing import Any

from palabre_api.routes import auth, clients, health, me

ALL: list[Any] = [*health.handlers, *auth.handlers, *me.handlers, *clients.handlers]
