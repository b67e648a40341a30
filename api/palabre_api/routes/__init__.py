"""Every route of the API, one module per resource."""

from palabre_api.routes import health

ALL = [*health.handlers]
